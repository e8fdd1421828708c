"""Plotly figure of table 4: accuracy by the embedding networks, a panel for each number of images per class.

Sources with an order, such as bands of rising accuracy, are joined by a line.
"""

import html
from collections.abc import Mapping, Sequence
from itertools import pairwise

from app.plots import palette
from app.plots.loss import Figure
from app.plots.parts import padded_range, series_colour, wrapped_label
from app.tables.dots import PublishedMarker, hover_text
from app.tables.points import AccuracyPoint

ORDERED = ("band", "fixed", "interpolated")
"""Kinds of sources that have an order."""
PANEL, AROUND = 140, 84
"""CSS pixels of a panel, and of the labels below the last."""
GAP = 0.1
"""Gap between two panels, as a fraction of the height."""
DOT_OFFSET = 0.17
"""Horizontal offset of the dots of single sets from their mean."""


def distribution_height(columns: int) -> int:
    """Height of the figure in CSS pixels."""
    return AROUND + PANEL * max(1, columns)


def distribution_figure(
    kinds: Mapping[str, str],
    columns: Sequence[str],
    points: Sequence[AccuracyPoint],
    published: Sequence[PublishedMarker] = (),
    reference: str = "",
) -> Figure:
    """Create the figure.

    Args:
        kinds: kind of the source of each row, in order.
        columns: images per class, a panel each.
        points: accuracies that are known.
        published: published accuracies of the same experiments, drawn dashed.
        reference: row whose mean is drawn as a thin line through its panel.
    """
    position = {row: index for index, row in enumerate(kinds)}
    traces: list[dict[str, object]] = []
    layout: dict[str, object] = {}
    annotations: list[dict[str, object]] = []
    share = (1 + GAP) / len(columns)
    if not points and not published:
        annotations.append(_empty_annotation(1 - (share - GAP) / 2))
    for index, column in enumerate(columns):
        by_row = {point.row: point for point in points if point.column == column and point.row in position}
        markers = [marker for marker in published if marker.column == column and marker.row in position]
        axis, colour = f"y{index + 1 if index else ''}", series_colour(index)
        panel = [*_thin_line(by_row.get(reference), len(position)), *_joined(kinds, by_row, position, colour)]
        panel += [
            *_sets(by_row, position, colour),
            _means(column, by_row, position, colour),
            *_published(markers, position),
        ]
        traces += [{**trace, "yaxis": axis, "showlegend": False} for trace in panel]
        top = 1 - index * share
        layout[f"yaxis{index + 1 if index else ''}"] = {
            "domain": [max(0.0, top - share + GAP), min(1.0, top)],
            "range": list(padded_range(_values(by_row, markers), share=0.12)),
            "title": {"text": "accuracy (%)"},
            "nticks": 6,
        }
        annotations.append(
            {
                "text": f'<span style="color:{colour}"><b>{html.escape(column)}</b></span>',
                **{"x": 0, "xref": "paper", "xanchor": "left", "showarrow": False},
                **{"y": top, "yref": "paper", "yanchor": "bottom"},  # above: markers may be anywhere inside
            }
        )
    last = f"y{len(columns)}" if len(columns) > 1 else "y"
    layout["xaxis"] = {
        **{"range": [-0.6, len(position) - 0.4], "tickvals": list(position.values()), "anchor": last},
        "ticktext": [wrapped_label(row, 14) for row in position],
        "title": {"text": "embedding networks"},
        "fixedrange": len(position) < 2,
    }
    layout |= {
        "margin": {"l": 10, "r": 14, "t": 26, "b": 10},
        **{"hovermode": "closest", "showlegend": False, "annotations": annotations},
    }
    return {"data": traces, "layout": layout}


def describe_distribution(points: Sequence[AccuracyPoint]) -> str:
    """Alternative text of the figure, in a sentence."""
    if not points:
        return "Test accuracy by the embedding networks: no network has arrived yet."
    values = ", ".join(f"{point.row}, {point.column}: {point.entry.mean:.1f}" for point in points)
    return f"Test accuracy in percent by the embedding networks: {values}."


