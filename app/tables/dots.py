"""Dot plot of accuracies: a row for each method, a marker with its deviation for each column.

Small dots are single networks; dashed is what networks on all real images reach.
"""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.plots import palette
from app.plots.loss import Figure
from app.plots.parts import PERCENT, mean_text, padded_range, series_colour, wrapped_label
from app.tables.points import AccuracyPoint
from dmcore.config.formatting import counted

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down", "pentagon")
MARKER_HEIGHT, ROW_GAP, FRAME_HEIGHT = 19, 9, 100
"""CSS pixels for a marker, between two rows, and for axis and legend."""


@dataclass(frozen=True)
class PublishedMarker:
    """Published accuracy of the same experiment, drawn next to ours."""

    row: str
    column: str
    value: float
    """Percent."""
    source: str


def dots_height(rows: int, columns: int) -> int:
    """Height of the dot plot in CSS pixels."""
    return max(230, FRAME_HEIGHT + rows * (ROW_GAP + MARKER_HEIGHT * max(1, columns)))


def dots_figure(
    rows: Sequence[str],
    columns: Sequence[str],
    points: Sequence[AccuracyPoint],
    ceilings: Mapping[str, float],
    published: Sequence[PublishedMarker] = (),
) -> Figure:
    """Draw the dot plot.

    Args:
        rows: methods, from the top.
        columns: each has a colour and a marker symbol.
        points: accuracies known so far.
        ceilings: percent of networks trained on all real images, by column.
        published: dotted, next to our own.
    """
    step = 0.76 / max(1, len(columns))
    height = {row: -index for index, row in enumerate(rows)}
    shift = {column: step * ((len(columns) - 1) / 2 - index + 0.15) for index, column in enumerate(columns)}
    bottom = -(len(rows) - 1) - (0.9 if ceilings else 0.55)
    traces: list[dict[str, object]] = []
    for index, column in enumerate(columns):
        in_column = [point for point in points if point.column == column]
        levels = {point.row: height[point.row] + shift[column] for point in in_column}
        colour = series_colour(index)
        traces.append(_networks(column, colour, in_column, levels, step))
        traces.append(_means(column, colour, SYMBOLS[index % len(SYMBOLS)], in_column, levels))
        markers = [marker for marker in published if marker.column == column and marker.row in height]
        traces.append(_published(colour, markers, height, shift[column], 0.45 * step))
    lines = _ceiling_lines(ceilings, columns)
    traces += [_ceiling(name, level, bottom) for name, level in lines.items()]
    low, high = padded_range(_values(points, ceilings, published))
    low, high = max(low, -2.0), min(high, 102.0)
    layout: dict[str, object] = {
        "xaxis": {"title": {"text": PERCENT}, "range": [low, high], "nticks": 8},
        "yaxis": {
            "range": [bottom, 0.6],
            "tickvals": [height[row] for row in rows],
            "ticktext": [wrapped_label(row) for row in rows],
            "fixedrange": True,
        },
        "margin": {"l": 10, "r": 14, "t": 34 if len(columns) > 1 else 10, "b": 10},
        "hovermode": "closest",
        "showlegend": len(columns) > 1,
        "legend": {
            **{"orientation": "h", "x": 0, "xanchor": "left", "y": 1, "yanchor": "bottom"},
            **{"itemsizing": "constant", "tracegroupgap": 0},
        },
        "annotations": [
            _ceiling_label(name, level, bottom, 0.5 * (low + high)) for name, level in lines.items()
        ]
        + ([] if points else [_nothing_yet()]),
    }
    return {"data": traces, "layout": layout}


def describe_dots(points: Sequence[AccuracyPoint], ceilings: Mapping[str, float]) -> str:
    """Alternative text of the dot plot: one sentence for readers who do not see the figure."""
    if not points:
        return "Test accuracy of each method in percent: no network has arrived yet."
    means = [f"{point.row}, {point.column}: {point.entry.mean:.1f}" for point in points]
    whole = "".join(f"; all real images {level:.1f}" for level in dict.fromkeys(ceilings.values()))
    return f"Test accuracy in percent: {', '.join(means)}{whole}."


def hover_text(point: AccuracyPoint) -> str:
    """Hover label of a marker, as plotly's own HTML."""
    name = f"{html.escape(point.row)}, {html.escape(point.column)}"
    return f"{name}<br>{mean_text(point.entry)} %<br>{_counts_text(point)}"


def _counts_text(point: AccuracyPoint) -> str:
    return f"{counted(point.entry.sets, 'set')}, {counted(point.entry.networks, 'network')}"


