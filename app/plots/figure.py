"""Figure builder: a figure module says what a figure draws; how it looks is decided here, for all of them.

A figure is plotly's own JSON: `go.Figure` would check it at every update, at ten times the cost. Every text
that a figure module gives is plain: it is escaped here, and a line break in it becomes plotly's. Sizes are
design tokens (app/assets/tokens.css), colours are names that the live figure looks up in the page's theme.
"""

import math
from collections.abc import Sequence
from typing import Literal, TypedDict, Unpack

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.annotations import Annotations
from app.plots.axis import Axis, Interval, html_lines
from app.plots.line_ends import NAME_LETTERS, NARROW_LETTERS, LineEnd, coloured_sign, end_labels, label_margin
from app.plots.marks import Dash, Mark, line_style, marker_style
from app.plots.tokens import size

Figure = dict[str, object]
"""A figure in plotly's own form."""
Values = Sequence[float] | Sequence[float | None] | npt.NDArray[np.generic]
LEGEND = {
    **{"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"},
    **{"itemsizing": "constant", "tracegroupgap": 0},
}
PANEL_GAP = 0.1
FEWEST_ON_A_CURVE = 3
"""Gap between two panels, as a share of the figure's height."""


class Details(TypedDict, total=False):
    """What a line, points or bars may have besides places and a colour."""

    name: str
    hover: str
    """Plotly's template of what is said of a point, with `%{x}`, `%{y}` and its text as `%{customdata}`."""
    texts: Sequence[str]
    """For each point; without a template they are what is said of it, without either nothing is."""
    mark: Mark
    """Marker at each point."""
    symbol: str
    """Of the markers; a circle by default."""
    spread: Sequence[float]
    """For each point, half the length of its error bar."""


