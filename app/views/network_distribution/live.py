"""Live resources of the page Random or trained?: table 4's figure, and a pool's status line and histogram."""

from app.components.live_figure import LiveFigure
from app.components.live_line import LiveLine
from app.components.live_resource import LiveSubject, Query, figure_answer, line_answer
from app.jobs.manager import get_manager
from app.tables.figures import Drawing, TableFigure
from app.tables.live import TABLE, table_figure
from app.tables.state import TableState
from app.text.status import Status
from app.views.network_distribution.plot import distribution_figure, distribution_height
from app.views.network_distribution.pool_plot import describe_pool, pool_figure
from app.views.network_distribution.pool_status import PoolStatus, marked_bands, pool_status
from dmcore.config.network_source import parse_source
from dmcore.embedding.pool_request import PoolRequest
from dmcore.experiments.report.comparisons import compared_row
from dmcore.experiments.report.entries import compared_entries, describe_accuracies
from dmcore.experiments.report.notes import published_markers
from dmcore.experiments.table4 import source_kinds

POOL_HEIGHT = 270


def _draw_distribution(state: TableState, query: Query) -> Drawing:
    table, entries = state.table, compared_entries(state.results)
    kinds, published = source_kinds(table), published_markers(table)
    figure = distribution_figure(kinds, table.columns, entries, published, compared_row(table) or "")
    alt = f"By the embedding networks. {describe_accuracies(entries, {})}"
    return Drawing(figure, alt, distribution_height(len(table.columns)))


DISTRIBUTION = TableFigure(
    _draw_distribution,
    has_content=lambda state: state.status is not Status.NOT_STARTED or bool(published_markers(state.table)),
    key="distribution",
    address="distribution",
)


@TABLE.resource(DISTRIBUTION.address, figure_answer)
def live_distribution(state: TableState, query: Query) -> LiveFigure:
    """Live figure of table 4: accuracy by the embedding networks."""
    return table_figure(DISTRIBUTION, state, query)


def _observe_pool(request: str) -> PoolStatus:
    """Newest status of a pool, by the JSON of its request.

    Raises:
        ValueError: that is no request for a pool.
    """
    return pool_status(get_manager(), PoolRequest.model_validate_json(request))


POOL = LiveSubject("/live/pools", ("asked",), lambda request: get_manager().revision, _observe_pool)


@POOL.resource("status", line_answer)
def live_status(pool: PoolStatus, query: Query) -> LiveLine:
    """The status line."""
    return pool.line


@POOL.resource("histogram", figure_answer)
def histogram(pool: PoolStatus, query: Query) -> LiveFigure:
    """The accuracy histogram; `bands` are the bands to mark, the default ones where it is empty."""
    names, states = query.get("bands", ""), pool.states
    bands = marked_bands(pool, [parse_source(name) for name in names.split(",") if name])
    return LiveFigure(
        pool_figure(states, bands),
        revision=pool.networks,
        alt=describe_pool(states, bands),
        height=POOL_HEIGHT,
        view=f"{pool.id}/{names}",
        source=histogram.address(asked=pool.query_text, bands=names),
        subject=pool.id,
    )
