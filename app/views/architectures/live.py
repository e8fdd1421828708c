"""Live resources of the Architectures page: the matrix of a table, and its summary."""

from dataclasses import replace

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.components.live_resource import Query, figure_answer, line_answer
from app.tables.figures import Drawing
from app.tables.live import TABLE, table_figure
from app.tables.state import TableState, table_id
from app.views.architectures.plot import matrix_figure, matrix_height
from dmcore.experiments.report.matrix import MatrixCell, matrix_alt_text, matrix_cells, matrix_summary

POLL_SECONDS = 3.0
"""Between two polls of the summary."""


@TABLE.resource("matrix", figure_answer)
def live_matrix(state: TableState, query: Query) -> LiveFigure:
    """Live figure of the matrix.

    Args:
        state: of the table.
        query: `published` in it adds the paper's values to the cells; with `drop` in it, cells show how far
            they lie from their row's diagonal.
    """
    table, cells = state.table, cells_of(state)
    published, drop = "published" in query, "drop" in query
    titles = table.row_title.lower(), table.column_title.lower()
    figure = matrix_figure(cells, *titles, published=published, drop=drop)
    alt, height = matrix_alt_text(cells), matrix_height(len(table.rows), published)
    live = table_figure(live_matrix, state, Drawing(figure, alt, height), query, "published", "drop")
    return replace(live, view=table_id(table))  # zoom is kept when a switch is turned


@TABLE.resource("says", line_answer)
def matrix_line(state: TableState, query: Query) -> LiveLine:
    """Live line with the summary of the matrix."""
    summary = matrix_summary(cells_of(state))
    return LiveLine((LinePart(summary),), summary, "", POLL_SECONDS)


def cells_of(state: TableState) -> list[list[MatrixCell]]:
    """Cells of the matrix, [row][column], with what is being computed for them."""
    progress, steps = state.progress, {}
    if progress is not None:
        indices = progress.pending_cells if progress.cell is None else (progress.cell,)
        cells = [state.table.cells[index] for index in indices]
        steps = {(cell.row, cell.column): progress.label for cell in cells}
    return matrix_cells(state.results, steps, progress is not None and progress.cell is not None)
