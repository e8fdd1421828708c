"""Live figure of table 4: accuracy by the embedding networks."""

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
    """Live figure of a table's state, requested again when the table's status line changes."""
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
        source=table_address(name, "distribution") if state.status != "not started" else "",
        subject=name,
    )


def source_kinds(table: Table) -> dict[str, str]:
    """Kind of the network source of each row, in order."""
    kinds = {
        cell.row: cell.recipe.condense.network_source.kind
        for cell in table.cells
        if cell.recipe.condense is not None
    }
    return {row: kinds.get(row, "") for row in table.rows}
