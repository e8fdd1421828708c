"""Figure of the online evaluation: test accuracy over the iterations, with reference levels."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.plots import palette
from app.plots.downsample import Scale
from app.plots.line_ends import LineEnd, end_labels, label_margin
from app.plots.loss import Figure
from dmcore.config.formatting import THIN_SPACE, accuracy_text, grouped

MARGIN = 96.0
"""CSS pixels of the figure above and below its plot."""
BAND_OPACITY = 0.13


@dataclass(frozen=True)
class CurvePoint:
    """Accuracy in percent of `n` networks that were trained on a set at one iteration."""

    iteration: int
    mean: float
    std: float
    n: int

    @property
    def text(self) -> str:
        """Accuracy as text, with how many networks it is of."""
        return accuracy_text(self.mean, self.std, self.n)


def online_evaluation_figure(
    curves: Mapping[str, Sequence[CurvePoint]],
    references: Mapping[str, CurvePoint],
    iterations: int,
    *,
    top: str = "",
    middle: str = "",
    scale: Scale = "log",
    height: int = 380,
) -> Figure:
    """Line for each set with error bars; dashed, with a band of ± std, the references.

    Args:
        curves: for each set, under the name that labels its line; an empty one reserves its colour.
        references: levels, by name.
        iterations: the run's last: the axis spans the whole run, so that the curve is seen to grow.
        top: text above the plot.
        middle: text in the plot while it is empty.
        scale: of the iteration axis; on a logarithmic one the start is drawn at 1.
        height: CSS pixels the figure will have; keeps the labels apart.
    """
    low, high = _range([*(point for points in curves.values() for point in points), *references.values()])
    last = max([iterations, 10, *(point.iteration for points in curves.values() for point in points)])
    pixels = (height - MARGIN) / (high - low)
    traces: list[dict[str, object]] = []
    for name, level in references.items():
        traces += _band_and_line(name, level, 1 if scale == "log" else 0, last)
    ends: list[LineEnd] = []
    for index, (name, points) in enumerate(curves.items()):
        colour = palette.series(index) if index < len(palette.LIGHT) else palette.TEXT
        if points:
            traces.append(_curve(name, points, colour, scale))
            ends.append(LineEnd(name, points[-1].mean, colour))
    ends += [LineEnd(name, level.mean, palette.TEXT) for name, level in references.items()]
    annotations = _plot_text(top, 0.0, 1.0, "left", "bottom") + _plot_text(
        middle, 0.5, 0.5, "center", "middle"
    )
    layout: dict[str, object] = {
        "xaxis": {
            "title": {"text": "iteration (the start is drawn at 1)" if scale == "log" else "iteration"},
            "type": scale,
            "exponentformat": "none",
            "separatethousands": True,
            "nticks": 6,
            "range": [-0.06, math.log10(last) + 0.06] if scale == "log" else [-0.03 * last, 1.03 * last],
        }
        | ({"dtick": 1} if scale == "log" else {}),
        "yaxis": {"title": {"text": "test accuracy (%)"}, "range": [low, high]},
        "margin": {
            "l": 10,
            "r": label_margin(ends),
            "t": 34,
            "b": 10,
        },
        "hovermode": "closest",
        "showlegend": False,
        "annotations": end_labels(ends, pixels) + annotations,
    }
    return {"data": traces, "layout": layout}


def describe_online_evaluation(
    curves: Mapping[str, Sequence[CurvePoint]], references: Mapping[str, CurvePoint]
) -> str:
    """Alternative text of the figure, in one sentence."""
    parts = [
        f"{name} {points[-1].text} at iteration {grouped(points[-1].iteration)}, "
        f"{len(points)} point{'' if len(points) == 1 else 's'}"
        for name, points in curves.items()
        if points
    ]
    parts += [f"{name} {level.text}" for name, level in references.items()]
    return f"Test accuracy over the iterations: {'; '.join(parts) or 'nothing was tested yet'}."


def _range(points: Sequence[CurvePoint]) -> tuple[float, float]:
    """Range of the accuracy axis: the accuracies drawn, with some room around them."""
    if not points:
        return 0.0, 100.0
    low = min(point.mean - point.std for point in points)
    high = max(point.mean + point.std for point in points)
    room = max(0.08 * (high - low), 2.0)
    return max(-1.5, low - room), min(101.5, high + room)


def _curve(name: str, points: Sequence[CurvePoint], colour: str, scale: Scale) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [max(1, point.iteration) if scale == "log" else point.iteration for point in points],
        "y": [point.mean for point in points],
        "error_y": {
            "type": "data",
            "array": [point.std for point in points],
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 7},
        "customdata": [[grouped(point.iteration), point.text] for point in points],
        "hovertemplate": f"{html.escape(name)}<br>iteration %{{customdata[0]}}<br>%{{customdata[1]}}"
        "<extra></extra>",
    }


def _band_and_line(name: str, level: CurvePoint, first: int, last: int) -> list[dict[str, object]]:
    """Reference level with its band. Traces, not shapes: they can be hovered."""
    hover = f"{html.escape(name)}<br>{level.text}<extra></extra>"
    high, low = level.mean + level.std, level.mean - level.std
    band: dict[str, object] = {
        "mode": "lines",
        "x": [first, last, last, first],
        "y": [high, high, low, low],
        "fill": "toself",
        "fillcolor": palette.TEXT,
        "line": {"width": 0},
        "opacity": BAND_OPACITY,
        "hoverinfo": "skip",
    }
    line: dict[str, object] = {
        "mode": "lines",
        "x": [first, math.sqrt(first * last) if first else last / 2, last],
        "y": [level.mean] * 3,
        "line": {"color": palette.TEXT, "width": 1.5, "dash": "dash"},
        "hovertemplate": hover,
    }
    shared: dict[str, object] = {"type": "scatter", "name": name}
    return [shared | band, shared | line]


def _plot_text(text: str, x: float, y: float, across: str, down: str) -> list[dict[str, object]]:
    if not text:
        return []
    return [
        {
            "text": text.replace(THIN_SPACE, " "),
            **{"x": x, "xref": "paper", "xanchor": across, "y": y, "yref": "paper", "yanchor": down},
            **{"showarrow": False, "align": across, "yshift": 4 if down == "bottom" else 0},
        }
    ]
