"""Live status line and live histogram of a pool.

The page draws them once, the server's live addresses answer with newer ones.
"""

import hashlib
from collections.abc import Sequence

from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.jobs.manager import JobManager
from app.jobs.pool_request import PoolRequest
from app.run.addresses import pool_address
from app.run.stage_content import COLOURS
from app.tables.state import IDLE_POLL_SECONDS, POLL_SECONDS, STATUS_COLOURS
from app.views.network_distribution.pool_plot import describe_pool, pool_figure
from app.views.network_distribution.pool_status import PoolStatus, marked_bands
from dmcore.config.formatting import sentence
from dmcore.config.network_source import NetworkSource

HEIGHT = 270
STATE_LABELS = {"finished": "built", "not started": "not built yet", "running": "being built"}
"""Labels of a pool's states that differ from their names."""


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


def live_pool(status: PoolStatus, chosen: Sequence[NetworkSource]) -> LiveFigure:
    """Live histogram of a pool, requested again when its status line changes."""
    states, bands = status.states, marked_bands(status, chosen)
    band_names = ",".join(str(source) for source in chosen if source.kind == "band")
    return LiveFigure(
        pool_figure(states, bands),
        revision=status.networks,
        alt=describe_pool(states, bands),
        height=HEIGHT,
        view=f"{pool_id(status.request)}/{band_names}",
        source=pool_address(pool_query_text(status.request), "histogram", bands=band_names),
        subject=pool_id(status.request),
    )


def pool_query_text(request: PoolRequest) -> str:
    """Query parameter that names a pool in live addresses, as JSON."""
    return request.model_dump_json(exclude_defaults=True)


def pool_id(request: PoolRequest) -> str:
    """Id of a pool for live lines and figures: a hash of its request."""
    return f"pool-{hashlib.sha256(pool_query_text(request).encode()).hexdigest()[:12]}"
