"""Confusion matrix as a heat map, and the accuracy of each class as bars."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.axis import Axis
from app.plots.figure import Figure, FigureBuilder
from app.plots.heat_map import Cell, heat_map_figure
from app.plots.line_ends import shortened, wrapped_label

MAX_WRITTEN_CLASSES = 12
"""Up to so many classes the shares are written in the cells."""
MAX_NAMED_CLASSES = 30
"""Up to so many classes are named at the axes; of more the numbers are."""
MAX_BARS = 20
"""Classes with a bar; of more the worst."""
Counts = npt.NDArray[np.int64]


def shares_of(counts: Counts) -> npt.NDArray[np.float64]:
    """Percent of each class's test images (row) that were predicted as each class (column)."""
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, 100.0 * counts / np.maximum(1, total), 0.0)


def confusion_figure(counts: Counts, names: Sequence[str]) -> Figure:
    """Heat map of the confusion matrix: true class down, predicted class across; the diagonal is right.

    Args:
        counts: [true class, predicted class] test images, summed over networks.
        names: of the classes.
    """
    shares = shares_of(counts)
    few = len(names) <= MAX_WRITTEN_CLASSES
    short = [shortened(name, 14) for name in names] if len(names) <= MAX_NAMED_CLASSES else []
    ends = (-0.5, len(names) - 0.5)
    cells = [
        [
            Cell(
                share,
                f"{true} taken for {predicted}\n{share:.1f} % ({number} answers)",
                lines=[f"{share:.0f}"] if few and share >= 0.5 else [],
                colour=palette.BACKDROP if share > 50 else palette.TEXT,
            )
            for predicted, share, number in zip(names, row, row_counts, strict=True)
        ]
        for true, row, row_counts in zip(names, shares.tolist(), counts.tolist(), strict=True)
    ]
    return heat_map_figure(
        cells,
        Axis("predicted as", names=short, ends=ends, grid=False, slanted=True),
        Axis("true class", names=short, ends=ends, grid=False, downwards=True),
        (palette.BACKDROP, palette.series(0)),
        (0, 100),
        bar="" if few else "right",
        title="% of the class",
    )


def class_figure(counts: Counts, names: Sequence[str]) -> Figure:
    """Bar of accuracy for each class, the best above; of many classes the worst."""
    right = shares_of(counts).diagonal()
    order = np.argsort(right, kind="stable")[:MAX_BARS]
    x = Axis("test accuracy of the class (%)", ends=(0, 100))
    y = Axis(names=[wrapped_label(names[index], 16) for index in order], zoom=False)
    figure = FigureBuilder(x, y, values="x")
    figure.bars(
        right[order].round(1),
        np.arange(len(order)),
        palette.series(0),
        written=[f"{right[index]:.0f}" for index in order],
        hover="%{customdata}\n%{x:.1f} % right",
        texts=[names[index] for index in order],
    )
    return figure.build()


def confusion_sentence(counts: Counts, names: Sequence[str]) -> str:
    """Which class is learned best and worst, and what is taken for what most often."""
    shares = shares_of(counts)
    right = shares.diagonal()
    best, worst = int(right.argmax()), int(right.argmin())
    wrong = shares.copy()
    np.fill_diagonal(wrong, -1.0)
    true, predicted = divmod(int(wrong.argmax()), len(names))
    text = f"Best: {names[best]} ({right[best]:.0f} % right); worst: {names[worst]} ({right[worst]:.0f} %)."
    if len(names) < 2 or wrong[true, predicted] <= 0:
        return text
    share = wrong[true, predicted]
    return f"{text} Most often confused: {names[true]} is taken for {names[predicted]} in {share:.0f} %."
