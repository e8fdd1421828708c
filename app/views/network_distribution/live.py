"""Live resources of the page Random or trained?: table 4's figure, and a pool's status line and histogram."""

import hashlib
from typing import NamedTuple

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.components.live_resource import LiveSubject, Query, figure_answer, line_answer
from app.jobs.manager import JobManager, get_manager
from app.jobs.pool_request import PoolRequest
from app.run.stage_content import COLOURS
from app.tables.live import TABLE, table_figure
from app.tables.points import accuracy_points
from app.tables.published import published_markers
from app.tables.state import IDLE_POLL_SECONDS, POLL_SECONDS, STATUS_COLOURS, TableState
from app.views.network_distribution.plot import (
    describe_distribution,
    distribution_figure,
    distribution_height,
)
from app.views.network_distribution.pool_plot import describe_pool, pool_figure
from app.views.network_distribution.pool_status import PoolStatus, marked_bands, pool_status
from dmcore.config.formatting import sentence
from dmcore.config.network_source import parse_source
from dmcore.experiments.comparisons import compared_row
from dmcore.experiments.table import Table

POOL_HEIGHT = 270
STATE_LABELS = {"finished": "built", "not started": "not built yet", "running": "being built"}
"""Labels of a pool's states that differ from their names."""


@TABLE.resource("distribution", figure_answer)
def live_distribution(state: TableState, query: Query) -> LiveFigure:
    """Live figure of table 4: accuracy by the embedding networks."""
    table, results, points = state.table, state.results, accuracy_points(state.results)
    kinds, published = source_kinds(table), published_markers(results)
    figure = distribution_figure(kinds, table.columns, points, published, compared_row(table) or "")
    alt, height = describe_distribution(points), distribution_height(len(table.columns))
    return table_figure(live_distribution, state, figure, alt, height, query)


def source_kinds(table: Table) -> dict[str, str]:
    """Kind of the network source of each row, in order."""
    kinds = {
        cell.row: cell.recipe.condense.network_source.kind
        for cell in table.cells
        if cell.recipe.condense is not None
    }
    return {row: kinds.get(row, "") for row in table.rows}


class PoolState(NamedTuple):
    """Snapshot of a pool and its status line, which tells of everything that the histogram shows."""

    status: PoolStatus
    line: LiveLine
    revision: str


def pool_state(manager: JobManager, status: PoolStatus) -> PoolState:
    """Snapshot of a pool with its status line."""
    line = pool_line(manager, status)
    return PoolState(status, line, f"{line.revision}/{line.fraction}")


def _observe_pool(request: str) -> PoolState:
    """Newest state of a pool, by the JSON of its request.

    Raises:
        ValueError: that is no request for a pool.
    """
    manager = get_manager()
    return pool_state(manager, pool_status(manager, PoolRequest.model_validate_json(request)))


POOL = LiveSubject("/live/pools", ("asked",), lambda request: get_manager().revision, _observe_pool)


@POOL.resource("status", line_answer)
def live_status(state: PoolState, query: Query) -> LiveLine:
    """The status line."""
    return state.line


@POOL.resource("histogram", figure_answer)
def histogram(state: PoolState, query: Query) -> LiveFigure:
    """The accuracy histogram; `bands` are the bands to mark, the default ones where it is empty."""
    status, request, names = state.status, state.status.request, query.get("bands", "")
    states = status.states
    bands = marked_bands(status, [parse_source(name) for name in names.split(",") if name])
    return LiveFigure(
        pool_figure(states, bands),
        revision=status.networks,
        alt=describe_pool(states, bands),
        height=POOL_HEIGHT,
        view=f"{pool_id(request)}/{names}",
        source=histogram.address(asked=pool_query_text(request), bands=names),
        subject=pool_id(request),
    )


def pool_line(manager: JobManager, status: PoolStatus) -> LiveLine:
    """Status line of a pool: state, finished networks, and what its job does."""
    state, job = status.state, status.job
    parts = [
        LinePart(
            STATE_LABELS.get(state, state),
            strong=True,
            mark=STATUS_COLOURS.get(state) or COLOURS.get(state, "gray"),
        ),
    ]
    running = job is not None and job.active
    if status.summary and status.complete:
        parts.append(LinePart(status.summary))
    elif status.summary and not running:
        parts.append(LinePart(f"{status.summary}; {status.request.networks} networks are requested"))
    if job is not None and state == "failed" and job.error is not None:
        parts.append(LinePart(f"{sentence(job.error.sentence)} {sentence(job.error.remedy)}"))
    elif job is not None and state == "queued":
        behind = manager.current is not None and manager.current.active
        parts.append(LinePart("waits for the running job" if behind else "about to start"))
    elif job is not None and running and job.activity:
        parts.append(LinePart(job.activity))
    page = f"{manager.revision}/{state}/{status.complete}"
    text = " ".join(part.text for part in parts)
    revision = f"{page}/{status.networks}/{text}"
    fraction = job.fraction_done if job is not None and running else None
    return LiveLine(tuple(parts), revision, page, POLL_SECONDS if running else IDLE_POLL_SECONDS, fraction)


def pool_query_text(request: PoolRequest) -> str:
    """Query parameter that names a pool in live addresses, as JSON."""
    return request.model_dump_json(exclude_defaults=True)


def pool_id(request: PoolRequest) -> str:
    """Id of a pool for live lines and figures: a hash of its request."""
    return f"pool-{hashlib.sha256(pool_query_text(request).encode()).hexdigest()[:12]}"
