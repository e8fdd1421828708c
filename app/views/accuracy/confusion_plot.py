"""Confusion matrix as a heat map, and the accuracy of each class as bars."""

import numpy as np

from app.plots import palette
from app.plots.axis import Axis
from app.plots.figure import Figure, FigureBuilder
from app.plots.heat_map import Cell, heat_map_figure
from app.plots.line_ends import shortened, wrapped_label
from dmcore.experiments.confusion import CellConfusion

MAX_WRITTEN_CLASSES = 12
"""Up to so many classes the shares are written in the cells."""
MAX_NAMED_CLASSES = 30
"""Up to so many classes are named at the axes; of more the numbers are."""
MAX_BARS = 20
"""Classes with a bar; of more the worst."""


def confusion_figure(confusion: CellConfusion) -> Figure:
    """Heat map of the confusion matrix: true class down, predicted class across; the diagonal is right."""
    names, shares, counts = confusion.names, confusion.shares, confusion.counts
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


def class_figure(confusion: CellConfusion) -> Figure:
    """Bar of accuracy for each class, the best above; of many classes the worst."""
    names, right = confusion.names, confusion.shares.diagonal()
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