def _joined(
    kinds: Mapping[str, str], by_row: Mapping[str, AccuracyPoint], position: Mapping[str, int], colour: str
) -> list[dict[str, object]]:
    """Lines between neighbours of the same ordered kind."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, following in pairwise(kinds):
        same_kind = kinds[row] == kinds[following] and kinds[row] in ORDERED
        if same_kind and row in by_row and following in by_row:
            x += [position[row], position[following], None]
            y += [by_row[row].entry.mean, by_row[following].entry.mean, None]
    line = {"color": colour, "width": 2}
    return [{"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}]


def _sets(
    by_row: Mapping[str, AccuracyPoint], position: Mapping[str, int], colour: str
) -> list[dict[str, object]]:
    """Dots of the independent sets, next to their mean."""
    dots = [
        (position[row] + DOT_OFFSET, mean, f"{html.escape(row)}<br>set {number + 1}: {mean:.1f} %")
        for row, point in by_row.items()
        for number, mean in enumerate(point.entry.set_means)
    ]
    return [
        {
            **{"type": "scatter", "mode": "markers", "x": [x for x, _, _ in dots]},
            **{"y": [mean for _, mean, _ in dots], "text": [text for _, _, text in dots]},
            "marker": {"color": colour, "size": 6, "opacity": 0.5},
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _means(
    column: str, by_row: Mapping[str, AccuracyPoint], position: Mapping[str, int], colour: str
) -> dict[str, object]:
    return {
        **{"type": "scatter", "mode": "markers", "name": html.escape(column)},
        "x": [position[row] for row in by_row],
        "y": [point.entry.mean for point in by_row.values()],
        "text": [hover_text(point) for point in by_row.values()],
        "marker": {"color": colour, "size": 10, "line": {"color": palette.BACKDROP, "width": 1}},
        "error_y": {
            "type": "data",
            "array": [point.entry.std for point in by_row.values()],
            **{"color": colour, "thickness": 1.6, "width": 4},
        },
        "hovertemplate": "%{text}<extra></extra>",
    }


def _published(markers: Sequence[PublishedMarker], position: Mapping[str, int]) -> list[dict[str, object]]:
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for marker in markers:
        x += [position[marker.row] - 0.4, position[marker.row] + 0.4, None]
        y += [marker.value, marker.value, None]
        text += [f"{html.escape(marker.source)}: {html.escape(marker.row)}, {marker.value:.1f} %"] * 3
    return [
        {
            **{"type": "scatter", "mode": "lines", "x": x, "y": y, "text": text},
            "line": {"color": palette.TEXT, "width": 1.5, "dash": "dash"},
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _thin_line(point: AccuracyPoint | None, rows: int) -> list[dict[str, object]]:
    level = [] if point is None else [point.entry.mean] * 2
    return [
        {
            **{"type": "scatter", "mode": "lines", "x": [-0.6, rows - 0.4][: len(level)], "y": level},
            **{"line": {"color": palette.TEXT, "width": 1}, "opacity": 0.45, "hoverinfo": "skip"},
        }
    ]


def _values(by_row: Mapping[str, AccuracyPoint], markers: Sequence[PublishedMarker]) -> list[float]:
    entries = [point.entry for point in by_row.values()]
    values = [mean for entry in entries for mean in entry.set_means]
    values += [entry.mean + sign * entry.std for entry in entries for sign in (-1, 1)]
    return [*values, *(marker.value for marker in markers)]


def _empty_annotation(height: float) -> dict[str, object]:
    return {
        "text": "no network has arrived yet",
        **{"x": 0.5, "xref": "paper", "y": height, "yref": "paper", "showarrow": False},
        **{"bgcolor": palette.BACKDROP, "borderpad": 4},
    }
