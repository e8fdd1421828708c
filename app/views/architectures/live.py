"""Live matrix of a table and its summary: from a state of the table to what the browser draws.

The page draws them once, the live addresses of the server answer with newer ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.run.addresses import table_address
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

    def as_query(self) -> dict[str, int]:
        """Query parameters of the address: only what is on."""
        return {name: 1 for name, on in (("published", self.published), ("drop", self.drop)) if on}

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "MatrixOptions":
        """Inverse of `as_query`."""
        return cls("published" in query, "drop" in query)


def live_matrix(state: TableState, options: MatrixOptions) -> LiveFigure:
    """Live figure of the matrix, polled when the table's status line changes."""
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
        source=table_address(name, "matrix", **options.as_query()),
        subject=name,
    )


def matrix_line(state: TableState) -> LiveLine:
    """Live line with the summary of the matrix."""
    summary = matrix_summary(state)
    return LiveLine((LinePart(summary),), summary, "", POLL_SECONDS)
