"""Figure of training curves: test accuracy against epochs, of the first network of each set."""

from collections.abc import Sequence

from app.plots import palette
from app.plots.axis import Axis, percent_axis
from app.plots.figure import Figure, FigureBuilder
from dmcore.experiments.report.training_curves import TrainingCurve

NAME_LETTERS = 26


def training_figure(rows: Sequence[str], curves: Sequence[TrainingCurve], epochs: int, height: int) -> Figure:
    """Draw training curves, with a logarithmic axis of epochs.

    Args:
        rows: all rows of the table; the position of one is its colour.
        curves: those known so far.
        epochs: of the protocol.
        height: CSS pixels the figure will have; keeps the names apart.
    """
    figure = FigureBuilder(
        Axis("passes over the set (epochs)", "log", empty=(1, epochs)),
        percent_axis(),
        height=height,
        letters=NAME_LETTERS,
    )
    colours = palette.row_colours(rows)
    for each in curves:
        if not each.curve:
            continue
        name = f"{each.row}{', being trained' if each.in_training else ''}"
        figure.line(
            [epoch + 1 for epoch, _ in each.curve],
            [percent for _, percent in each.curve],
            colours[each.row],
            mark="dot",
            dash="dot" if each.in_training else "solid",
            thin=not each.in_training,
            name=each.row,
            hover=f"{name}\nafter %{{x}} passes\n%{{y:.1f}} %",
        )
    for row in rows:
        last = [each.curve[-1][1] for each in curves if each.row == row and each.curve]
        if last:
            figure.end_label(row, sum(last) / len(last), colours[row])
    return figure.build()
