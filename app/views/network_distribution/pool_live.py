"""The live parts of a pool: its status line and its histogram, as values.

The page draws them once, the server's addresses answer with newer ones. Must not draw, nor import torch.
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
WORDS = {"finished": "built", "not begun": "not built yet", "running": "being built"}
"""What a pool's states are called."""


def pool_line(manager: JobManager, standing: PoolStatus) -> LiveLine:
    """Its state, how much is there, and what is being done."""
    word, job = standing.word, standing.job
    parts = [
        LinePart(
            WORDS.get(word, word), strong=True, mark=STATUS_COLOURS.get(word) or COLOURS.get(word, "gray")
        ),
    ]
    at_work = job is not None and job.active
    if standing.facts and standing.whole:
        parts.append(LinePart(standing.facts))
    elif standing.facts and not at_work:
        parts.append(LinePart(f"{standing.facts}; {standing.asked.networks} networks are asked for"))
    if job is not None and word == "failed" and job.error is not None:
        parts.append(LinePart(f"{sentence(job.error.sentence)} {sentence(job.error.remedy)}"))
    elif job is not None and word == "queued":
        behind = manager.current is not None and manager.current.active
        parts.append(LinePart("waits for the work at hand" if behind else "about to begin"))
    elif job is not None and at_work and job.doing:
        parts.append(LinePart(job.doing))
    page = f"{manager.revision}/{word}/{standing.whole}"
    said = " ".join(part.text for part in parts)
    moment = f"{page}/{standing.networks}/{said}"
    fraction = job.done if job is not None and at_work else None
    return LiveLine(tuple(parts), moment, page, POLL_SECONDS if at_work else IDLE_POLL_SECONDS, fraction)


def live_pool(standing: PoolStatus, chosen: Sequence[NetworkSource]) -> LiveFigure:
    """The histogram, to be asked for again when the pool's line has news."""
    states, bands = standing.states, marked_bands(standing, chosen)
    named = ",".join(str(one) for one in chosen if one.kind == "band")
    return LiveFigure(
        pool_figure(states, bands),
        revision=standing.networks,
        alt=describe_pool(states, bands),
        height=HEIGHT,
        view=f"{pool_id(standing.asked)}/{named}",
        source=pool_address(pool_query_text(standing.asked), "histogram", bands=named),
        subject=pool_id(standing.asked),
    )


def pool_query_text(asked: PoolRequest) -> str:
    """How addresses name a pool."""
    return asked.model_dump_json(exclude_defaults=True)


def pool_id(asked: PoolRequest) -> str:
    """What lines and figures of a pool follow: a few characters that differ where the pool does."""
    return f"pool-{hashlib.sha256(asked_text(asked).encode()).hexdigest()[:12]}"
