"""Live parts of the Accuracy page as values: summary line, accuracy figure and training curves of a table.

The page draws them once; its live addresses answer with newer ones.
"""

from collections.abc import Mapping

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.run.addresses import table_address
from app.tables.accuracy_by_size import accuracy_by_size_figure, describe_sizes
from app.tables.curves import TrainingCurve, describe_training, training_figure
from app.tables.dots import describe_dots, dots_figure, dots_height
from app.tables.numbers import column_summary
from app.tables.points import (
    accuracy_points,
    column_images_per_class,
    compared_rows,
    tested_networks,
    whole_set_accuracies,
)
from app.tables.published import published_markers
from app.tables.state import IDLE_POLL_SECONDS, TableState, table_id
from dmcore.experiments.results import Results

SIZES_HEIGHT, TRAINING_HEIGHT = 320, 330
RELATIVE = "relative"
"""Value of the URL parameter `scale` for accuracies relative to the whole set's."""
FIGURES = ("accuracy", "training")


def live_accuracy(state: TableState, query: Mapping[str, str]) -> LiveFigure:
    """Figure of the accuracies: a marker for each method and column, or figure 5's lines.

    Args:
        state: of the table.
        query: parameters of the address; `scale` may be `relative`.
    """
    results, table = state.results, state.table
    points, ceilings = accuracy_points(results), whole_set_accuracies(results)
    rows, published = compared_rows(table), published_markers(results)
    if table.name == "figure5":
        sizes = {column: column_images_per_class(table, column) for column in table.columns}
        whole = next(iter(ceilings.values()), None)
        relative = query.get("scale") == RELATIVE
        height = SIZES_HEIGHT
        figure = accuracy_by_size_figure(rows, sizes, points, whole, relative, height, published)
        alt = describe_sizes(points, sizes, whole)
    else:
        height = dots_height(len(rows), len(table.columns))
        figure = dots_figure(rows, table.columns, points, ceilings, published)
        alt = describe_dots(points, ceilings)
    return _live_figure(state, "accuracy", figure, alt, height, query, ("scale",))


def live_training(state: TableState, query: Mapping[str, str]) -> LiveFigure:
    """Figure of the training curves of a column: accuracy against epochs.

    Of each set the first network, and the one in training. `column` of the query names the column.
    """
    column = requested_column(state.results, query.get("column"))
    curves = training_curves(state, column)
    rows = compared_rows(state.table)
    figure = training_figure(rows, curves, state.table.protocol.epochs, TRAINING_HEIGHT)
    alt = describe_training(curves)
    return _live_figure(state, "training", figure, alt, TRAINING_HEIGHT, query, ("column",))


def summary_line(state: TableState, query: Mapping[str, str]) -> LiveLine:
    """Summary of a column so far; when networks arrive the page runs again, which then shows all of it."""
    column = requested_column(state.results, query.get("column"))
    summary = column_summary(state.results, column)
    parts = [LinePart(f"{column}:", strong=True), *(LinePart(text) for text in summary)]
    if not summary:
        parts = [LinePart("No network has arrived yet.")]
    tested = tested_networks(state.results)
    page = f"{tested}/{len(state.results.cell_results)}"
    return LiveLine(tuple(parts), f"{page}/{column}", page, IDLE_POLL_SECONDS)


def training_curves(state: TableState, column: str) -> list[TrainingCurve]:
    """Training curves of a column: those stored, then that of the network in training."""
    table = state.table
    stored: dict[tuple[str, str], TrainingCurve] = {}
    for row in compared_rows(table):
        for index in table.at(row, column):
            result = state.results.cell_results.get(index)
            for network in result.network_results if result is not None else ():
                if network.curve:
                    stored[row, network.file] = TrainingCurve(row, network.curve)
    curves = list(stored.values())
    progress = state.progress
    if progress is not None and progress.cell is not None and progress.curve:
        cell = table.cells[progress.cell]
        if cell.column == column:
            curves.append(TrainingCurve(cell.row, progress.curve, in_training=True))
    return curves


def requested_column(results: Results, column: str | None) -> str:
    """Column that a query names; the first one where there is no such column."""
    columns = results.table.columns
    return column if column in columns else columns[0]


def _live_figure(
    state: TableState,
    part: str,
    figure: dict[str, object],
    alt: str,
    height: int,
    query: Mapping[str, str],
    names: tuple[str, ...],
) -> LiveFigure:
    """Live figure at its address, which carries those parameters of the query that it depends on."""
    table = table_id(state.table)
    parameters = {name: query[name] for name in names if name in query}
    return LiveFigure(
        figure,
        revision=tested_networks(state.results),
        alt=alt,
        height=height,
        view="/".join((table, *parameters.values())),
        source=table_address(table, part, **parameters) if state.status != "not started" else "",
        subject=table,
    )
