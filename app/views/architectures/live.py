"""Live resources of the Architectures page: the matrix of a table, and its summary."""

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.components.live_resource import Query, figure_answer, line_answer
from app.tables.live import TABLE, table_figure
from app.tables.state import TableState
from app.views.architectures.matrix_view import MATRIX, cells_of
from dmcore.experiments.report.matrix import matrix_summary

POLL_SECONDS = 3.0
"""Between two polls of the summary."""


@TABLE.resource(MATRIX.address, figure_answer)
def live_matrix(state: TableState, query: Query) -> LiveFigure:
    """Live figure of the matrix.

    `published` in the query adds the paper's values to the cells; with `drop` in it, cells show how far they
    lie from the images that their tested architecture learned itself.
    """
    return table_figure(MATRIX, state, query)


@TABLE.resource("says", line_answer)
def matrix_line(state: TableState, query: Query) -> LiveLine:
    """Live line with the summary of the matrix."""
    summary = matrix_summary(cells_of(state))
    return LiveLine((LinePart(summary),), summary, "", POLL_SECONDS, wraps=True)
