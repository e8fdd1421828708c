"""Test accuracy over the iterations as a plotly figure. Must not import streamlit or torch."""

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.plots import palette
from app.plots.downsample import Scale
from app.plots.loss import Figure, end_labels
from dmcore.config.formatting import THIN_SPACE, accuracy_text, grouped

MARGIN = 96.0
"""CSS pixels of the figure above and below its plot."""
BAND_OPACITY = 0.13


@dataclass(frozen=True)
class Point:
    """What networks trained on one set of images score, in percent, over `n` networks."""

    iteration: int
    mean: float
    std: float
    n: int

    @property
    def said(self) -> str:
        """The number, with how it was obtained."""
        return accuracy_text(self.mean, self.std, self.n)


def gauge_figure(
    curves: Mapping[str, Sequence[Point]],
    references: Mapping[str, Point],
    iterations: int,
    *,
    top: str = "",
    middle: str = "",
    scale: Scale = "log",
    height: int = 380,
) -> Figure:
    """A line for each set with error bars; dashed, with a band of ± std, what it is held against.

    Args:
        curves: for each set, under the name that labels its line; an empty one keeps its colour free.
        references: levels, by name.
        iterations: the run's last: the axis spans the whole run, so that the curve is seen to grow.
        top: a line of words above the plot.
        middle: words in the plot while it is empty.
        scale: of the iteration axis; on a logarithmic one the start is drawn at 1.
        height: CSS pixels the figure will have; keeps the labels apart.
    """
    low, high = _range([*(one for each in curves.values() for one in each), *references.values()])
    last = max([iterations, 10, *(one.iteration for each in curves.values() for one in each)])
    pixels = (height - MARGIN) / (high - low)
    traces: list[dict[str, object]] = []
    for name, level in references.items():
        traces += _band_and_line(name, level, 1 if scale == "log" else 0, last)
    ends, colours = {}, []
    for index, (name, points) in enumerate(curves.items()):
        colour = palette.series(index) if index < len(palette.LIGHT) else palette.TEXT
        if points:
            traces.append(_curve(name, points, colour, scale))
            ends[name] = points[-1].mean
            colours.append(colour)
    ends |= {name: level.mean for name, level in references.items()}
    colours += [palette.TEXT] * len(references)
    said = _words(top, 0.0, 1.0, "left", "bottom") + _words(middle, 0.5, 0.5, "center", "middle")
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
            "r": 28 + int(max((7.4 * len(name) for name in ends), default=0)),
            "t": 34,
            "b": 10,
        },
        "hovermode": "closest",
        "showlegend": False,
        "annotations": end_labels(ends, colours, pixels) + said,
    }
    return {"data": traces, "layout": layout}


def describe_gauge(curves: Mapping[str, Sequence[Point]], references: Mapping[str, Point]) -> str:
    """One sentence that says what the figure shows, for readers who do not see it."""
    said = [
        f"{name} {points[-1].said} at iteration {grouped(points[-1].iteration)}, "
        f"{len(points)} point{'' if len(points) == 1 else 's'}"
        for name, points in curves.items()
        if points
    ]
    said += [f"{name} {level.said}" for name, level in references.items()]
    return f"Test accuracy over the iterations: {'; '.join(said) or 'nothing was tested yet'}."


def _range(points: Sequence[Point]) -> tuple[float, float]:
    """The accuracies shown, with some room around them."""
    if not points:
        return 0.0, 100.0
    low = min(one.mean - one.std for one in points)
    high = max(one.mean + one.std for one in points)
    room = max(0.08 * (high - low), 2.0)
    return max(-1.5, low - room), min(101.5, high + room)


def _curve(name: str, points: Sequence[Point], colour: str, scale: Scale) -> dict[str, object]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [max(1, one.iteration) if scale == "log" else one.iteration for one in points],
        "y": [one.mean for one in points],
        "error_y": {
            "type": "data",
            "array": [one.std for one in points],
            "color": colour,
            "thickness": 1.5,
            "width": 4,
        },
        "line": {"color": colour, "width": 2.5},
        "marker": {"color": colour, "size": 7},
        "customdata": [[grouped(one.iteration), one.said] for one in points],
        "hovertemplate": f"{html.escape(name)}<br>iteration %{{customdata[0]}}<br>%{{customdata[1]}}"
        "<extra></extra>",
    }


def _band_and_line(name: str, level: Point, first: int, last: int) -> list[dict[str, object]]:
    """Traces and not shapes: they can be pointed at."""
    hover = f"{html.escape(name)}<br>{level.said}<extra></extra>"
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


def _words(text: str, x: float, y: float, across: str, down: str) -> list[dict[str, object]]:
    if not text:
        return []
    return [
        {
            "text": text.replace(THIN_SPACE, " "),
            **{"x": x, "xref": "paper", "xanchor": across, "y": y, "yref": "paper", "yanchor": down},
            **{"showarrow": False, "align": across, "yshift": 4 if down == "bottom" else 0},
        }
    ]
