"""Plotly figure of the loss: points, running median and noise floor of one or several synthetic sets.

Colours are names that the live figure looks up in the theme. Traces are downsampled along the shown axis to a
number of points that does not depend on the run's length: an update costs the same after twenty thousand
iterations as after a thousand.
"""

import html
import math
from collections.abc import Mapping

import numpy as np

from app.plots import palette
from app.plots.downsample import (
    Floats,
    Integers,
    Scale,
    downsample_indices,
    evenly_spaced_indices,
    running_median,
)
from app.plots.line_ends import LineEnd, end_labels, label_margin

Figure = dict[str, object]
"""A figure in plotly's own form: `go.Figure` would check it at every update, at ten times the cost."""

POINTS = 1500
"""Values of a curve that are used, at most; a log axis leaves more than 600 of them to draw from."""
DRAWN_POINTS = 450
"""Faint points in one figure, all curves together: the browser's cost is in these."""
NEGLIGIBLE_FLOOR = 1e-6
"""Share of the lowest loss below which a noise floor says nothing: both batches are the whole class."""
FLOOR_DASHES = ("dash", "dot")
"""Dashes that tell the noise floors of two runs apart."""


def loss_figure(
    iterations: Integers,
    losses: Mapping[str, Floats],
    *,
    floor: float | Mapping[str, float] | None = None,
    scale: Scale = "log",
    height: int = 380,
) -> Figure:
    """Draw the loss of one or several sets: faint points, running median, and the noise floor.

    Args:
        iterations: [point] ascending, from 1.
        losses: for each set, under the name that labels its line, [point] the loss per class.
        floor: noise floor, the same distance between two batches of real images; dashed. That of each of
            several runs goes under the name that labels it.
        scale: of the iteration axis. Log time by default: half of the change happens in the first dozens.
        height: CSS pixels the figure will have; keeps the labels apart.
    """
    traces: list[dict[str, object]] = []
    ends: list[LineEnd] = []
    lowest = min((float(loss[loss > 0].min()) for loss in losses.values() if (loss > 0).any()), default=0.0)
    floors = {name: level for name, level in _named(floor).items() if level > NEGLIGIBLE_FLOOR * lowest}
    levels = list(floors.values())
    for index, (name, loss) in enumerate(losses.items()):
        usable = np.flatnonzero(np.isfinite(loss) & (loss > 0))
        if not len(usable):
            continue
        chosen = usable[downsample_indices(iterations[usable], POINTS, scale)]
        x, y = iterations[chosen].astype(np.int32), loss[chosen].astype(np.float32)
        middle, median = running_median(x, y, scale)
        drawn = evenly_spaced_indices(x, max(2, DRAWN_POINTS // len(losses)), scale)
        traces += _points_and_median(name, palette.series(index), x[drawn], y[drawn], middle, median)
        ends.append(LineEnd(name, math.log10(median[-1]), palette.series(index)))
        levels += [float(y.min()), float(y.max())]
    traces += [
        _floor_line(name, level, iterations, dash)
        for (name, level), dash in zip(floors.items(), FLOOR_DASHES, strict=False)
    ]
    low, high = _padded(levels)
    pixels_per_decade = (height - 75) / (high - low)
    labels = end_labels(ends, pixels_per_decade)
    ticks = _log_ticks(low, high)
    layout: dict[str, object] = {
        "xaxis": {
            "title": {"text": "iteration"},
            "type": scale,
            "exponentformat": "none",
            "separatethousands": True,
            "nticks": 6,
        }
        | ({} if ends else {"range": [0, 2]})
        | ({"dtick": 1} if scale == "log" else {}),
        "yaxis": {
            "title": {"text": "loss per class<br>(squared distance of mean features)"},
            "type": "log",
            **({} if ends else {"range": [-2, 0]}),
            "tickvals": ticks,
            "ticktext": [f"{tick:,g}".replace(",", "\u202f") for tick in ticks],
        },
        "margin": {"l": 10, "r": label_margin(ends), "t": 14, "b": 10},
        "hovermode": "closest",
        "showlegend": False,
        "annotations": labels
        + [_floor_label(name, level, level == max(floors.values())) for name, level in floors.items()],
    }
    return {"data": traces, "layout": layout}


def describe_losses(
    iterations: Integers, losses: Mapping[str, Floats], floor: float | Mapping[str, float] | None = None
) -> str:
    """Alternative text of the loss figure: one sentence for readers who do not see it."""
    if not len(iterations):
        return "Loss per class over the iterations: no iteration yet."
    measured = {name: loss[np.isfinite(loss)][-20:] for name, loss in losses.items()}
    medians = [f"{name} {float(np.median(loss)):.3g}" for name, loss in measured.items() if len(loss)]
    floors = "".join(f"; {name} {level:.3g}" for name, level in _named(floor).items())
    return f"Loss per class up to iteration {int(iterations[-1])}: {', '.join(medians)}{floors}."


def _points_and_median(
    name: str, colour: str, x: Integers, y: Floats, middle: Integers, median: Floats
) -> list[dict[str, object]]:
    hover = f"{html.escape(name)}<br>iteration %{{x}}<br>loss %{{y:.3g}}<extra></extra>"
    points: dict[str, object] = {
        "mode": "markers",
        "x": x,
        "y": y,
        "marker": {"color": colour, "size": 4, "opacity": 0.3},
        "hovertemplate": hover,
    }
    line: dict[str, object] = {
        "mode": "lines",
        "x": middle,
        "y": median,
        "line": {"color": colour, "width": 2.5},
        "hoverinfo": "skip",
    }
    shared: dict[str, object] = {"type": "scatter", "name": name}
    return [shared | points, shared | line]


def _padded(levels: list[float]) -> tuple[float, float]:
    """Axis range in powers of ten, with some room around what is drawn."""
    if not levels:
        return 0.0, 2.0
    low, high = math.log10(min(levels)), math.log10(max(levels))
    room = max(0.06 * (high - low), 0.05)
    return low - room, high + room


def _log_ticks(low: float, high: float) -> list[float]:
    """Round values for an axis of these powers of ten, with a decade to spare on each side."""
    steps = (
        (1.0,)
        if high - low > 3.2
        else (1.0, 2.0, 5.0)
        if high - low > 0.8
        else (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)
    )
    return [
        step * 10.0**decade for decade in range(math.floor(low) - 1, math.ceil(high) + 2) for step in steps
    ]


def _named(floor: float | Mapping[str, float] | None) -> Mapping[str, float]:
    if floor is None:
        return {}
    return floor if isinstance(floor, Mapping) else {"real against real": floor}


def _floor_line(name: str, level: float, iterations: Integers, dash: str) -> dict[str, object]:
    """A trace and not a shape, so that the axis makes room for it."""
    ends = [int(iterations[0]), max(10, int(iterations[-1]))] if len(iterations) else [1, 10]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": ends,
        "y": [level, level],
        "line": {"color": palette.TEXT, "width": 1.5, "dash": dash},
        "hovertemplate": f"{html.escape(name)}<br>two batches of real images<br>%{{y:.3g}}<extra></extra>",
    }


def _floor_label(name: str, level: float, above: bool) -> dict[str, object]:
    return {
        "text": html.escape(name),
        **{"x": 0, "xref": "paper", "xanchor": "left", "xshift": 6},
        **{"y": math.log10(level), "yref": "y"},
        **{"yanchor": "bottom" if above else "top", "yshift": 2 if above else -2},
        **{"showarrow": False, "bgcolor": palette.BACKDROP, "opacity": 0.9, "borderpad": 1},
    }
