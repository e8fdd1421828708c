"""Histogram of the validation accuracies of a pool's states, coloured by band."""

from collections.abc import Sequence

import numpy as np

from app.plots import palette
from app.plots.loss import Figure
from app.plots.parts import series_colour
from dmcore.config.formatting import counted, grouped
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_index import PoolState

BIN = 2.0
"""Width of a bar, in percent."""
OUTSIDE = "in no band"


def pool_figure(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> Figure:
    """Plotly figure with a colour for each band and its number of states in the legend."""
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
        "annotations": [] if states else [_no_states_annotation()],
    }
    return {"data": traces, "layout": layout}


def describe_pool(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> str:
    """Alternative text of the histogram, in a sentence."""
    if not states:
        return "Histogram of validation accuracies: no network of the pool is finished yet."
    bands_text = ", ".join(
        f"{name}: {grouped(len(inside))}" for name, inside in by_band(states, bands).items()
    )
    return (
        f"Histogram of the validation accuracies of {counted(len(states), 'state')}, by band: {bands_text}."
    )


def by_band(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> dict[str, list[float]]:
    """Group accuracies (percent) by the first band that contains them; last, those in no band, if any."""
    grouped_accuracies: dict[str, list[float]] = {band.name: [] for band in bands}
    outside: list[float] = []
    for state in states:
        band = next((band for band in bands if band.contains(state.accuracy)), None)
        (outside if band is None else grouped_accuracies[band.name]).append(state.accuracy)
    return grouped_accuracies | ({OUTSIDE: outside} if outside else {})


def _no_states_annotation() -> dict[str, object]:
    return {
        "text": "no network is finished yet",
        **{"x": 0.5, "xref": "paper", "y": 0.5, "yref": "paper", "showarrow": False},
        **{"bgcolor": palette.BACKDROP, "borderpad": 4},
    }
