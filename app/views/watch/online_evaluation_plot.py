"""Figure of the online evaluation: test accuracy over the iterations, with reference levels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.plots import palette
from app.plots.axis import iteration_axis, percent_axis
from app.plots.downsample import Scale
from app.plots.figure import Figure, FigureBuilder
from dmcore.config.formatting import grouped
from dmcore.runs.description import StoredResult


class Reference(Protocol):
    """Accuracy that the curves are held against: a result of the run, a recorded one, or guessing."""

    @property
    def mean(self) -> float:
        """In percent."""

    @property
    def std(self) -> float | None:
        """Of its networks; None of a single one."""

    @property
    def text(self) -> str:
        """With what it is over."""


@dataclass(frozen=True)
class Level:
    """Reference that no network of this run was trained for."""

    mean: float
    std: float | None
    text: str


def online_evaluation_figure(
    curves: Mapping[str, Sequence[StoredResult]],
    references: Mapping[str, Reference],
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
        middle: why there is no curve yet, in lines between those and the plot: references stand in it.
        scale: of the iteration axis; on a logarithmic one the start is drawn at 1.
        height: CSS pixels the figure will have; keeps the labels apart.
    """
    last = max([iterations, 10, *(point.iteration for points in curves.values() for point in points)])
    first = 1 if scale == "log" else 0
    figure = FigureBuilder(
        iteration_axis(scale, last, start_at_1=True), percent_axis(from_zero=True), height=height
    )
    for name, level in references.items():
        hover = f"{name}\n{level.text}"
        figure.level(level.mean, (first, last), band=level.std or 0.0, label="", name=name, hover=hover)
    for index, (name, points) in enumerate(curves.items()):
        if not points:
            continue
        colour = palette.set_colour(index)
        figure.curve(
            [max(first, point.iteration) for point in points],
            [point.mean for point in points],
            colour,
            spread=[point.std for point in points],
            name=name,
            texts=[f"{name}\niteration {grouped(point.iteration)}\n{point.text}" for point in points],
        )
        figure.end_label(name, points[-1].mean, colour)
    for name, level in references.items():
        figure.end_label(name, level.mean)
    lines = [line for text in (top, middle) for line in text.split("\n") if line]
    for row, line in enumerate(reversed(lines)):
        figure.above(line, row)
    return figure.build()


def describe_online_evaluation(
    curves: Mapping[str, Sequence[StoredResult]], references: Mapping[str, Reference]
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
