"""The live matrix of a table and its sentence: from a state of the table to what the browser draws.

The page draws them once, the server's addresses answer with newer ones. Must not import torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.run.addresses import table_address
from app.tables.state import TableState, table_id
from app.views.architectures.matrix_cells import alt_of, matrix_cells, says
from app.views.architectures.plot import matrix_figure, matrix_height

SENTENCE_SECONDS = 3.0
"""Between two looks at the sentence."""


@dataclass(frozen=True)
class MatrixOptions:
    """The two switches."""

    published: bool = False
    """Whether the paper's values stand in the cells too."""
    drop: bool = False
    """Whether cells show how far they lie from their row's diagonal."""

    def as_query(self) -> dict[str, int]:
        """What the address says: only what is on."""
        return {name: 1 for name, on in (("published", self.published), ("drop", self.drop)) if on}

    @classmethod
    def of_query(cls, asked: Mapping[str, str]) -> "MatrixOptions":
        """The inverse."""
        return cls("published" in asked, "drop" in asked)


def live_matrix(state: TableState, options: MatrixOptions) -> LiveFigure:
    """The matrix, to be asked for again when the table's status line has news."""
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
        revision=sum(len(one.network_results) for one in state.results.cell_results.values()),
        alt=alt_of(state, cells),
        height=matrix_height(len(table.rows), options.published),
        view=name,
        source=table_address(name, "matrix", **options.as_query()),
        subject=name,
    )


def matrix_line(state: TableState) -> LiveLine:
    """What the matrix says, kept up to date."""
    said = says(state)
    return LiveLine((LinePart(said),), said, "", SENTENCE_SECONDS)
