"""Histogram of the validation accuracies of a pool's states, coloured by band."""

from collections.abc import Sequence

import numpy as np

from app.plots import palette
from app.plots.axis import Axis
from app.plots.figure import Figure, FigureBuilder
from dmcore.config.formatting import counted, grouped
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_index import OUTSIDE, PoolState, by_band

BIN = 2.0
"""Width of a bar, in percent."""


def pool_figure(states: Sequence[PoolState], bands: Sequence[NetworkSource]) -> Figure:
    """Draw the histogram with a colour for each band and its number of states in the legend."""
    edges = np.arange(0.0, 100.0 + BIN, BIN)
    texts = [f"{low:g} to {low + BIN:g} %" for low in edges[:-1]]
    figure = FigureBuilder(Axis("validation accuracy (%)", ends=(0, 100)), Axis("states", from_zero=True))
    if not states:
        figure.empty("no network is finished yet")
    for index, (name, accuracies) in enumerate(by_band(states, bands if states else ()).items()):
        figure.bars(
            edges[:-1] + BIN / 2,
            np.histogram(accuracies, edges)[0],
            palette.REST if name == OUTSIDE else palette.series_or_rest(index),
            stacked=True,
            name=f"{name}: {grouped(len(accuracies))}",
            hover=f"%{{customdata}}\n%{{y}} states, {name}",
            texts=texts,
        )
    return figure.build()


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
