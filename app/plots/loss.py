"""Figure of the loss: points, running median and noise floor of one or several synthetic sets.

Traces are downsampled along the shown axis to a number of points that does not depend on the run's length: an
update costs the same after twenty thousand iterations as after a thousand.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np

from app.plots import palette
from app.plots.axis import Axis, iteration_axis
from app.plots.downsample import (
    Floats,
    Integers,
    Scale,
    downsample_indices,
    evenly_spaced_indices,
    running_median,
)
from app.plots.figure import Figure, FigureBuilder
from app.plots.marks import Dash
from dmcore.config import Method, MethodConfig

POINTS = 1500
"""Values of a curve that are used, at most; a log axis leaves more than 600 of them to draw from."""
DRAWN_POINTS = 450
"""Faint points in one figure, all curves together: the browser's cost is in these."""
NEGLIGIBLE_FLOOR = 1e-6
"""Share of the lowest loss below which a noise floor says nothing: both batches are the whole class."""
FLOOR_DASHES: tuple[Dash, ...] = ("dash", "dot")
"""Dashes that tell the noise floors of two runs apart."""
MEASURES: dict[Method, str] = {
    "dm": "squared distance of mean features",
    "dc": "distance of gradients",
    "dsa": "distance of gradients",
}
"""What the loss of a method is."""
SEVERAL_MEASURES = "loss of each method"
TICK_STEPS = ((3.2, (1.0,)), (0.8, (1.0, 2.0, 5.0)), (-1.0, (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)))
"""Round values in a decade, by the number of decades that an axis has more of."""


def loss_figure(
    iterations: Integers,
    losses: Mapping[str, Floats],
    *,
    floor: float | Mapping[str, float] | None = None,
    measure: str = MEASURES["dm"],
    scale: Scale = "log",
    height: int = 380,
) -> Figure:
    """Draw the loss of one or several sets: faint points, running median, and the noise floor.

    Args:
        iterations: [point] ascending, from 1.
        losses: for each set, under the name that labels its line, [point] the mean loss of a class.
        floor: noise floor, the same distance between two batches of real images; dashed. That of each of
            several runs goes under the name that labels it.
        measure: what the loss is, as of `loss_measure`.
        scale: of the iteration axis. Log time by default: half of the change happens in the first dozens.
        height: CSS pixels the figure will have; keeps the labels apart.
    """
    usable = {name: _positive(iterations, loss, scale) for name, loss in losses.items()}
    levels = [float(level) for _, loss in usable.values() if len(loss) for level in (loss.min(), loss.max())]
    floors = visible_floors(levels, floor)
    y = Axis(
        f"loss, mean over classes\n({measure})",
        "log",
        empty=(0.01, 1),
        ticks=_log_ticks([*levels, *floors.values()]),
    )
    figure = FigureBuilder(iteration_axis(scale), y, height=height)
    for index, (name, (x, loss)) in enumerate(usable.items()):
        if not len(x):
            continue
        colour = palette.set_colour(index)
        middle, median = running_median(x, loss, scale)
        drawn = evenly_spaced_indices(x, max(2, DRAWN_POINTS // len(losses)), scale)
        hover = f"{name}\niteration %{{x}}\nloss %{{y:.3g}}"
        figure.points(x[drawn], loss[drawn], colour, name=name, hover=hover)
        figure.line(middle, median, colour, name=name)
        figure.end_label(name, float(median[-1]), colour)
    ends = (int(iterations[0]), max(10, int(iterations[-1]))) if len(iterations) else (1, 10)
    for (name, level), dash in zip(floors.items(), FLOOR_DASHES, strict=False):
        hover = f"{name}\ntwo batches of real images\n%{{y:.3g}}"
        label: Literal["above", "below"] = "above" if level == max(floors.values()) else "below"
        figure.level(level, ends, dash=dash, label=label, name=name, hover=hover)
    return figure.build()


def loss_measure(*configs: MethodConfig | None) -> str:
    """What the loss of runs with these set-ups is; `SEVERAL_MEASURES` where it is not the same for all."""
    measure, *others = {MEASURES["dm" if config is None else config.method] for config in configs}
    return SEVERAL_MEASURES if others else measure


def visible_floors(losses: Sequence[float], floor: float | Mapping[str, float] | None) -> dict[str, float]:
    """Noise floors that are drawn beside losses: those that say something."""
    lowest = NEGLIGIBLE_FLOOR * min(losses, default=0.0)
    return {name: level for name, level in _named(floor).items() if level > lowest}


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


def _positive(iterations: Integers, losses: Floats, scale: Scale) -> tuple[Integers, Floats]:
    """What a logarithmic axis can show, at most `POINTS` of it: iterations and losses."""
    usable = np.flatnonzero(np.isfinite(losses) & (losses > 0))
    chosen = usable[downsample_indices(iterations[usable], POINTS, scale)]
    return iterations[chosen].astype(np.int32), losses[chosen].astype(np.float32)


def _log_ticks(levels: Sequence[float]) -> list[tuple[float, str]]:
    """Round values for an axis of these levels, with a decade to spare on each side."""
    low, high = math.log10(min(levels, default=0.01)), math.log10(max(levels, default=1.0))
    steps = next(steps for least, steps in TICK_STEPS if high - low > least)
    decades = range(math.floor(low) - 1, math.ceil(high) + 2)
    ticks = [step * 10.0**decade for decade in decades for step in steps]
    return [(tick, f"{tick:,g}".replace(",", "\u202f")) for tick in ticks]


def _named(floor: float | Mapping[str, float] | None) -> Mapping[str, float]:
    if floor is None:
        return {}
    return floor if isinstance(floor, Mapping) else {"real against real": floor}
