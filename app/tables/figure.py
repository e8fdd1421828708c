"""Figure on a table's page: its live resource, and what stands above and below it."""

from collections.abc import Callable
from dataclasses import dataclass

from app.components.live_figure import LiveFigure
from app.components.live_resource import LiveResource, Query
from app.tables.state import TableState


@dataclass(frozen=True)
class TableFigure:
    """Slots of a page that differ between tables, around their figure."""

    key: str
    """Widget key."""
    live: LiveResource[TableState, LiveFigure]
    show_above: Callable[[TableState], None] = lambda state: None
    """Draws what stands above the status line."""
    choose: Callable[[TableState], dict[str, str]] = lambda state: {}
    """Draws the switches above the figure; returns the parameters of its live address."""
    show_notes: Callable[[TableState, Query], None] = lambda state, query: None
    """Draws the notes below the figure."""
    has_content: Callable[[TableState], bool] = lambda state: True
    """Whether there is anything to draw yet."""
    not_begun: str = ""
    """What running the table computes, where the usual sentences do not fit."""
