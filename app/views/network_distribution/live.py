"""The live figure of the page Random or trained?: from a state of table 4 to what the browser draws.

Must not draw, nor import torch.
"""

from app.components.live_figure import LiveFigure
from app.run.addresses import table_address
from app.tables.points import accuracy_points, tested_networks
from app.tables.published import published_markers
from app.tables.state import TableState, table_id
from app.views.network_distribution.plot import (
    describe_distribution,
    distribution_figure,
    distribution_height,
)
from dmcore.experiments.comparisons import compared_row
from dmcore.experiments.table import Table


def live_distribution(state: TableState) -> LiveFigure:
    """Accuracy by source, to be asked for again when the table's status line has news."""
    table, name = state.table, table_id(state.table)
    points = accuracy_points(state.results)
    return LiveFigure(
        distribution_figure(
            source_kinds(table),
            table.columns,
            points,
            published_markers(state.results),
            compared_row(table) or "",
        ),
        revision=tested_networks(state.results),
        alt=describe_distribution(points),
        height=distribution_height(len(table.columns)),
        view=name,
        source=table_address(name, "distribution") if state.word != "not begun" else "",
        subject=name,
    )


def source_kinds(table: Table) -> dict[str, str]:
    """For each row, in order, the kind of its source."""
    found = {
        one.row: one.recipe.condense.network_source.kind
        for one in table.cells
        if one.recipe.condense is not None
    }
    return {row: found.get(row, "") for row in table.rows}
