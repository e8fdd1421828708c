"""One coverage number over the iterations as a plotly figure. Must not import streamlit or torch."""

import html
from collections.abc import Mapping, Sequence

from app.plots import palette
from app.plots.loss import Figure, spread_apart
from dmcore.feature_space.coverage.metrics import Metric

LABEL_HEIGHT = 19.0
MARGIN = 60.0
"""CSS pixels of the figure above and below its plot."""


def metric_figure(
    number: Metric,
    curves: Mapping[str, tuple[Sequence[int], Sequence[float]]],
    ceilings: Mapping[str, float],
    height: int,
) -> Figure:
    """Lines with points, a name at the end of each; dashed what fresh real images reach.

    Args:
        number: which number.
        curves: for each set, under its name, iterations and values.
        ceilings: levels of fresh real images, by name.
        height: CSS pixels the figure will have; keeps the names apart.
    """
    traces: list[dict[str, object]] = []
    values = [one for _, each in curves.values() for one in each] + list(ceilings.values())
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = 0.08 * (high - low) or 0.1 * abs(high) or 0.1
    low, high = low - room, high + room
    last = max((iterations[-1] for iterations, _ in curves.values()), default=10)
    for index, (name, (iterations, each)) in enumerate(curves.items()):
        colour = palette.series(index)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": name,
                "x": [max(1, one) for one in iterations],
                "y": list(each),
                "line": {"color": colour, "width": 2},
                "marker": {"color": colour, "size": 5},
                "hovertemplate": f"{html.escape(name)}<br>iteration %{{x}}<br>%{{y:.3g}}<extra></extra>",
            }
        )
    for name, level in ceilings.items():
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": name,
                "x": [1, max(10, last)],
                "y": [level, level],
                "line": {"color": palette.TEXT, "width": 1.5, "dash": "dash"},
                "hovertemplate": f"{html.escape(name)}<br>%{{y:.3g}}<extra></extra>",
            }
        )
    ends = [(name, each[-1], palette.series(i)) for i, (name, (_, each)) in enumerate(curves.items())]
    ends += [(name, level, palette.TEXT) for name, level in ceilings.items()]
    scale = (height - MARGIN) / (high - low)
    wanted = [level * scale for _, level, _ in ends]
    labels = [
        {
            "text": f'<span style="color:{colour}"><b>—</b></span> {html.escape(name)}',
            **{"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4, "align": "left", "showarrow": False},
            **{"y": level, "yref": "y", "yanchor": "middle", "yshift": free - place},
        }
        for (name, level, colour), place, free in zip(
            ends, wanted, spread_apart(wanted, LABEL_HEIGHT), strict=True
        )
    ]
    layout: dict[str, object] = {
        "xaxis": {
            "title": {"text": "iteration (the start is drawn at 1)"},
            "type": "log",
            "exponentformat": "none",
            "separatethousands": True,
            "dtick": 1,
        }
        | ({} if curves else {"range": [0, 2]}),
        "yaxis": {"title": {"text": number.title.lower()}, "range": [low, high]},
        "margin": {
            "l": 10,
            "r": 28 + int(max((7.4 * len(one[0]) for one in ends), default=0)),
            "t": 14,
            "b": 10,
        },
        "hovermode": "closest",
        "showlegend": False,
        "annotations": labels,
    }
    return {"data": traces, "layout": layout}
