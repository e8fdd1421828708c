"""Plotly figure that is updated in place: zoom, DOM node and focus survive while its data change.

`st.plotly_chart` remounts a chart whenever its data change; here plotly.js, which a browser loads once
(plotly_script.py), redraws the same node. Colours may be names (app/plots/palette.py), looked up in the
theme. For figures that do not change `st.plotly_chart` is right.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st
from plotly.io.json import to_json_plotly

from app.components.plotly_script import plotly_address
from app.components.scripts import declare_component

_FIGURE = declare_component(
    "dm_live_figure",
    __file__,
    ("newest_state", "plotly_script", "figure_export", "live_figure"),
    isolate_styles=False,  # plotly puts its style sheet in the document's head
)


@dataclass(frozen=True)
class ClickedPoint:
    """Point that was clicked: the trace's index in the figure and the point's in its trace."""

    trace: int
    index: int


@dataclass(frozen=True)
class LiveFigure:
    """Content of a live figure.

    Its size, margins, fonts and backgrounds are filled in from the theme; its width is the container's.
    """

    figure: Mapping[str, object]
    """`data` and `layout` in plotly's own form; `go.Figure.to_plotly_json()` gives it.

    Where the figure is narrower than the layout's `meta.narrow` CSS pixels, what an annotation has under
    `narrow` replaces the rest of it.
    """
    revision: int
    """Shown to tests as the node's `data-revision` once it is drawn."""
    alt: str
    """One sentence for readers who do not see the figure."""
    height: int = 380
    """CSS pixels, at most."""
    view: str = "figure"
    """Zoom is kept while this stays the same; give the run's id so that another run starts unzoomed."""
    source: str = ""
    """Address of the newest state, fetched when a live line of `subject` has changed; empty: never."""
    subject: str = ""
    """What it shows; a timeline of the same subject moves its mark."""
    mark: float | None = None
    """Position on the horizontal axis of a line that marks an iteration."""
    within: str = ""
    """Selector of the container whose height it fits in, where that one scrolls; empty: any height."""

    def as_json(self) -> dict[str, object]:
        """Convert to the JSON that live_figure.js reads."""
        return {**vars(self), "figure": to_json_plotly(self.figure)}


def show_live_figure(
    key: str, figure: LiveFigure, on_click: Callable[[ClickedPoint], None] | None = None
) -> None:
    """Draw a figure, or update the already drawn one in place.

    Args:
        key: widget key; identifies the figure over updates and reruns.
        figure: what to draw.
        on_click: called, as a Streamlit callback, with the point that was clicked.
    """

    def report() -> None:
        point = read_point(st.session_state[key].get("point"))
        if point is not None and on_click is not None:
            on_click(point)

    data = {**figure.as_json(), "plotly": plotly_address()}
    _FIGURE(key=key, data=data, on_point_change=report)


def read_point(value: object) -> ClickedPoint | None:
    """Parse what the browser reported; None when nothing was clicked."""
    if not isinstance(value, Mapping):
        return None
    trace, index = value.get("trace"), value.get("index")
    return ClickedPoint(trace, index) if isinstance(trace, int) and isinstance(index, int) else None
