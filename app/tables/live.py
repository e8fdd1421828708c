"""Live resources of a table: its status line, a column's summary, accuracy figure and training curves.

Pages of other packages declare more resources of `TABLE`, next to what they show.
"""

import re
from collections.abc import Hashable
from pathlib import Path

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.components.live_resource import LiveSubject, Query, figure_answer, line_answer
from app.data.folders import write_time
from app.jobs.manager import get_manager
from app.plots.recorded import drawn_thin
from app.tables.curves import training_figure
from app.tables.figures import Drawing, TableFigure, figure_of
from app.tables.state import (
    IDLE_POLL_SECONDS,
    TableState,
    cached_results,
    table_id,
    table_line,
    table_state,
)
from app.text.status import Status
from dmcore.experiments.report.entries import column_summary
from dmcore.experiments.report.training_curves import TrainingCurve, describe_training, stored_curves
from dmcore.experiments.results import FOLDER, Results

TRAINING_HEIGHT = 330


def _results_file(table: str) -> Path:
    """File of a table, by its name and key: `table1-0123456789ab`.

    Raises:
        ValueError: no table has such a name.
    """
    if not re.fullmatch(r"[a-z0-9_]+-[0-9a-f]{12}", table):
        raise ValueError(f"there is no table {table!r}: choose it on its page again")
    return get_manager().runs_root / FOLDER / f"{table}.json"


def _table_token(table: str) -> Hashable:
    """Token of a job's start, pause and end, and of a result that is written."""
    return get_manager().revision, write_time(_results_file(table))


def _observe_table(table: str) -> TableState:
    """Newest state of a table.

    Raises:
        ValueError: no such table, or a damaged one.
    """
    results = cached_results(_results_file(table))
    if results is None:
        raise ValueError(f"nothing is stored of the table {table}: choose it on its page again")
    return table_state(get_manager(), results.table)


TABLE = LiveSubject("/live/tables/{table}", ("table",), _table_token, _observe_table)


def address_of(name: str, state: TableState, **query: object) -> str:
    """Address of a resource of a table; empty for recorded results, and before the table was begun."""
    begun = state.status is not Status.NOT_STARTED and not state.is_recorded
    return TABLE.address(name, table=table_id(state.table), **query) if begun else ""


def table_figure(figure: TableFigure, state: TableState, query: Query) -> LiveFigure:
    """Live figure of a table at its address, with those parameters of the query that it depends on.

    Recorded results are drawn thin.
    """
    drawing, table = figure.draw(state, query), table_id(state.table)
    parameters = {name: query[name] for name in figure.parameters if name in query}
    return LiveFigure(
        drawn_thin(drawing.figure) if state.is_recorded else drawing.figure,
        revision=state.results.tested_networks,
        alt=drawing.alt,
        height=drawing.height,
        view=table if figure.keeps_zoom else "/".join((table, *parameters.values())),
        source=address_of(figure.address, state, **parameters),
        subject=table,
    )


@TABLE.resource("status", line_answer)
def status(state: TableState, query: Query) -> LiveLine:
    """The status line."""
    return table_line(get_manager(), state)


@TABLE.resource(TableFigure.address, figure_answer)
def live_accuracy(state: TableState, query: Query) -> LiveFigure:
    """Figure of the accuracies, as the table's experiment names it; see `app.tables.figures`."""
    return table_figure(figure_of(state.table), state, query)


def _draw_training(state: TableState, query: Query) -> Drawing:
    curves = training_curves(state, requested_column(state.results, query.get("column")))
    table = state.table
    figure = training_figure(table.compared_rows, curves, table.protocol.epochs, TRAINING_HEIGHT)
    return Drawing(figure, describe_training(curves), TRAINING_HEIGHT)


TRAINING = TableFigure(_draw_training, parameters=("column",), address="training")


@TABLE.resource(TRAINING.address, figure_answer)
def live_training(state: TableState, query: Query) -> LiveFigure:
    """Figure of the training curves of a column: accuracy against epochs.

    Of each set the first network, and the one in training. `column` of the query names the column.
    """
    return table_figure(TRAINING, state, query)


@TABLE.resource("answer", line_answer)
def summary_line(state: TableState, query: Query) -> LiveLine:
    """Summary of a column so far; when networks arrive the page runs again, which then shows all of it."""
    column = requested_column(state.results, query.get("column"))
    summary = column_summary(state.results, column)
    parts = [LinePart(f"{column}:", strong=True), *(LinePart(text) for text in summary)]
    if not summary:
        parts = [LinePart("No network has arrived yet.")]
    tested = state.results.tested_networks
    page = f"{tested}/{len(state.results.cell_results)}"
    return LiveLine(tuple(parts), f"{page}/{column}", page, IDLE_POLL_SECONDS)


def training_curves(state: TableState, column: str) -> list[TrainingCurve]:
    """Training curves of a column: those stored, then that of the network in training."""
    curves = stored_curves(state.results, column)
    progress = state.progress
    if progress is not None and progress.cell is not None and progress.curve:
        cell = state.table.cells[progress.cell]
        if cell.column == column:
            curves.append(TrainingCurve(cell.row, progress.curve, in_training=True))
    return curves


def requested_column(results: Results, column: str | None) -> str:
    """Column that a query names; the first one where there is no such column."""
    columns = results.table.columns
    return column if column in columns else columns[0]
