"""Accuracies as a row of dots for each method, a marker for each column."""

from app.components.live_resource import Query
from app.tables.dots import describe_dots, dots_figure, dots_height
from app.tables.figures import AccuracyFigure, Drawing
from app.tables.points import accuracy_points, whole_set_accuracies
from app.tables.published import published_markers
from app.tables.state import TableState


def _draw(state: TableState, query: Query) -> Drawing:
    results, columns, rows = state.results, state.table.columns, state.table.compared_rows
    points, ceilings = accuracy_points(results), whole_set_accuracies(results)
    figure = dots_figure(rows, columns, points, ceilings, published_markers(results))
    return Drawing(figure, describe_dots(points, ceilings), dots_height(len(rows), len(columns)))


FIGURE = AccuracyFigure(_draw)