def _networks(
    column: str, colour: str, points: Sequence[AccuracyPoint], levels: Mapping[str, float], step: float
) -> dict[str, object]:
    """Small dots, a little lower for each further set."""
    x, y, text = [], [], []
    for point in points:
        for number, percent in point.networks:
            x.append(percent)
            y.append(levels[point.row] - step * (0.27 + 0.07 * min(number, 3)))
            text.append(f"{html.escape(point.row)}, {html.escape(column)}<br>set {number + 1}")
    return {
        **{"type": "scatter", "mode": "markers", "x": x, "y": y, "text": text, "name": column},
        **{"legendgroup": column, "showlegend": False},
        "marker": {"color": colour, "size": 5, "opacity": 0.45},
        "hovertemplate": "%{text}: one network<br>%{x:.1f} %<extra></extra>",
    }


def _means(
    column: str, colour: str, symbol: str, points: Sequence[AccuracyPoint], levels: Mapping[str, float]
) -> dict[str, object]:
    text = [
        f"{html.escape(point.row)}, {html.escape(column)}<br>"
        f"{point.entry.mean:.1f} ± {point.entry.std:.1f} %<br>{_counts_text(point)}"
        for point in points
    ]
    return {
        **{"type": "scatter", "mode": "markers", "name": html.escape(column), "legendgroup": column},
        "x": [point.entry.mean for point in points],
        "y": [levels[point.row] for point in points],
        "text": text,
        "hovertemplate": "%{text}<extra></extra>",
        "showlegend": True,
        "marker": {
            "color": colour,
            "symbol": symbol,
            "size": 11,
            "line": {"color": palette.BACKDROP, "width": 1},
        },
        "error_x": {
            "type": "data",
            "array": [point.entry.std for point in points],
            **{"color": colour, "thickness": 1.6, "width": 4},
        },
    }


def _published(
    colour: str, markers: Sequence[PublishedMarker], height: Mapping[str, int], shift: float, reach: float
) -> dict[str, object]:
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for marker in markers:
        level = height[marker.row] + shift
        x += [marker.value, marker.value, None]
        y += [level - reach, level + reach, None]
        source = html.escape(marker.source)
        text += [f"{source}: {html.escape(marker.row)}, {html.escape(marker.column)}"] * 3
    return {
        **{"type": "scatter", "mode": "lines", "x": x, "y": y, "text": text, "showlegend": False},
        "line": {"color": colour, "width": 2.5, "dash": "dot"},
        "hovertemplate": "%{text}<br>%{x:.1f} %<extra></extra>",
    }


def _ceiling_lines(ceilings: Mapping[str, float], columns: Sequence[str]) -> dict[str, float]:
    """Levels of the dashed lines: a single one where all columns have the same, else one for each."""
    levels = set(ceilings.values())
    if len(levels) == 1:
        return {"whole set": next(iter(levels))}
    return {f"whole set, {column}": ceilings[column] for column in columns if column in ceilings}


def _ceiling(name: str, level: float, bottom: float) -> dict[str, object]:
    return {
        **{"type": "scatter", "mode": "lines", "x": [level, level], "y": [bottom, 0.6], "showlegend": False},
        "line": {"color": palette.TEXT, "width": 1.5, "dash": "dash"},
        "hovertemplate": f"{html.escape(name)}: all real images<br>%{{x:.1f}} %<extra></extra>",
    }


def _ceiling_label(name: str, level: float, bottom: float, middle: float) -> dict[str, object]:
    left = level > middle
    return {
        "text": html.escape(f"{name} {level:.1f} %"),
        **{"x": level, "xref": "x", "xanchor": "right" if left else "left", "xshift": -5 if left else 5},
        **{"y": bottom, "yref": "y", "yanchor": "bottom", "showarrow": False},
        **{"bgcolor": palette.BACKDROP, "opacity": 0.9, "borderpad": 1},
    }


def _nothing_yet() -> dict[str, object]:
    return {
        "text": "no network has arrived yet",
        **{"x": 0.5, "xref": "paper", "y": 0.5, "yref": "paper", "showarrow": False},
    }


def _values(
    points: Sequence[AccuracyPoint], ceilings: Mapping[str, float], published: Sequence[PublishedMarker]
) -> list[float]:
    values = [percent for point in points for _, percent in point.networks]
    values += [point.entry.mean + sign * point.entry.std for point in points for sign in (-1, 1)]
    return [*values, *ceilings.values(), *(marker.value for marker in published)]
