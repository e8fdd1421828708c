"""Live status line: polls the server and updates itself without running the page's script.

It drives the rest of the page: image grids and live figures of the same subject fetch their own newest state
when the line has changed, and the script runs once when the page itself has (another status or button).
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
    """Text of a live line; `mark` is a theme's colour name for a dot before it."""

    text: str
    strong: bool = False
    mark: str = ""


@dataclass(frozen=True)
class LiveLine:
    """Content of a live line, with the change tokens of what follows it."""

    parts: tuple[LinePart, ...]
    revision: str
    """Changes with anything that the line or its followers show."""
    page_revision: str
    """Changes when the page's script has to run again."""
    poll_seconds: float
    """Until the browser polls again."""
    fraction: float | None = None
    """Share that is done, for a progress bar; None shows no bar."""

    def as_json(self) -> dict[str, object]:
        """Convert to the JSON that live_line.js reads."""
        return {
            "parts": [asdict(part) for part in self.parts],
            "moment": self.revision,
            "page": self.page_revision,
            "every": self.poll_seconds,
            "fraction": self.fraction,
        }


def show_live_line(key: str, line: LiveLine, *, source: str, subject: str = "") -> None:
    """Draw the line; from then on the browser keeps it up to date.

    Args:
        key: widget key.
        line: its content now.
        source: address that answers `?moment=REVISION` with the newest `LiveLine` as JSON, or 204 while the
            revision is the same.
        subject: what grids and figures on this page name to follow this line.
    """
    data = {"line": line.as_json(), "source": source, "subject": subject}
    _LINE(key=key, data=data, on_turned_change=lambda: None)
