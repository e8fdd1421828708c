"""Bar charts of mean real and synthetic features: the few of thousands that differ most.

Colours are names that the live figure looks up in the theme.
"""

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.loss import Figure
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
    indices = largest_differences(real, synthetic)
    means = (("real", real, 0), ("synthetic", synthetic, 1))
    bars = [
        {
            **_bars(indices, values[indices], palette.series(colour)),
            "name": name,
            "hovertemplate": f"feature %{{customdata}}<br>{name} %{{y:.3g}}<extra></extra>",
        }
        for name, values, colour in means
    ]
    return {"data": bars, "layout": _layout(len(indices), len(real), "mean feature", legend=True)}


def differences_figure(real: Features, synthetic: Features) -> Figure:
    """Bar chart of the differences [feature], real minus synthetic, in the order of `means_figure`."""
    indices = largest_differences(real, synthetic)
    bars = {
        **_bars(indices, (real - synthetic)[indices], palette.series(3)),
        "hovertemplate": "feature %{customdata}<br>real minus synthetic %{y:.3g}<extra></extra>",
    }
    return {"data": [bars], "layout": _layout(len(indices), len(real), "real minus synthetic", legend=False)}


def _bars(indices: Indices, values: Features, colour: str) -> dict[str, object]:
    return {
        "type": "bar",
        "x": np.arange(1, len(indices) + 1, dtype=np.int32),
        "y": values.astype(np.float32),
        "customdata": [grouped(int(feature)) for feature in indices],
        "marker": {"color": colour, "line": {"width": 0}},
    }


def _layout(shown: int, features: int, title: str, legend: bool) -> dict[str, object]:
    return {
        "barmode": "group",
        "bargap": 0.25,
        "bargroupgap": 0,
        "xaxis": {
            "title": {"text": shown_features_text(shown, features)},
            "showticklabels": False,
            "showgrid": False,
        },
        "yaxis": {"title": {"text": title}, "nticks": 6, "zeroline": True, "zerolinecolor": palette.TEXT},
        "margin": {"l": 10, "r": 10, "t": 34 if legend else 14, "b": 10},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
    }
