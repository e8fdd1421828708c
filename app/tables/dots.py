"""Accuracies as dots: a line of the figure for each method, a mark for each column with its deviation.

Small dots are single networks; dashed is what networks on all real images reach. Must not import streamlit or
torch.
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
"""CSS pixels for a mark, between two rows, and for axis and legend."""


@dataclass(frozen=True)
class PublishedMarker:
    """A published number of the same experiment."""

    row: str
    column: str
    value: float
    """Percent."""
    source: str


def dots_height(rows: int, columns: int) -> int:
    """CSS pixels that the figure should have."""
    return max(230, FRAME_HEIGHT + rows * (ROW_GAP + MARKER_HEIGHT * max(1, columns)))


def dots_figure(
    rows: Sequence[str],
    columns: Sequence[str],
    points: Sequence[AccuracyPoint],
    ceilings: Mapping[str, float],
    published: Sequence[PublishedMarker] = (),
) -> Figure:
    """The figure.

    Args:
        rows: what is compared, from the top.
        columns: each with a colour and a mark.
        points: what is known.
        ceilings: percent of networks on all real images, by column.
        published: dotted beside our own.
    """
    step = 0.76 / max(1, len(columns))
    height = {row: -index for index, row in enumerate(rows)}
    shift = {column: step * ((len(columns) - 1) / 2 - index + 0.15) for index, column in enumerate(columns)}
    bottom = -(len(rows) - 1) - (0.9 if ceilings else 0.55)
    traces: list[dict[str, object]] = []
    for index, column in enumerate(columns):
        here = [one for one in points if one.column == column]
        levels = {one.row: height[one.row] + shift[column] for one in here}
        colour = series_colour(index)
        traces.append(_networks(column, colour, here, levels, step))
        traces.append(_means(column, colour, SYMBOLS[index % len(SYMBOLS)], here, levels))
        marks = [one for one in published if one.column == column and one.row in height]
        traces.append(_published(colour, marks, height, shift[column], 0.45 * step))
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
    """One sentence for readers who do not see the figure."""
    if not points:
        return "Test accuracy of each method in percent: no network has arrived yet."
    said = [f"{one.row}, {one.column}: {one.entry.mean:.1f}" for one in points]
    whole = "".join(f"; all real images {level:.1f}" for level in dict.fromkeys(ceilings.values()))
    return f"Test accuracy in percent: {', '.join(said)}{whole}."


def hover_text(one: AccuracyPoint) -> str:
    """What a pointer on a mark is told, as plotly's own HTML."""
    counts = f"{counted(one.entry.sets, 'set')}, {counted(one.entry.networks, 'network')}"
    name = f"{html.escape(one.row)}, {html.escape(one.column)}"
    return f"{name}<br>{mean_text(one.entry)} %<br>{counts}"


def _networks(
    column: str, colour: str, here: Sequence[AccuracyPoint], levels: Mapping[str, float], step: float
) -> dict[str, object]:
    """Small dots, a little lower for each further set."""
    x, y, text = [], [], []
    for one in here:
        for number, percent in one.networks:
            x.append(percent)
            y.append(levels[one.row] - step * (0.27 + 0.07 * min(number, 3)))
            text.append(f"{html.escape(one.row)}, {html.escape(column)}<br>set {number + 1}")
    return {
        **{"type": "scatter", "mode": "markers", "x": x, "y": y, "text": text, "name": column},
        **{"legendgroup": column, "showlegend": False},
        "marker": {"color": colour, "size": 5, "opacity": 0.45},
        "hovertemplate": "%{text}: one network<br>%{x:.1f} %<extra></extra>",
    }


def _means(
    column: str, colour: str, symbol: str, here: Sequence[AccuracyPoint], levels: Mapping[str, float]
) -> dict[str, object]:
    text = [
        f"{html.escape(one.row)}, {html.escape(column)}<br>{one.entry.mean:.1f} ± {one.entry.std:.1f} %<br>"
        f"{counted(one.entry.sets, 'set')}, {counted(one.entry.networks, 'network')}"
        for one in here
    ]
    return {
        **{"type": "scatter", "mode": "markers", "name": html.escape(column), "legendgroup": column},
        "x": [one.entry.mean for one in here],
        "y": [levels[one.row] for one in here],
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
            "array": [one.entry.std for one in here],
            **{"color": colour, "thickness": 1.6, "width": 4},
        },
    }


def _published(
    colour: str, marks: Sequence[PublishedMarker], height: Mapping[str, int], shift: float, reach: float
) -> dict[str, object]:
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for one in marks:
        level = height[one.row] + shift
        x += [one.value, one.value, None]
        y += [level - reach, level + reach, None]
        text += [f"{html.escape(one.source)}: {html.escape(one.row)}, {html.escape(one.column)}"] * 3
    return {
        **{"type": "scatter", "mode": "lines", "x": x, "y": y, "text": text, "showlegend": False},
        "line": {"color": colour, "width": 2.5, "dash": "dot"},
        "hovertemplate": "%{text}<br>%{x:.1f} %<extra></extra>",
    }


def _ceiling_lines(ceilings: Mapping[str, float], columns: Sequence[str]) -> dict[str, float]:
    """One line where all columns have the same, else one for each."""
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
    values = [percent for one in points for _, percent in one.networks]
    values += [one.entry.mean + sign * one.entry.std for one in points for sign in (-1, 1)]
    return [*values, *ceilings.values(), *(one.value for one in published)]
