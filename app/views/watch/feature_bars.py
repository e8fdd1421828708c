"""Mean features of real and synthetic images as bars: the few of thousands that differ most.

Colours are names that the live figure looks up in the theme. Must not import streamlit or torch.
"""

import numpy as np
import numpy.typing as npt

from app.plots import palette
from app.plots.loss import Figure
from dmcore.config.formatting import grouped

MOST_BARS = 40
Numbers = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]


def differ_most(real: Numbers, synthetic: Numbers, most: int = MOST_BARS) -> Places:
    """Numbers of the features [bar] whose means differ most, the largest difference first."""
    return np.argsort(-np.abs(real - synthetic), kind="stable")[:most]


def chosen_of(shown: int, features: int) -> str:
    """Which features a figure shows: '40 of 2 048 features, those that differ most'."""
    if shown == features:
        return f"all {grouped(features)} features, the largest difference first"
    return f"{shown} of {grouped(features)} features, those that differ most"


def means_figure(real: Numbers, synthetic: Numbers) -> Figure:
    """Bars of the mean real and the mean synthetic feature [feature], side by side."""
    shown = differ_most(real, synthetic)
    both = (("real", real, 0), ("synthetic", synthetic, 1))
    bars = [
        {
            **_bars(shown, values[shown], palette.series(colour)),
            "name": name,
            "hovertemplate": f"feature %{{customdata}}<br>{name} %{{y:.3g}}<extra></extra>",
        }
        for name, values, colour in both
    ]
    return {"data": bars, "layout": _layout(len(shown), len(real), "mean feature", legend=True)}


def differences_figure(real: Numbers, synthetic: Numbers) -> Figure:
    """Bars of the difference [feature], real less synthetic, in the order of `means_figure`."""
    shown = differ_most(real, synthetic)
    bars = {
        **_bars(shown, (real - synthetic)[shown], palette.series(3)),
        "hovertemplate": "feature %{customdata}<br>real less synthetic %{y:.3g}<extra></extra>",
    }
    return {"data": [bars], "layout": _layout(len(shown), len(real), "real less synthetic", legend=False)}


def _bars(shown: Places, values: Numbers, colour: str) -> dict[str, object]:
    return {
        "type": "bar",
        "x": np.arange(1, len(shown) + 1, dtype=np.int32),
        "y": values.astype(np.float32),
        "customdata": [grouped(int(feature)) for feature in shown],
        "marker": {"color": colour, "line": {"width": 0}},
    }


def _layout(shown: int, features: int, title: str, legend: bool) -> dict[str, object]:
    return {
        "barmode": "group",
        "bargap": 0.25,
        "bargroupgap": 0,
        "xaxis": {"title": {"text": chosen_of(shown, features)}, "showticklabels": False, "showgrid": False},
        "yaxis": {"title": {"text": title}, "nticks": 6, "zeroline": True, "zerolinecolor": palette.TEXT},
        "margin": {"l": 10, "r": 10, "t": 34 if legend else 14, "b": 10},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"},
        "hovermode": "closest",
    }
