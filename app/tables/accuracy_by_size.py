"""Figure 5 of the paper: accuracy against images per class, absolute or relative to the whole set."""

import html
import math
from collections.abc import Mapping, Sequence

from app.plots import palette
from app.plots.line_ends import LineEnd, end_labels, label_margin
from app.plots.loss import Figure
from app.plots.parts import PERCENT, padded_range, series_colour
from app.tables.dots import PublishedMarker, hover_text
from app.tables.points import AccuracyPoint
from dmcore.config.formatting import grouped

PLOT_MARGIN = 75.0
"""CSS pixels above and below the plot."""
NAME_LETTERS = 40
"""Letters of a name at a line's end, at most."""


def accuracy_by_size_figure(
    rows: Sequence[str],
    sizes: Mapping[str, int],
    points: Sequence[AccuracyPoint],
    whole: float | None,
    relative: bool,
    height: int,
    published: Sequence[PublishedMarker] = (),
) -> Figure:
    """Draw a line with deviations for each method; dashed the accuracy on all real images.

    Args:
        rows: methods.
        sizes: images per class of each column.
        points: accuracies known so far.
        whole: percent that networks trained on all real images reach.
        relative: draw percent of `whole`; without it nothing is drawn.
        height: CSS pixels the figure will have; keeps the names apart.
        published: dotted lines of the same experiments.
    """
    scale = 1.0
    if relative:
        points = points if whole else []
        scale = 100.0 / whole if whole else 1.0
    traces: list[dict[str, object]] = []
    ends: list[LineEnd] = []
    values: list[float] = []
    for index, row in enumerate(rows):
        line = sorted((point for point in points if point.row == row), key=lambda p: sizes[p.column])
        if not line:
            continue
        colour = series_colour(index)
        traces += _line(row, colour, line, sizes, scale)
        ends.append(LineEnd(row, scale * line[-1].entry.mean, colour))
        values += [scale * percent for point in line for _, percent in point.networks]
        values += [scale * (p.entry.mean + sign * p.entry.std) for p in line for sign in (-1, 1)]
        markers = sorted((sizes[marker.column], marker) for marker in published if marker.row == row)
        traces += _published(colour, markers, scale) if markers else []
        values += [scale * marker.value for _, marker in markers]
    all_sizes = sorted(sizes.values())
    if whole is not None and (points or not relative):
        level = scale * whole
        values.append(level)
        ends.append(LineEnd("whole set", level, palette.TEXT))
        traces.append(_ceiling(level, all_sizes))
    low, high = padded_range(values)
    reach = (all_sizes[-1] / all_sizes[0]) ** 0.04 if len(all_sizes) > 1 else 2.0
    layout: dict[str, object] = {
        "xaxis": {
            "title": {"text": "images per class"},
            "type": "log",
            "range": [math.log10(all_sizes[0] / reach), math.log10(all_sizes[-1] * reach)],
            "tickvals": all_sizes,
            "ticktext": [grouped(size) for size in all_sizes],
        },
        "yaxis": {
            "title": {"text": "share of the whole set's accuracy (%)" if relative else PERCENT},
            "range": [low, high],
        },
        "margin": {"l": 10, "r": label_margin(ends), "t": 14, "b": 10},
        "hovermode": "closest",
        "showlegend": False,
        "annotations": end_labels(ends, (height - PLOT_MARGIN) / (high - low), high, NAME_LETTERS)
        + ([] if points else [_missing_text(relative)]),
    }
    return {"data": traces, "layout": layout}


def describe_sizes(points: Sequence[AccuracyPoint], sizes: Mapping[str, int], whole: float | None) -> str:
    """Alternative text of figure 5: one sentence for readers who do not see the figure."""
    if not points:
        return "Test accuracy against images per class: no network has arrived yet."
    means = [f"{point.row} with {sizes[point.column]}: {point.entry.mean:.1f}" for point in points]
    ceiling = "" if whole is None else f"; all real images {whole:.1f}"
    return f"Test accuracy in percent against images per class: {', '.join(means)}{ceiling}."


def _line(
    row: str, colour: str, points: Sequence[AccuracyPoint], sizes: Mapping[str, int], scale: float
) -> list[dict[str, object]]:
    text = [hover_text(point) for point in points]
    dots = [(sizes[point.column], scale * percent) for point in points for _, percent in point.networks]
    return [
        {
            **{"type": "scatter", "mode": "markers", "name": row, "hoverinfo": "skip"},
            "x": [size for size, _ in dots],
            "y": [level for _, level in dots],
            "marker": {"color": colour, "size": 5, "opacity": 0.45},
        },
        {
            **{"type": "scatter", "mode": "lines+markers", "name": row, "text": text},
            "x": [sizes[point.column] for point in points],
            "y": [scale * point.entry.mean for point in points],
            "line": {"color": colour, "width": 2},
            "marker": {"color": colour, "size": 8},
            "error_y": {
                "type": "data",
                "array": [scale * point.entry.std for point in points],
                **{"color": colour, "thickness": 1.6, "width": 4},
            },
            "hovertemplate": "%{text}<extra></extra>",
        },
    ]


def _published(
    colour: str, markers: Sequence[tuple[int, PublishedMarker]], scale: float
) -> list[dict[str, object]]:
    return [
        {
            **{"type": "scatter", "mode": "lines+markers", "name": markers[0][1].source},
            "x": [size for size, _ in markers],
            "y": [scale * marker.value for _, marker in markers],
            "text": [
                f"{html.escape(marker.source)}: {html.escape(marker.row)}, {marker.value:.1f} %"
                for _, marker in markers
            ],
            "line": {"color": colour, "width": 1.5, "dash": "dot"},
            "marker": {"color": colour, "size": 6, "symbol": "circle-open"},
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _ceiling(level: float, sizes: Sequence[int]) -> dict[str, object]:
    return {
        **{"type": "scatter", "mode": "lines", "name": "whole set"},
        "x": [sizes[0] / 2, sizes[-1] * 2],
        "y": [level, level],
        "line": {"color": palette.TEXT, "width": 1.5, "dash": "dash"},
        "hovertemplate": "all real images<br>%{y:.1f} %<extra></extra>",
    }


def _missing_text(relative: bool) -> dict[str, object]:
    text = "waiting for the network on the whole set" if relative else "no network has arrived yet"
    return {
        "text": text,
        **{"x": 0.5, "xref": "paper", "y": 0.5, "yref": "paper", "showarrow": False},
    }
