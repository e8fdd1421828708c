"""Plotly figure of a coverage metric over the iterations."""

import html
from collections.abc import Mapping, Sequence

from app.plots import palette
from app.plots.line_ends import LineEnd, end_labels, label_margin
from app.plots.loss import Figure
from dmcore.feature_space.coverage.metrics import Metric

MARGIN = 60.0
"""CSS pixels of the figure above and below its plot."""


def metric_figure(
    metric: Metric,
    curves: Mapping[str, tuple[Sequence[int], Sequence[float]]],
    ceilings: Mapping[str, float],
    height: int,
) -> Figure:
    """Figure of a metric: lines with points, a label at the end of each; dashed what fresh real images reach.

    Args:
        metric: which metric is drawn.
        curves: iterations and values of each set, by its name.
        ceilings: levels of fresh real images, by name.
        height: CSS pixels the figure will have; keeps the labels apart.
    """
    traces: list[dict[str, object]] = []
    values = [value for _, series in curves.values() for value in series] + list(ceilings.values())
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    room = 0.08 * (high - low) or 0.1 * abs(high) or 0.1
    low, high = low - room, high + room
    last = max((iterations[-1] for iterations, _ in curves.values()), default=10)
    for index, (name, (iterations, series)) in enumerate(curves.items()):
        colour = palette.series(index)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": name,
                "x": [max(1, iteration) for iteration in iterations],
                "y": list(series),
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
    ends = [
        LineEnd(name, series[-1], palette.series(i)) for i, (name, (_, series)) in enumerate(curves.items())
    ]
    ends += [LineEnd(name, level, palette.TEXT) for name, level in ceilings.items()]
    labels = end_labels(ends, (height - MARGIN) / (high - low))
    layout: dict[str, object] = {
        "xaxis": {
            "title": {"text": "iteration (the start is drawn at 1)"},
            "type": "log",
            "exponentformat": "none",
            "separatethousands": True,
            "dtick": 1,
        }
        | ({} if curves else {"range": [0, 2]}),
        "yaxis": {"title": {"text": metric.title.lower()}, "range": [low, high]},
        "margin": {
            "l": 10,
            "r": label_margin(ends),
            "t": 14,
            "b": 10,
        },
        "hovermode": "closest",
        "showlegend": False,
        "annotations": labels,
    }
    return {"data": traces, "layout": layout}
