"""Test accuracy while networks learn from a set: one line for each set's first network.

Must not import streamlit or torch.
"""

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
    """One network's way."""

    row: str
    """What it learns from."""
    curve: tuple[tuple[int, float], ...]
    """(epoch from 0, percent of a fixed part of the test images after it)."""
    in_training: bool = False
    """Whether it is being trained."""


def training_figure(
    rows: Sequence[str], learned: Sequence[TrainingCurve], epochs: int, height: int
) -> Figure:
    """The figure.

    Args:
        rows: gives each its colour.
        learned: what is known.
        epochs: of the protocol.
        height: CSS pixels the figure will have; keeps the names apart.
    """
    traces: list[dict[str, object]] = []
    ends: list[LineEnd] = []
    values: list[float] = []
    for one in learned:
        if not one.curve:
            continue
        colour = series_colour(rows.index(one.row))
        said = f"{html.escape(one.row)}{', being trained' if one.now else ''}"
        traces.append(
            {
                **{"type": "scatter", "mode": "lines+markers", "name": one.row},
                "x": [epoch + 1 for epoch, _ in one.curve],
                "y": [percent for _, percent in one.curve],
                "line": {
                    "color": colour,
                    "width": 3 if one.in_training else 1.5,
                    "dash": "dot" if one.in_training else "solid",
                },
                "marker": {"color": colour, "size": 5},
                "opacity": 1.0 if one.in_training else 0.8,
                "hovertemplate": f"{said}<br>after %{{x}} passes<br>%{{y:.1f}} %<extra></extra>",
            }
        )
        values += [percent for _, percent in one.curve]
    for row in rows:
        last = [one.curve[-1][1] for one in learned if one.row == row and one.curve]
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


def describe_training(learned: Sequence[TrainingCurve]) -> str:
    """One sentence for readers who do not see the figure."""
    last: Mapping[str, float] = {one.row: one.curve[-1][1] for one in learned if one.curve}
    if not last:
        return "Test accuracy against training epoch: no network has been trained yet."
    said = ", ".join(f"{row} {percent:.1f}" for row, percent in last.items())
    return f"Test accuracy in percent at the last epoch so far: {said}."
