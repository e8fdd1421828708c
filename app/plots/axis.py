"""Axes of figures: what each measures, and where it ends."""

import html
import math
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from app.plots.downsample import Scale

Interval = tuple[float, float]
PERCENT = "test accuracy (%)"
PADDING = 0.06
"""Room that an axis has beyond what is drawn, as a share of its length."""
LEAST_ROOM = 1.0
"""Room that an axis with limits has at least, in its own units."""


@dataclass(frozen=True)
class Axis:
    """What an axis measures, and where it ends; left open, plotly fits it, and a zoom outlives new data."""

    title: str = ""
    scale: Scale = "linear"
    _: KW_ONLY
    names: Sequence[str] = ()
    """Names at 0, 1, …; left open, it is numbered."""
    ticks: Sequence[tuple[float, str]] = ()
    """Texts at other values."""
    ends: Interval | None = None
    empty: Interval = (0.0, 1.0)
    """Ends of an open axis while nothing is drawn."""
    limits: Interval = (-math.inf, math.inf)
    """What an open axis does not go beyond."""
    from_zero: bool = False
    downwards: bool = False
    grid: bool = True
    numbers: bool = True
    zoom: bool = True
    slanted: bool = False
    """Whether names are written upwards."""
    top: bool = False
    """Whether a horizontal axis stands above the plot."""

    def as_json(self, low: float, high: float) -> dict[str, object]:
        """Convert to plotly's form; `low` to `high` is drawn, nothing where low is the greater."""
        ticks = self.ticks or list(enumerate(self.names))
        layout: dict[str, object] = {
            **({"title": {"text": html_lines(self.title)}} if self.title else {}),
            **{"type": self.scale, "nticks": 6, "exponentformat": "none", "separatethousands": True},
            **{"showticklabels": self.numbers, "showgrid": self.grid and not self.names},
            "fixedrange": not self.zoom,
        }
        if ticks:
            values, texts = zip(*ticks, strict=True)
            layout |= {"tickvals": values, "ticktext": [html_lines(text) for text in texts]}
        elif self.scale == "log":
            layout["dtick"] = 1
        if self.ends or self.names or low > high:
            first, last = self.reach(low, high)
            layout["range"] = [last, first] if self.downwards else [first, last]
        elif math.isfinite(self.limits[0]):
            limits = {"clipmin": self.limits[0], "clipmax": self.limits[1]}
            layout["autorangeoptions"] = limits | {"include": self.reach(low, high)}
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
        """Its ends, as positions, with `low` to `high` drawn: those set, or about where plotly puts them."""
        ends = (-0.5, len(self.names) - 0.5) if self.names else self.ends
        if ends or low > high:
            first, last = ends or self.empty
            return self.position(first), self.position(last)
        low, high = self.position(low), self.position(high)
        starts_at_zero = self.from_zero and low >= 0
        if starts_at_zero:
            low = 0.0
        least = LEAST_ROOM if math.isfinite(self.limits[0]) else 0.0
        room = max(PADDING * (high - low), least) or 1.0
        first = 0.0 if starts_at_zero else max(self.limits[0], low - room)
        return first, min(self.limits[1], high + room)


def percent_axis(title: str = PERCENT, *, from_zero: bool = False) -> Axis:
    """Axis of accuracies in percent, fitted to what is drawn; `from_zero` keeps small changes small."""
    return Axis(title, empty=(0, 100), limits=(-2, 102), from_zero=from_zero)


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
    return Axis(title, scale, ends=ends, empty=(1, 100))


def html_lines(text: str) -> str:
    """Plain text as plotly's HTML: escaped, with its line breaks."""
    return html.escape(text, quote=False).replace("\n", "<br>")
