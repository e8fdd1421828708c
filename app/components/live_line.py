"""A line of text that keeps itself up to date: it asks the server for news without running the page's script.

Its news drive the rest of the page: image grids and live figures that follow the same subject fetch their own
newest state, and when the page itself has turned (another status, another button) the script runs once.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

import streamlit as st

_HTML = '<div class="line"><p></p><div class="bar" role="progressbar" hidden><div></div></div></div>'
_CSS = """
.line { font-family: var(--st-font); color: var(--st-text-color); line-height: 1.5;
        font-variant-numeric: tabular-nums; contain: content; }
p { display: flex; flex-wrap: wrap; column-gap: 0.9em; margin: 0; }
p > span { overflow-wrap: anywhere; }
[hidden] { display: none; }
.strong { font-weight: 600; }
.bar { height: 0.5rem; margin-top: 0.45rem; border-radius: 0.25rem; overflow: hidden;
       background: var(--st-secondary-background-color); box-shadow: inset 0 0 0 1px var(--st-border-color); }
.bar div { height: 100%; background: var(--st-primary-color); transform-origin: left; }
"""
_LINE = st.components.v2.component(
    "dm_live_line",
    html=_HTML,
    css=_CSS,
    js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8"),
)


@dataclass(frozen=True)
class LinePart:
    """A few words of the line; `mark` is a theme's colour name for a dot before them."""

    text: str
    strong: bool = False
    mark: str = ""


@dataclass(frozen=True)
class LiveLine:
    """One moment of a live line."""

    parts: tuple[LinePart, ...]
    revision: str
    """Changes with anything that the line or its followers show."""
    page: str
    """Changes when the page's script has to run again."""
    every: float
    """Seconds until the browser asks again."""
    fraction: float | None = None
    """Share that is done, for a progress bar; None shows no bar."""

    def as_json(self) -> dict[str, object]:
        """What the browser's half reads."""
        return asdict(self)


def show_live_line(key: str, line: LiveLine, *, source: str, subject: str = "") -> None:
    """Draw the line; from then on the browser keeps it up to date.

    Args:
        key: identifies the line over reruns.
        line: what it says now.
        source: address that answers `?moment=M` with the newest `LiveLine` as JSON, or 204 while it is M.
        subject: what grids and figures on this page name to follow this line's news.
    """
    data = {"line": line.as_json(), "source": source, "subject": subject}
    _LINE(key=key, data=data, on_turned_change=lambda: None)
