"""Which classes are taken for which: a heat map, and a bar for each class.

Must not import streamlit or torch.
"""

import html
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.loss import Figure
from app.plots.parts import shortened, wrapped_label

WRITTEN = 12
"""Up to so many classes the shares stand in the cells."""
BARS = 20
"""Classes with a bar; of more the worst."""
Counts = npt.NDArray[np.int64]


def shares_of(counts: Counts) -> npt.NDArray[np.float64]:
    """Percent of each class's test images (row) that were named as each class (column)."""
    total = counts.sum(axis=1, keepdims=True)
    return np.where(total > 0, 100.0 * counts / np.maximum(1, total), 0.0)


def confusion_figure(counts: Counts, names: Sequence[str]) -> Figure:
    """True class down, named class across; the diagonal is right.

    Args:
        counts: [true class, named class] test images, summed over networks.
        names: of the classes.
    """
    shares = shares_of(counts)
    few = len(names) <= WRITTEN
    places = list(range(len(names)))
    short = [html.escape(shortened(one, 14)) for one in names]
    text = [[f"{html.escape(true)} taken for {html.escape(named)}" for named in names] for true in names]
    trace: dict[str, object] = {
        "type": "heatmap",
        **{"x": places, "y": places, "z": shares.round(1).tolist(), "zmin": 0, "zmax": 100, "text": text},
        "customdata": counts.tolist(),
        "colorscale": [[0, palette.BACKDROP], [1, palette.series(0)]],
        "showscale": not few,
        "colorbar": {"title": {"text": "% of the class"}, "thickness": 12},
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "%{text}<br>%{z:.1f} % (%{customdata} answers)<extra></extra>",
    }
    ticks: dict[str, object] = {"tickvals": places, "ticktext": short} if len(names) <= 30 else {}
    layout: dict[str, object] = {
        "xaxis": {"title": {"text": "named as"}, "showgrid": False, "tickangle": -45, **ticks},
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
            for row in places
            for column in places
            if few and shares[row, column] >= 0.5
        ],
    }
    return {"data": [trace], "layout": layout}


def class_figure(counts: Counts, names: Sequence[str]) -> Figure:
    """A bar for each class, the best above; of many classes the worst."""
    right = shares_of(counts).diagonal()
    order = np.argsort(right, kind="stable")[:BARS]
    trace: dict[str, object] = {
        **{"type": "bar", "orientation": "h", "x": right[order].round(1).tolist()},
        "y": list(range(len(order))),
        "text": [f"{right[one]:.0f}" for one in order],
        **{"textposition": "auto", "marker": {"color": palette.series(0)}},
        "insidetextfont": {"color": palette.BACKDROP},
        "outsidetextfont": {"color": palette.TEXT},
        "customdata": [html.escape(names[one]) for one in order],
        "hovertemplate": "%{customdata}<br>%{x:.1f} % right<extra></extra>",
    }
    layout: dict[str, object] = {
        "xaxis": {"title": {"text": "test accuracy of the class (%)"}, "range": [0, 100]},
        "yaxis": {
            "tickvals": list(range(len(order))),
            "ticktext": [wrapped_label(names[one], 16) for one in order],
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
    true, named = divmod(int(wrong.argmax()), len(names))
    said = f"Best: {names[best]} ({right[best]:.0f} % right); worst: {names[worst]} ({right[worst]:.0f} %)."
    if len(names) < 2 or wrong[true, named] <= 0:
        return said
    share = wrong[true, named]
    return f"{said} Most often confused: {names[true]} is taken for {names[named]} in {share:.0f} %."
