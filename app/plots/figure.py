"""Figure builder: a figure module says what a figure draws; how it looks is decided here, for all of them.

A figure is plotly's own JSON: `go.Figure` would check it at every update, at ten times the cost. Every text
that a figure module gives is plain: it is escaped here, and a line break in it becomes plotly's. Sizes are
design tokens (app/assets/tokens.css), colours are names that the live figure looks up in the page's theme.
"""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.axis import Axis, Interval, baseline, html_lines
from app.plots.line_ends import NAME_LETTERS, LineEnd, end_labels, label_margin
from app.plots.tokens import size

Figure = dict[str, object]
"""A figure in plotly's own form."""
Values = Sequence[float] | Sequence[float | None] | npt.NDArray[np.generic]
Mark = Literal["dot", "point", "mean"]
"""Marker of one of many values, of a value on a line, of a mean."""
Dash = Literal["solid", "dash", "dot"]
LEGEND = {
    **{"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"},
    **{"itemsizing": "constant", "tracegroupgap": 0, "traceorder": "normal"},
}
PANEL_GAP = 0.1
"""Gap between two panels, as a share of the figure's height."""


class FigureBuilder:
    """A figure in the making: each method adds what it is named after, `build` gives the figure.

    `hover` is plotly's template of what is said of a point, with `%{x}` and `%{y}`; left open, it is the
    point's of the `texts`, `%{customdata}` in a template, and without those nothing is said.
    """

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
            values: axis that levels, error bars and bars lie along.
        """
        self._x, self._y, self._height, self._letters, self._values = x, y, height, letters, values
        self._traces: list[dict[str, object]] = []
        self._annotations: list[dict[str, object]] = []
        self._shapes: list[dict[str, object]] = []
        self._ends: list[LineEnd] = []
        self._panels: list[tuple[str, str]] = []
        self._layout: dict[str, object] = {}
        self._low, self._high = math.inf, -math.inf
        self._line_above = False

    @property
    def centre(self) -> float:
        """Middle of what has been drawn along the axis of values."""
        return sum((self._x if self._values == "x" else self._y).reach(self._low, self._high)) / 2

    def line(
        self,
        x: Values,
        y: Values,
        colour: str,
        *,
        name: str = "",
        mark: Mark | None = None,
        symbol: str = "circle",
        spread: Sequence[float] = (),
        hover: str = "",
        texts: Sequence[str] = (),
        dash: Dash = "solid",
        thin: bool = False,
        faint: bool = False,
        label: bool = False,
    ) -> None:
        """Line through points, interrupted by None.

        Args:
            x: horizontal positions.
            y: vertical positions.
            colour: of line and markers.
            name: of the line.
            mark: marker at each point.
            symbol: of the markers.
            spread: half the length of each point's error bar.
            hover: template of what is said of a point.
            texts: what is said of each point.
            dash: solid, dashed or dotted.
            thin: whether it stands back.
            faint: the same, for one of many.
            label: whether its name stands right of its end.
        """
        drawn = {"line": {"color": colour, "width": size("thin" if thin else "line"), "dash": dash}}
        self._scatter("lines+markers" if mark else "lines", x, y, name, spread, hover, texts)
        self._traces[-1] |= drawn | ({"marker": _marker(mark, colour, symbol)} if mark else {})
        self._traces[-1] |= {"opacity": 1 - size("faint")} if faint else {}
        if label:
            self.end_label(name, float(np.asarray(y, np.float64)[-1]), colour)

    def points(
        self,
        x: Values,
        y: Values,
        colour: str,
        *,
        mark: Mark = "dot",
        name: str = "",
        symbol: str = "circle",
        spread: Sequence[float] = (),
        hover: str = "",
        texts: Sequence[str] = (),
        legend: bool = False,
    ) -> None:
        """Markers; the arguments are those of `line`, and `legend` is whether their name stands above."""
        self._scatter("markers", x, y, name, spread, hover, texts)
        outline = {"line": {"color": palette.BACKDROP, "width": size("outline")}} if mark == "mean" else {}
        quiet = {"opacity": size("faint")} if mark == "dot" else {}
        marker = _marker(mark, colour, symbol) | outline | quiet
        self._traces[-1] |= {"marker": marker, "legendgroup": name, "showlegend": legend}

    def segments(
        self,
        pieces: Sequence[tuple[Interval, Interval]],
        colour: str,
        texts: Sequence[str] = (),
        dash: Dash = "solid",
    ) -> None:
        """Pieces of a line from (x, y) to (x, y), such as marks of published values, each with its text."""
        x, y = ([place for piece in pieces for place in (*_ends_along(piece, axis), None)] for axis in (0, 1))
        self.line(x, y, colour, texts=[text for text in texts for _ in range(3)], dash=dash)

    def level(
        self,
        value: float,
        across: Interval,
        name: str = "",
        *,
        spread: float = 0.0,
        hover: str = "",
        dash: Dash = "dash",
        label: Literal["end", "above", "below", "left", "right", ""] = "end",
    ) -> None:
        """Level of a whole set, a reference or a noise floor: a thin line over the plot.

        It is a trace and not a shape: it can be hovered, and the axis makes room for it.

        Args:
            value: on the axis of values.
            across: its ends on the other axis.
            name: of the level.
            spread: half the width of a band around it.
            hover: template of what is said of it.
            dash: dashed, dotted, or solid and quiet.
            label: whether its name stands right of the plot, or in it on this side of the line.
        """
        first, last = across
        other = self._x if self._values == "y" else self._y
        middle = math.sqrt(first * last) if other.scale == "log" else (first + last) / 2
        if spread:
            values = [value + spread] * 2 + [value - spread] * 2
            self._scatter("lines", [first, last, last, first], values, name)
            band = {"fill": "toself", "fillcolor": palette.TEXT, "opacity": size("band")}
            self._traces[-1] |= {**band, "line": {"width": 0}}
        along, values = [first, middle, last], [value] * 3
        x, y = (along, values) if self._values == "y" else (values, along)
        self.line(x, y, palette.TEXT, name=name, hover=hover, dash=dash, thin=True, faint=dash == "solid")
        position = self._y.position(value)
        if label == "end":
            self.end_label(name, value)
        elif label in ("above", "below"):
            side, shift = ("bottom", 2) if label == "above" else ("top", -2)
            self._note(name, 0, position, yref="y", xshift=6, yanchor=side, yshift=shift, backdrop=True)
        elif label:
            side, shift = ("left", 5) if label == "right" else ("right", -5)
            place = {"xref": "x", "yref": "y", "xanchor": side, "xshift": shift, "yanchor": "bottom"}
            self._note(name, value, first, backdrop=True, **place)

    def bars(
        self,
        x: Values,
        y: Values,
        colour: str,
        *,
        name: str = "",
        hover: str = "",
        texts: Sequence[str] = (),
        written: Sequence[str] = (),
        width: float | None = None,
        stacked: bool = False,
    ) -> None:
        """Bars next to or on those at the same place.

        Args:
            x: horizontal positions, or lengths where values lie along x.
            y: vertical ones.
            colour: of the bars.
            name: of the series, in a legend.
            hover: template of what is said of a bar.
            texts: what is said of each bar.
            written: what is written at each bar's end.
            width: of a bar, in the axis's units.
            stacked: whether series stand on each other.
        """
        self._add("bar", x, y, name, hover, texts)
        self._traces[-1] |= {"marker": {"color": colour, "line": {"width": 0}}, "showlegend": bool(name)}
        self._traces[-1] |= {"orientation": "h" if self._values == "x" else "v", "width": width}
        if written:
            colours = {"insidetextfont": palette.BACKDROP, "outsidetextfont": palette.TEXT}
            self._traces[-1] |= {where: {"color": text} for where, text in colours.items()}
            self._traces[-1] |= {"text": list(written), "textposition": "auto"}
        self._layout |= {"barmode": "stack" if stacked else "group", "bargap": 0.25, "bargroupgap": 0}

    def end_label(self, name: str, value: float, colour: str = palette.TEXT) -> None:
        """Name right of the plot at the height of a value, moved where two would meet."""
        self._ends.append(LineEnd(name, self._y.position(value), colour))

    def above(self, text: str) -> None:
        """Line of text above the plot."""
        self._line_above = True
        self._note(text, 0, 1, yanchor="bottom", yshift=4)

    def empty(self, text: str) -> None:
        """What is waited for, or what to do next, in the middle of a plot that has nothing yet."""
        self._note(text, 0.5, 0.5, xanchor="center", yanchor="middle", backdrop=True)

    def panel(self, name: str, colour: str) -> None:
        """Begin a panel below those before: what is added from now on stands in it."""
        self._panels.append((name, colour))

    def build(self) -> Figure:
        """Plotly's form of what was added."""
        drawn = self._low <= self._high
        low, high = self._y.reach(self._low, self._high)
        legend = any(trace["showlegend"] for trace in self._traces)
        top = size("line-above" if legend or self._line_above or len(self._panels) > 1 else "edge-open")
        right = label_margin(self._ends, self._letters) if self._ends else size("edge-open")
        edge = size("edge")
        pixels_per_unit = (self._height - top - edge - size("axis")) / (high - low)
        labels = end_labels(self._ends, pixels_per_unit, high, self._letters)
        axes = {"xaxis": self._x.as_json(drawn), "yaxis": self._y.as_json(drawn)} | self._panel_axes(drawn)
        if self._bars:
            axes[f"{self._values}axis"] |= {"zeroline": True, "zerolinecolor": palette.TEXT}
        layout = {
            **axes,
            "margin": {"l": edge, "r": right, "t": top, "b": edge},
            **{"barmode": self._bars or "group", "bargap": 0.25, "bargroupgap": 0},
            **{"hovermode": "closest", "showlegend": legend, "legend": LEGEND},
            "annotations": labels + self._annotations,
        }
        return {"data": self._traces, "layout": layout}

    def _panel_axes(self, drawn: bool) -> dict[str, dict[str, object]]:
        """Vertical axes of the panels, the first above; the horizontal one stands below the last."""
        axes: dict[str, dict[str, object]] = {}
        share = (1 + PANEL_GAP) / max(1, len(self._panels))
        for index in range(len(self._panels)):
            top = 1 - index * share
            domain = {"domain": [max(0.0, top - share + PANEL_GAP), top]}
            axes[_panel_axis("yaxis", index)] = self._y.as_json(drawn) | domain
        if self._panels > 1:
            axes["xaxis"] = self._x.as_json(drawn) | {"anchor": _panel_axis("y", len(self._panels) - 1)}
        return axes