class FigureBuilder:
    """A figure in the making: each method adds what it is named after, `build` gives the figure."""

    def __init__(
        self,
        x: Axis,
        y: Axis,
        *,
        height: float = 0,
        letters: int = NAME_LETTERS,
        values: Literal["x", "y"] = "y",
    ) -> None:
        """Begin a figure.

        Args:
            x: horizontal axis.
            y: vertical axis, of every panel where there are some.
            height: CSS pixels the figure will have; keeps the names at the line ends apart.
            letters: longer names at the line ends are shortened.
            values: axis that levels, deviations and bars lie along.
        """
        self._x, self._y, self._height, self._letters, self._values = x, y, height, letters, values
        self._traces: list[dict[str, object]] = []
        self.annotations = Annotations()
        self._ends: list[LineEnd] = []
        self._panels: list[tuple[str, str]] = []
        self._drawn: dict[int, list[float]] = {}
        self._bars: Literal["", "group", "stack"] = ""

    def line(
        self,
        x: Values,
        y: Values,
        colour: str,
        *,
        dash: Dash = "solid",
        thin: bool = False,
        **details: Unpack[Details],
    ) -> None:
        """Line through points, interrupted by None; `thin` stands back."""
        trace = self._scatter("lines+markers" if "mark" in details else "lines", x, y, colour, details)
        trace["line"] = line_style(colour, dash, thin=thin)

    def curve(self, x: Values, y: Values, colour: str, **details: Unpack[Details]) -> None:
        """Line with its points; of fewer than three points these alone: two are no law."""
        details.setdefault("mark", "point")
        draw = self.line if len(x) >= FEWEST_ON_A_CURVE else self.points
        draw(x, y, colour, **details)

    def points(
        self, x: Values, y: Values, colour: str, *, legend: bool = False, **details: Unpack[Details]
    ) -> None:
        """Markers, faint dots by default; `legend` is whether their name stands above the plot."""
        trace = self._scatter("markers", x, y, colour, details)
        trace |= {"legendgroup": trace["name"], "showlegend": legend}

    def marks(
        self, places: Sequence[tuple[float, float]], reach: float, colour: str, **details: Unpack[Details]
    ) -> None:
        """Published values, recorded elsewhere: a dotted stroke across each (x, y), with a text each."""
        across, along = (0.0, reach) if self._values == "x" else (reach, 0.0)
        x = [end for x, _ in places for end in (x - across, x + across, None)]
        y = [end for _, y in places for end in (y - along, y + along, None)]
        details["texts"] = [text for text in details.get("texts", ()) for _ in range(3)]
        self.line(x, y, colour, dash="dot", **details)

    def level(
        self,
        value: float,
        across: Interval,
        *,
        band: float = 0.0,
        dash: Dash = "dash",
        label: Literal["end", "above", "below", "top", ""] = "end",
        **details: Unpack[Details],
    ) -> None:
        """Level of a whole set, a reference or a noise floor: a thin line over the plot.

        It is a trace and not a shape: it can be hovered, and the axis makes room for it.

        Args:
            value: on the axis of values.
            across: its ends on the other axis.
            band: half the width of a band around it.
            dash: of the line; solid it is faint.
            label: whether its name stands at its end right of the plot, on this side of it in the plot, or,
                of a vertical one, on top of the plot, a row for each.
            details: of the line.
        """
        first, last = across
        name = details.get("name", "")
        if band:
            edges = [value + band] * 2 + [value - band] * 2
            area = self._scatter("lines", [first, last, last, first], edges, palette.TEXT, {"name": name})
            area |= {"fill": "toself", "fillcolor": palette.TEXT, "opacity": size("band")}
            area["line"] = {"width": 0}
        other = self._x if self._values == "y" else self._y
        middle = math.sqrt(first * last) if other.scale == "log" else (first + last) / 2
        along, values = [first, middle, last], [value] * 3  # a line is hovered at its points
        x, y = (along, values) if self._values == "y" else (values, along)
        self.line(x, y, palette.TEXT, dash=dash, thin=True, **details)
        if dash == "solid":
            self._traces[-1]["opacity"] = size("faint")
        if label == "end":
            self.end_label(name, value)
        elif label == "top":
            before = value > sum(self._x.reach(*self._reach())) / 2
            self.annotations.above_level(name, value, before_it=before)
        elif label:
            side, shift = ("bottom", 2) if label == "above" else ("top", -2)
            at = self._y.position(value)
            self.annotations.note(name, 0, at, yref="y", xshift=6, yanchor=side, yshift=shift)

    def bars(
        self,
        x: Values,
        y: Values,
        colour: str,
        *,
        written: Sequence[str] = (),
        stacked: bool = False,
        **details: Unpack[Details],
    ) -> None:
        """Bars; a named series has an entry in the legend.

        Args:
            x: horizontal positions, or lengths where values lie along x.
            y: vertical ones.
            colour: of the bars.
            written: what is written at each bar's end.
            stacked: whether they stand on those before; else they stand next to them.
            details: of the bars.
        """
        trace = self._add("bar", x, y, details)
        trace |= {"marker": {"color": colour, "line": {"width": 0}}, "showlegend": bool(trace["name"])}
        trace["orientation"] = "v" if self._values == "y" else "h"
        if written:
            trace |= {"text": written, "textposition": "auto"}
            trace |= {"insidetextfont": {"color": palette.BACKDROP}}
            trace |= {"outsidetextfont": {"color": palette.TEXT}}
        self._bars = "stack" if stacked else "group"

    def end_label(self, name: str, value: float, colour: str = palette.TEXT) -> None:
        """Name right of the plot at the height of a value, moved where two would meet."""
        self._ends.append(LineEnd(name, self._y.position(value), colour))

    def above(self, text: str, row: int = 0, colour: str = "") -> None:
        """Line of text above the plot, behind a dot in a colour where one is given; rows count upwards."""
        dot = coloured_sign("●", colour) if colour else ""
        self.annotations.above(text, row, dot)

    def empty(self, text: str) -> None:
        """What is waited for, or what to do next, in the middle of a plot that shows nothing yet."""
        place = {"xanchor": "center", "yanchor": "middle", "align": "center"}
        self.annotations.note(text, 0.5, sum(self._domain(0)) / 2, **place)

    def panel(self, name: str, colour: str) -> None:
        """Begin a panel below those before: what is added from now on stands in it."""
        self._panels.append((name, colour))

    def build(self) -> Figure:
        """Plotly's form of what was added."""
        legend = any(trace["showlegend"] for trace in self._traces)
        rows = max(self.annotations.rows_above, 1 if legend or self._panels else 0)
        margin = {
            **{"l": size("edge"), "b": size("edge")},
            "r": label_margin(self._ends, self._letters) if self._ends else size("edge-open"),
            "t": size("edge-open") + rows * size("text-line"),
            **self.annotations.margin,
        }
        if self._ends:
            self.annotations.narrow_margin = {
                "r": label_margin(self._ends, min(self._letters, NARROW_LETTERS))
            }
        low, high = self._y.reach(*self._reach())
        pixels = self._height - margin["t"] - margin["b"] - size("axis")
        labels = end_labels(self._ends, pixels / (high - low), high, self._letters)
        for index, (name, colour) in enumerate(self._panels):
            heading = coloured_sign(html_lines(name), colour)
            self.annotations.note("", 0, self._domain(index)[1], heading, yanchor="bottom")
        layout = {
            **self._axes(),
            **{"margin": margin, "hovermode": "closest", "annotations": labels + self.annotations.entries},
            **({"meta": self.annotations.meta} if self.annotations.meta else {}),
            **{"showlegend": legend, "legend": LEGEND | ({"traceorder": "normal"} if self._bars else {})},
            **{"barmode": self._bars or "group", "bargap": size("bar-gap"), "bargroupgap": 0},
        }
        return {"data": self._traces, "layout": layout}

    def _axes(self) -> dict[str, dict[str, object]]:
        """Axes by their names: one vertical axis for each panel, the horizontal one below the last."""
        last = max(0, len(self._panels) - 1)
        axes = {"xaxis": self._x.as_json(*self._reach()) | {"anchor": f"y{_number(last)}"}}
        for index in range(last + 1):
            domain = {"domain": self._domain(index)} if last else {}
            axes[f"yaxis{_number(index)}"] = self._y.as_json(*self._reach(index)) | domain
        if self._bars:  # they stand on zero
            axes[f"{self._values}axis"] |= {"zeroline": True, "zerolinecolor": palette.TEXT}
        return axes

    def _domain(self, index: int) -> Interval:
        """Lower and upper end of a panel, as shares of the height."""
        share = (1 + PANEL_GAP) / max(1, len(self._panels))
        top = 1 - index * share
        return max(0.0, top - share + PANEL_GAP), top

    def _reach(self, panel: int = 0) -> Interval:
        """Least and greatest value drawn in a panel; nothing is drawn where the first is the greater."""
        drawn = self._drawn.get(panel, [])
        return min(drawn, default=math.inf), max(drawn, default=-math.inf)

    def _scatter(self, mode: str, x: Values, y: Values, colour: str, details: Details) -> dict[str, object]:
        trace = self._add("scatter", x, y, details)
        trace["mode"] = mode
        spread, mark = details.get("spread", ()), details.get("mark", "dot")
        if len(spread):
            bars = {"type": "data", "array": spread, "color": colour}
            trace[f"error_{self._values}"] = bars | {"thickness": size("thin"), "width": size("whisker")}
        if "markers" in mode:
            alone, symbol = mode == "markers", details.get("symbol", "circle")
            trace["marker"] = marker_style(mark, symbol, colour, alone=alone)
        return trace

    def _add(self, kind: str, x: Values, y: Values, details: Details) -> dict[str, object]:
        """Trace with its places and what is said of it, added to those before."""
        panel = max(0, len(self._panels) - 1)
        values = np.asarray(x if self._values == "x" else y, np.float64)
        if np.isfinite(values).any():
            reach = np.asarray(details.get("spread", 0.0))
            ends = (float(np.nanmin(values - reach)), float(np.nanmax(values + reach)))
            self._drawn.setdefault(panel, []).extend(ends)
        texts, hover = details.get("texts", ()), details.get("hover", "")
        if texts:
            hover = hover or "%{customdata}"
        trace: dict[str, object] = {
            **{"type": kind, "x": x, "y": y, "name": html_lines(details.get("name", ""))},
            **({"yaxis": f"y{_number(panel)}"} if panel else {}),
            **({"customdata": [html_lines(text) for text in texts]} if texts else {}),
            **({"hovertemplate": f"{html_lines(hover)}<extra></extra>"} if hover else {"hoverinfo": "skip"}),
            "showlegend": False,
        }
        self._traces.append(trace)
        return trace


def _number(index: int) -> str:
    """Suffix of an axis's name in plotly: the first has none."""
    return str(index + 1) if index else ""
