"""Timeline of a run: a scrubber over its stored iterations, and Play. At its right end the run is live.

While it is dragged the browser shows thumbnails that were sent once, and moves image grid and chart itself;
the script is told the iteration when the scrubber is released, and sends the exact pixels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from app.components.scripts import declare_component

_TIMELINE = declare_component("dm_timeline", __file__, ("packed_frame", "newest_state", "timeline"))


@dataclass(frozen=True)
class Timeline:
    """Content of the timeline; its fields are what timeline.js reads."""

    stops: Sequence[int]
    """Stored iterations, ascending."""
    newest: int
    """Newest iteration."""
    at: int | None
    """Stop that is selected; None: the newest iteration."""
    moving: bool
    """Whether newer iterations are to come."""
    subject: str
    """What it moves: figures of the same subject, and the grid that names the same film."""
    film: str
    """Address of the thumbnails; with `&after=ITERATION` of those that came since. Empty: none.

    They are fetched when a person touches the timeline.
    """
    note: str
    """Text below it."""
    source: str
    """Address that answers the newest `stops` and `newest` as JSON."""
    brief: bool = False
    """Whether its text is the iteration alone, beside it."""


def show_timeline(key: str, timeline: Timeline, on_release: Callable[[int | None], None]) -> None:
    """Draw the timeline.

    Args:
        key: widget key.
        timeline: its content now; the browser fetches later stops itself.
        on_release: called, as a Streamlit callback, with the stop at which the scrubber was released; None
            for the newest iteration.
    """

    def report() -> None:
        released = st.session_state[key].get("at")
        if isinstance(released, Mapping):
            on_release(read_stop(released.get("iteration")))

    _TIMELINE(key=key, data=asdict(timeline), on_at_change=report)


def read_stop(value: object) -> int | None:
    """Parse the iteration that the browser reported; None for the newest."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
