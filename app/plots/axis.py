"""Axes of figures: what each measures, where it ends, and the few kinds that figures have."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.plots import palette
from app.plots.downsample import Scale

Interval = tuple[float, float]
PADDING = 0.06
"""Room that an axis has beyond what is drawn, as a share of its length."""


@dataclass(frozen=True)
class Axis:
    """What an axis measures, and where it ends."""

    title: str = ""
    scale: Scale = "linear"
    range: Interval | None = None
    """Its ends; left open, plotly fits it to what is drawn, and a zoom outlives new data."""
    empty: Interval = (0.0, 1.0)
    """Ends of an open axis while nothing is drawn."""
    limits: Interval = (-math.inf, math.inf)
    """What an open axis does not go beyond."""
    ticks: Mapping[float, str] = field(default_factory=dict)
    """Names at values; left open, the axis is numbered."""
    grid: bool = True
    from_zero: bool = False
    numbers: bool = True
    zoom: bool = True
    slanted: bool = False
    """Whether its names are written upwards."""
    top: bool = False
    """Whether a horizontal axis stands above the plot."""

    def as_json(self, drawn: bool) -> dict[str, object]:
        """Convert to plotly's form; `drawn` is whether there is anything to fit an open axis to."""
        shown = self.range or (None if drawn else self.empty)
        layout: dict[str, object] = {
            **{"title": {"text": html_lines(self.title)}, "type": self.scale},
            **{"exponentformat": "none", "separatethousands": True, "nticks": 6},
            **{"showgrid": self.grid, "showticklabels": self.numbers, "fixedrange": not self.zoom},
        }
        if self.ticks:
            names = [html_lines(name) for name in self.ticks.values()]
            layout |= {"tickvals": list(self.ticks), "ticktext": names}
        elif self.scale == "log":
            layout["dtick"] = 1
        if shown:
            layout["range"] = [self.position(end) for end in shown]
        elif math.isfinite(self.limits[0]):
            layout["autorangeoptions"] = {"clipmin": self.limits[0], "clipmax": self.limits[1]}
        if self.from_zero:
            layout["rangemode"] = "tozero"
        if self.slanted:
            layout["tickangle"] = -45
        if self.top:
            layout["side"] = "top"
        return layout

    def position(self, value: float) -> float:
        """Value as plotly places it: in powers of ten on a logarithmic axis."""
        return math.log10(value) if self.scale == "log" else value

    def reach(self, low: float, high: float) -> Interval:
        """Its ends, as positions, with `low` to `high` drawn: those that are set, or about what plotly does."""
        drawn = low <= high
        if self.range or not drawn:
            first, last = self.range or self.empty
            return self.position(first), self.position(last)
        low, high = self.position(low), self.position(high)
        room = PADDING * (high - low) or 1.0
        return max(self.limits[0], low - room), min(self.limits[1], high + room)


def percent_axis(title: str = "test accuracy (%)") -> Axis:
    """Axis of shares in percent, fitted to what is drawn."""
    return Axis(title, empty=(0, 100), limits=(-2, 102))


def iteration_axis(scale: Scale, last: int | None = None, start_at_1: bool = False) -> Axis:
    """Axis of iterations.

    Args:
        scale: logarithmic or linear.
        last: iteration that the axis ends at; left open, it ends with what is drawn.
        start_at_1: whether a logarithmic one draws the start at 1, and says so.
    """
    logarithmic = scale == "log"
    title = "iteration (the start is drawn at 1)" if logarithmic and start_at_1 else "iteration"
    ends = None if last is None else (0.87, 1.15 * last) if logarithmic else (-0.03 * last, 1.03 * last)
    return Axis(title, scale, range=ends, empty=(1, 100))


def category_axis(
    names: Sequence[str],
    title: str = "",
    *,
    downwards: bool = False,
    zoom: bool = True,
    slanted: bool = False,
    top: bool = False,
) -> Axis:
    """Axis of the names at 0, 1, …, from the left or from below; `downwards` from above."""
    ends = (-0.5, len(names) - 0.5)
    return Axis(
        title,
        range=ends[::-1] if downwards else ends,
        ticks=dict(enumerate(names)),
        **{"grid": False, "zoom": zoom, "slanted": slanted, "top": top},
    )


def baseline() -> dict[str, object]:
    """The line at zero that bars stand on."""
    return {"zeroline": True, "zerolinecolor": palette.TEXT}


def html_lines(text: str) -> str:
    """Plain text as plotly's HTML: escaped, with its line breaks."""
    return html.escape(text).replace("\n", "<br>")
