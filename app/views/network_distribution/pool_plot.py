"""How accurate the states of a pool are: a histogram, its bars coloured by the band they are drawn in.

Must not import streamlit or torch.
"""

from collections.abc import Sequence

import numpy as np

from app.plots import palette
from app.plots.loss import Figure
from app.plots.parts import series_colour
from dmcore.config.formatting import counted, grouped
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_index import PoolState

BIN = 2.0
"""Percent of a bar."""
OUTSIDE = "in no band"


def pool_figure(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> Figure:
    """The figure: a colour for each band, and in the legend how many states it has."""
    edges = np.arange(0.0, 100.0 + BIN, BIN)
    traces: list[dict[str, object]] = []
    for index, (name, accuracies) in enumerate(by_band(states, bands).items()):
        counts, _ = np.histogram(accuracies, edges)
        outside = name == OUTSIDE
        traces.append(
            {
                **{"type": "bar", "name": f"{name}: {grouped(len(accuracies))}"},
                "x": (edges[:-1] + BIN / 2).tolist(),
                "y": counts.tolist(),
                "width": BIN * 0.92,
                "customdata": [f"{low:g} to {low + BIN:g} %" for low in edges[:-1]],
                "marker": {"color": "rgba(128, 128, 128, 0.6)" if outside else series_colour(index)},
                "hovertemplate": f"%{{customdata}}<br>%{{y}} states, {name}<extra></extra>",
            }
        )
    layout: dict[str, object] = {
        **{"barmode": "stack", "bargap": 0, "hovermode": "closest", "showlegend": bool(states)},
        "xaxis": {"title": {"text": "validation accuracy (%)"}, "range": [0, 100]},
        "yaxis": {"title": {"text": "states"}, "rangemode": "tozero"},
        "legend": {
            **{"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom"},
            "traceorder": "normal",
        },
        "margin": {"l": 10, "r": 14, "t": 10, "b": 10},
        "annotations": [] if states else [_nothing_yet()],
    }
    return {"data": traces, "layout": layout}


def describe_pool(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> str:
    """One sentence for readers who do not see the figure."""
    if not states:
        return "Histogram of validation accuracies: no network of the pool is finished yet."
    said = ", ".join(f"{name}: {grouped(len(found))}" for name, found in by_band(states, bands).items())
    return f"Histogram of the validation accuracies of {counted(len(states), 'state')}, by band: {said}."


def by_band(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> dict[str, list[float]]:
    """Accuracies in percent by the first band that holds them; last, where there are any, those in none."""
    found: dict[str, list[float]] = {one.name: [] for one in bands}
    outside: list[float] = []
    for state in states:
        band = next((one for one in bands if one.holds(state.accuracy)), None)
        (outside if band is None else found[band.name]).append(state.accuracy)
    return found | ({OUTSIDE: outside} if outside else {})


def _nothing_yet() -> dict[str, object]:
    return {
        "text": "no network is finished yet",
        **{"x": 0.5, "xref": "paper", "y": 0.5, "yref": "paper", "showarrow": False},
        **{"bgcolor": palette.BACKDROP, "borderpad": 4},
    }
