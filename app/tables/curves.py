"""Figure of training curves: test accuracy against epochs, of the first network of each set."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.plots.line_ends import LineEnd, end_labels, label_margin
from app.plots.loss import Figure
from app.plots.parts import padded_range, series_colour

PLOT_MARGIN = 75.0
"""CSS pixels above and below the plot."""
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
    traces: list[dict[str, object]] = []
    ends: list[LineEnd] = []
    values: list[float] = []
    for each in curves:
        if not each.curve:
            continue
        colour = series_colour(rows.index(each.row))
        name = f"{html.escape(each.row)}{', being trained' if each.in_training else ''}"
        traces.append(
            {
                **{"type": "scatter", "mode": "lines+markers", "name": each.row},
                "x": [epoch + 1 for epoch, _ in each.curve],
                "y": [percent for _, percent in each.curve],
                "line": {
                    "color": colour,
                    "width": 3 if each.in_training else 1.5,
                    "dash": "dot" if each.in_training else "solid",
                },
                "marker": {"color": colour, "size": 5},
                "opacity": 1.0 if each.in_training else 0.8,
                "hovertemplate": f"{name}<br>after %{{x}} passes<br>%{{y:.1f}} %<extra></extra>",
            }
        )
        values += [percent for _, percent in each.curve]
    for row in rows:
        last = [each.curve[-1][1] for each in curves if each.row == row and each.curve]
        if last:
            ends.append(LineEnd(row, sum(last) / len(last), series_colour(rows.index(row))))
    low, high = padded_range(values)
    layout: dict[str, object] = {
        "xaxis": {
            "title": {"text": "passes over the set (epochs)"},
            **{"type": "log", "exponentformat": "none", "separatethousands": True, "dtick": 1},
        }
        | ({} if values else {"range": [0, len(str(epochs)) - 1]}),
        "yaxis": {"title": {"text": "test accuracy (%)"}, "range": [low, high]},
        "margin": {"l": 10, "r": min(230, label_margin(ends)), "t": 14, "b": 10},
        "hovermode": "closest",
        "showlegend": False,
        "annotations": end_labels(ends, (height - PLOT_MARGIN) / (high - low), high, NAME_LETTERS),
    }
    return {"data": traces, "layout": layout}


def describe_training(curves: Sequence[TrainingCurve]) -> str:
    """Alternative text of the training curves: one sentence for readers who do not see the figure."""
    last: Mapping[str, float] = {each.row: each.curve[-1][1] for each in curves if each.curve}
    if not last:
        return "Test accuracy against training epoch: no network has been trained yet."
    accuracies = ", ".join(f"{row} {percent:.1f}" for row, percent in last.items())
    return f"Test accuracy in percent at the last epoch so far: {accuracies}."
