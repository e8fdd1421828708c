"""Confusion matrix as a heat map, and the accuracy of each class as bars."""

import html
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.loss import Figure
from app.plots.parts import shortened, wrapped_label

MAX_WRITTEN_CLASSES = 12
"""Up to so many classes the shares are written in the cells."""
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
    positions = list(range(len(names)))
    short = [html.escape(shortened(name, 14)) for name in names]
    text = [
        [f"{html.escape(true)} taken for {html.escape(predicted)}" for predicted in names] for true in names
    ]
    trace: dict[str, object] = {
        "type": "heatmap",
        **{
            "x": positions,
            "y": positions,
            "z": shares.round(1).tolist(),
            "zmin": 0,
            "zmax": 100,
            "text": text,
        },
        "customdata": counts.tolist(),
        "colorscale": [[0, palette.BACKDROP], [1, palette.series(0)]],
        "showscale": not few,
        "colorbar": {"title": {"text": "% of the class"}, "thickness": 12},
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{text}<br>%{z:.1f} % (%{customdata} answers)<extra></extra>",
    }
    ticks: dict[str, object] = {"tickvals": positions, "ticktext": short} if len(names) <= 30 else {}
    layout: dict[str, object] = {
        "xaxis": {"title": {"text": "predicted as"}, "showgrid": False, "tickangle": -45, **ticks},
        "yaxis": {
            "title": {"text": "true class"},
            **{"autorange": "reversed", "showgrid": False, **ticks},
        },
        "margin": {"l": 10, "r": 10, "t": 10, "b": 10},
        "annotations": [
            {
                "text": f"{shares[row, column]:.0f}",
                **{"x": column, "y": row, "showarrow": False},
                "font": {"color": palette.BACKDROP if shares[row, column] > 50 else palette.TEXT, "size": 12},
            }
            for row in positions
            for column in positions
            if few and shares[row, column] >= 0.5
        ],
    }
    return {"data": [trace], "layout": layout}


def class_figure(counts: Counts, names: Sequence[str]) -> Figure:
    """Bar of accuracy for each class, the best above; of many classes the worst."""
    right = shares_of(counts).diagonal()
    order = np.argsort(right, kind="stable")[:MAX_BARS]
    trace: dict[str, object] = {
        **{"type": "bar", "orientation": "h", "x": right[order].round(1).tolist()},
        "y": list(range(len(order))),
        "text": [f"{right[index]:.0f}" for index in order],
        **{"textposition": "auto", "marker": {"color": palette.series(0)}},
        "insidetextfont": {"color": palette.BACKDROP},
        "outsidetextfont": {"color": palette.TEXT},
        "customdata": [html.escape(names[index]) for index in order],
        "hovertemplate": "%{customdata}<br>%{x:.1f} % right<extra></extra>",
    }
    layout: dict[str, object] = {
        "xaxis": {"title": {"text": "test accuracy of the class (%)"}, "range": [0, 100]},
        "yaxis": {
            "tickvals": list(range(len(order))),
            "ticktext": [wrapped_label(names[index], 16) for index in order],
            **{"showgrid": False, "fixedrange": True},
        },
        "margin": {"l": 10, "r": 14, "t": 10, "b": 10},
        "bargap": 0.25,
    }
    return {"data": [trace], "layout": layout}


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
