"""Live status line: polls the server and updates itself without running the page's script.

It drives the rest of the page: image grids and live figures of the same subject fetch their own newest state
when the line has changed, and the script runs once when the page itself has (another status or button).
"""

from dataclasses import asdict, dataclass

from app.components.scripts import declare_component

_LINE = declare_component("dm_live_line", __file__)


@dataclass(frozen=True)
class LinePart:
    """Text of a live line; `mark` is a theme's colour name for a dot before it."""

    text: str
    strong: bool = False
    mark: str = ""


@dataclass(frozen=True)
class LiveLine:
    """Content of a live line, with change tokens; its fields are what live_line.js reads."""

    parts: tuple[LinePart, ...]
    revision: str
    """Changes with anything that the line or its followers show."""
    page_revision: str
    """Changes when the page's script has to run again."""
    poll_seconds: float
    """Until the browser polls again."""
    fraction: float | None = None
    """Share that is done, for a progress bar; None shows no bar."""
    wraps: bool = False
    """Whether a sentence too long for one line goes on in the next; else the rest is shown on hover."""


def show_live_line(key: str, line: LiveLine, *, source: str, subject: str = "") -> None:
    """Draw the line; from then on the browser keeps it up to date.

    Args:
        key: widget key.
        line: its content now.
        source: address that answers `?moment=REVISION` with the newest `LiveLine` as JSON, or 204 while the
            revision is the same.
        subject: what grids and figures on this page name to follow this line.
    """
    data = {"line": asdict(line), "source": source, "subject": subject}
    _LINE(key=key, data=data, on_turned_change=lambda: None)
