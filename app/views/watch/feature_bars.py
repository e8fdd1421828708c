"""Bar charts of mean real and synthetic features: the few of thousands that differ most."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.axis import Axis
from app.plots.figure import Figure, FigureBuilder
from dmcore.config.formatting import grouped

MAX_BARS = 40
Features = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]


def largest_differences(real: Features, synthetic: Features, most: int = MAX_BARS) -> Indices:
    """Indices of the features [bar] whose means differ most, the largest difference first."""
    return np.argsort(-np.abs(real - synthetic), kind="stable")[:most]


def shown_features_text(shown: int, features: int) -> str:
    """Which features a figure shows: '40 of 2 048 features, those that differ most'."""
    if shown == features:
        return f"all {grouped(features)} features, the largest difference first"
    return f"{shown} of {grouped(features)} features, those that differ most"


def means_figure(real: Features, synthetic: Features) -> Figure:
    """Bar chart of the mean real and the mean synthetic feature [feature], side by side."""
    bars = {"real": (real, palette.series(0)), "synthetic": (synthetic, palette.series(1))}
    return _bars_figure("mean feature", bars, largest_differences(real, synthetic), len(real))


def differences_figure(real: Features, synthetic: Features) -> Figure:
    """Bar chart of the differences [feature], real minus synthetic, in the order of `means_figure`."""
    name = "real minus synthetic"
    bars = {"": (real - synthetic, palette.series(3))}
    return _bars_figure(name, bars, largest_differences(real, synthetic), len(real))


def _bars_figure(
    title: str, series: Mapping[str, tuple[Features, str]], shown: Indices, features: int
) -> Figure:
    """Bars of the shown features: for each series, by its name, its values and its colour."""
    figure = FigureBuilder(
        Axis(shown_features_text(len(shown), features), grid=False, numbers=False), Axis(title)
    )
    for name, (values, colour) in series.items():
        figure.bars(
            np.arange(1, len(shown) + 1, dtype=np.int32),
            values[shown].astype(np.float32),
            colour,
            name=name,
            hover=f"feature %{{customdata}}\n{name or title} %{{y:.3g}}",
            texts=[grouped(int(feature)) for feature in shown],
        )
    return figure.build()
