"""Figure of training curves: test accuracy against epochs, of the first network of each set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.plots import palette
from app.plots.axis import Axis, percent_axis
from app.plots.figure import Figure, FigureBuilder

NAME_LETTERS = 26


@dataclass(frozen=True)
class TrainingCurve:
    """Test accuracy of a network while it is trained on a set."""

    row: str
    """Row of the table: which images it is trained on."""
    curve: tuple[tuple[int, float], ...]
    """(epoch from 0, percent of a fixed part of the test images after it)."""
    in_training: bool = False
    """Whether it is being trained."""


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
    for each in curves:
        if not each.curve:
            continue
        name = f"{each.row}{', being trained' if each.in_training else ''}"
        figure.line(
            [epoch + 1 for epoch, _ in each.curve],
            [percent for _, percent in each.curve],
            palette.series_or_rest(rows.index(each.row)),
            mark="dot",
            dash="dot" if each.in_training else "solid",
            thin=not each.in_training,
            name=each.row,
            hover=f"{name}\nafter %{{x}} passes\n%{{y:.1f}} %",
        )
    for index, row in enumerate(rows):
        last = [each.curve[-1][1] for each in curves if each.row == row and each.curve]
        if last:
            figure.end_label(row, sum(last) / len(last), palette.series_or_rest(index))
    return figure.build()


def describe_training(curves: Sequence[TrainingCurve]) -> str:
    """Alternative text of the training curves: one sentence for readers who do not see the figure."""
    last: Mapping[str, float] = {each.row: each.curve[-1][1] for each in curves if each.curve}
    if not last:
        return "Test accuracy against training epoch: no network has been trained yet."
    accuracies = ", ".join(f"{row} {percent:.1f}" for row, percent in last.items())
    return f"Test accuracy in percent at the last epoch so far: {accuracies}."
