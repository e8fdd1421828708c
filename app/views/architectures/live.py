"""Live resources of the Architectures page: the matrix of a table, and its summary."""

from dataclasses import dataclass

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.components.live_resource import Query, figure_answer, line_answer
from app.tables.live import TABLE, address_of
from app.tables.state import TableState, table_id
from app.views.architectures.matrix_cells import matrix_alt_text, matrix_cells, matrix_summary
from app.views.architectures.plot import matrix_figure, matrix_height

POLL_SECONDS = 3.0
"""Between two polls of the summary."""


@dataclass(frozen=True)
class MatrixOptions:
    """Switches of the matrix: published values, drop against the diagonal."""

    published: bool = False
    """Whether cells show the paper's values too."""
    drop: bool = False
    """Whether cells show how far they lie from their row's diagonal."""

    def as_query(self) -> dict[str, str]:
        """Query parameters of the address: only what is on."""
        return {name: "1" for name, on in (("published", self.published), ("drop", self.drop)) if on}

    @classmethod
    def of_query(cls, query: Query) -> "MatrixOptions":
        """Inverse of `as_query`."""
        return cls("published" in query, "drop" in query)


@TABLE.resource("matrix", figure_answer)
def live_matrix(state: TableState, query: Query) -> LiveFigure:
    """Live figure of the matrix with the `MatrixOptions` of the query."""
    options = MatrixOptions.of_query(query)
    table, name = state.table, table_id(state.table)
    cells = matrix_cells(state)
    return LiveFigure(
        matrix_figure(
            cells,
            table.row_title.lower(),
            table.column_title.lower(),
            published=options.published,
            drop=options.drop,
        ),
        revision=sum(len(cell.network_results) for cell in state.results.cell_results.values()),
        alt=matrix_alt_text(state, cells),
        height=matrix_height(len(table.rows), options.published),
        view=name,
        source=address_of(live_matrix, state, **options.as_query()),
        subject=name,
    )


@TABLE.resource("says", line_answer)
def matrix_line(state: TableState, query: Query) -> LiveLine:
    """Live line with the summary of the matrix."""
    summary = matrix_summary(state)
    return LiveLine((LinePart(summary),), summary, "", POLL_SECONDS)
