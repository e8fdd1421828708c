"""Table 4 of the paper as a plot: accuracy by the networks that embed, a panel for each images per class.

Sources that stand in an order, such as bands of rising accuracy, are joined by a line. Must not import
streamlit or torch.
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
"""Kinds of sources that stand in an order."""
PANEL, AROUND = 140, 84
"""CSS pixels of a panel, and of the names below the last."""
GAP = 0.1
"""Of the height, between two panels."""
SIDE = 0.17
"""Where dots of single sets stand beside their mean."""


def distribution_height(columns: int) -> int:
    """CSS pixels that the figure should have."""
    return AROUND + PANEL * max(1, columns)


def distribution_figure(
    kinds: Mapping[str, str],
    columns: Sequence[str],
    points: Sequence[AccuracyPoint],
    published: Sequence[PublishedMarker] = (),
    reference: str = "",
) -> Figure:
    """The figure.

    Args:
        kinds: for each row, in order, the kind of its source.
        columns: images per class: a panel each.
        points: what is known.
        published: dashed: numbers of the same experiments.
        reference: the row whose mean goes as a thin line through its panel.
    """
    place = {row: index for index, row in enumerate(kinds)}
    traces: list[dict[str, object]] = []
    layout: dict[str, object] = {}
    annotations: list[dict[str, object]] = []
    share = (1 + GAP) / len(columns)
    if not points and not published:
        annotations.append(_nothing_yet(1 - (share - GAP) / 2))
    for index, column in enumerate(columns):
        here = {one.row: one for one in points if one.column == column and one.row in place}
        marks = [one for one in published if one.column == column and one.row in place]
        axis, colour = f"y{index + 1 if index else ''}", series_colour(index)
        panel = [*_thin_line(here.get(reference), len(place)), *_joined(kinds, here, place, colour)]
        panel += [*_sets(here, place, colour), _means(column, here, place, colour), *_published(marks, place)]
        traces += [{**one, "yaxis": axis, "showlegend": False} for one in panel]
        top = 1 - index * share
        layout[f"yaxis{index + 1 if index else ''}"] = {
            "domain": [max(0.0, top - share + GAP), min(1.0, top)],
            "range": list(padded_range(_values(here, marks), share=0.12)),
            "title": {"text": "accuracy (%)"},
            "nticks": 6,
        }
        annotations.append(
            {
                "text": f'<span style="color:{colour}"><b>{html.escape(column)}</b></span>',
                **{"x": 0, "xref": "paper", "xanchor": "left", "showarrow": False},
                **{"y": top, "yref": "paper", "yanchor": "bottom"},  # above: marks stand everywhere inside
            }
        )
    last = f"y{len(columns)}" if len(columns) > 1 else "y"
    layout["xaxis"] = {
        **{"range": [-0.6, len(place) - 0.4], "tickvals": list(place.values()), "anchor": last},
        "ticktext": [wrapped_label(row, 14) for row in place],
        "title": {"text": "networks that embed the images"},
        "fixedrange": len(place) < 2,
    }
    layout |= {
        "margin": {"l": 10, "r": 14, "t": 26, "b": 10},
        **{"hovermode": "closest", "showlegend": False, "annotations": annotations},
    }
    return {"data": traces, "layout": layout}


def describe_distribution(points: Sequence[AccuracyPoint]) -> str:
    """One sentence for readers who do not see the figure."""
    if not points:
        return "Test accuracy by the networks that embed the images: no network has arrived yet."
    said = ", ".join(f"{one.row}, {one.column}: {one.entry.mean:.1f}" for one in points)
    return f"Test accuracy in percent by the networks that embed the images: {said}."


def _joined(
    kinds: Mapping[str, str], here: Mapping[str, AccuracyPoint], place: Mapping[str, int], colour: str
) -> list[dict[str, object]]:
    """Lines between neighbours of one ordered kind."""
    x: list[float | None] = []
    y: list[float | None] = []
    for one, other in pairwise(kinds):
        if kinds[one] == kinds[other] and kinds[one] in ORDERED and one in here and other in here:
            x += [place[one], place[other], None]
            y += [here[one].entry.mean, here[other].entry.mean, None]
    line = {"color": colour, "width": 2}
    return [{"type": "scatter", "mode": "lines", "x": x, "y": y, "line": line, "hoverinfo": "skip"}]


def _sets(
    here: Mapping[str, AccuracyPoint], place: Mapping[str, int], colour: str
) -> list[dict[str, object]]:
    """A dot for each independent set, beside the mean."""
    dots = [
        (place[row] + SIDE, mean, f"{html.escape(row)}<br>set {number + 1}: {mean:.1f} %")
        for row, one in here.items()
        for number, mean in enumerate(one.entry.set_means)
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
    column: str, here: Mapping[str, AccuracyPoint], place: Mapping[str, int], colour: str
) -> dict[str, object]:
    return {
        **{"type": "scatter", "mode": "markers", "name": html.escape(column)},
        "x": [place[row] for row in here],
        "y": [one.entry.mean for one in here.values()],
        "text": [hover_text(one) for one in here.values()],
        "marker": {"color": colour, "size": 10, "line": {"color": palette.BACKDROP, "width": 1}},
        "error_y": {
            "type": "data",
            "array": [one.entry.std for one in here.values()],
            **{"color": colour, "thickness": 1.6, "width": 4},
        },
        "hovertemplate": "%{text}<extra></extra>",
    }


def _published(marks: Sequence[PublishedMarker], place: Mapping[str, int]) -> list[dict[str, object]]:
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for one in marks:
        x += [place[one.row] - 0.4, place[one.row] + 0.4, None]
        y += [one.value, one.value, None]
        text += [f"{html.escape(one.source)}: {html.escape(one.row)}, {one.value:.1f} %"] * 3
    return [
        {
            **{"type": "scatter", "mode": "lines", "x": x, "y": y, "text": text},
            "line": {"color": palette.TEXT, "width": 1.5, "dash": "dash"},
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _thin_line(one: AccuracyPoint | None, rows: int) -> list[dict[str, object]]:
    level = [] if one is None else [one.entry.mean] * 2
    return [
        {
            **{"type": "scatter", "mode": "lines", "x": [-0.6, rows - 0.4][: len(level)], "y": level},
            **{"line": {"color": palette.TEXT, "width": 1}, "opacity": 0.45, "hoverinfo": "skip"},
        }
    ]


def _values(here: Mapping[str, AccuracyPoint], marks: Sequence[PublishedMarker]) -> list[float]:
    entries = [one.entry for one in here.values()]
    values = [mean for one in entries for mean in one.set_means]
    values += [one.mean + sign * one.std for one in entries for sign in (-1, 1)]
    return [*values, *(one.value for one in marks)]


def _nothing_yet(height: float) -> dict[str, object]:
    return {
        "text": "no network has arrived yet",
        **{"x": 0.5, "xref": "paper", "y": height, "yref": "paper", "showarrow": False},
        **{"bgcolor": palette.BACKDROP, "borderpad": 4},
    }
