"""Dot plot of accuracies: a row for each method, a marker with its deviation for each column.

Small dots are single networks; dashed is what networks on all real images reach.
"""

from collections.abc import Mapping, Sequence

from app.components.live_resource import Query
from app.plots import palette
from app.plots.axis import Axis, percent_axis
from app.plots.figure import Figure, FigureBuilder
from app.plots.line_ends import wrapped_label
from app.tables.figures import Drawing, TableFigure
from app.tables.state import TableState
from dmcore.experiments.report.entries import (
    TableEntry,
    compared_entries,
    describe_accuracies,
    whole_set_accuracies,
)
from dmcore.experiments.report.notes import PublishedMarker, published_markers

SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "x", "star", "triangle-down", "pentagon")
MARKER_HEIGHT, ROW_GAP, FRAME_HEIGHT = 19, 9, 100
"""CSS pixels for a marker, between two rows, and for axis and legend."""


def dots_height(rows: int, columns: int) -> int:
    """Height of the dot plot in CSS pixels."""
    return max(230, FRAME_HEIGHT + rows * (ROW_GAP + MARKER_HEIGHT * max(1, columns)))


def dots_figure(
    rows: Sequence[str],
    columns: Sequence[str],
    points: Sequence[TableEntry],
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
    bottom, top = -(len(rows) - 1) - (0.9 if ceilings else 0.55), 0.6
    ticks = [(level, wrapped_label(row)) for row, level in height.items()]
    y = Axis(ends=(bottom, top), ticks=ticks, zoom=False)
    figure = FigureBuilder(percent_axis(), y, values="x")
    for index, column in enumerate(columns):
        shift = step * ((len(columns) - 1) / 2 - index + 0.15)
        colour = palette.series_or_rest(index)
        in_column = [point for point in points if point.column == column]
        networks = [
            (
                percent,
                # a little lower for each further set
                height[point.row] + shift - step * (0.27 + 0.07 * min(number, 3)),
                f"{point.row}, {column}\nset {number + 1}: one network\n{percent:.1f} %",
            )
            for point in in_column
            for number, percents in enumerate(point.by_set)
            for percent in percents
        ]
        figure.points(
            [percent for percent, _, _ in networks],
            [level for _, level, _ in networks],
            colour,
            name=column,
            texts=[text for _, _, text in networks],
        )
        figure.points(
            [point.mean for point in in_column],
            [height[point.row] + shift for point in in_column],
            colour,
            mark="mean",
            symbol=SYMBOLS[index % len(SYMBOLS)],
            spread=[point.std for point in in_column],
            legend=len(columns) > 1,
            name=column,
            texts=[point.description for point in in_column],
        )
        markers = [marker for marker in published if marker.column == column and marker.row in height]
        figure.marks(
            [(marker.value, height[marker.row] + shift) for marker in markers],
            0.45 * step,
            colour,
            texts=[marker.text for marker in markers],
        )
    for name, level in _ceiling_lines(ceilings, columns).items():
        hover = f"{name}: all real images\n%{{x:.1f}} %"
        figure.level(level, (bottom, top), label="beside", name=f"{name} {level:.1f} %", hover=hover)
    if not points:
        figure.empty("no network has arrived yet")
    return figure.build()


def _ceiling_lines(ceilings: Mapping[str, float], columns: Sequence[str]) -> dict[str, float]:
    """Levels of the dashed lines: a single one where all columns have the same, else one for each."""
    levels = set(ceilings.values())
    if len(levels) == 1:
        return {"whole set": next(iter(levels))}
    return {f"whole set, {column}": ceilings[column] for column in columns if column in ceilings}


def _draw(state: TableState, query: Query) -> Drawing:
    results, columns, rows = state.results, state.table.columns, state.table.compared_rows
    points, ceilings = compared_entries(results), whole_set_accuracies(results)
    figure = dots_figure(rows, columns, points, ceilings, published_markers(state.table))
    return Drawing(figure, describe_accuracies(points, ceilings), dots_height(len(rows), len(columns)))


FIGURE = TableFigure(_draw)
