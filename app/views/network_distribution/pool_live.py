"""The live parts of a pool: its status line and its histogram, as values.

The page draws them once, the server's addresses answer with newer ones. Must not draw, nor import torch.
"""

import hashlib
from collections.abc import Sequence

from app.components.live_figure import LiveFigure
from app.components.live_line import Line, Part
from app.jobs.manager import JobManager
from app.jobs.pool_request import AskedPool
from app.run.addresses import pool_address
from app.run.stage import COLOURS
from app.tables.state import IDLE_SECONDS, LOOK_SECONDS, MARKS
from app.views.network_distribution.pool_plot import describe_pool, pool_figure
from app.views.network_distribution.pool_status import PoolStanding, bands_to_mark
from dmcore.config.formatting import sentence
from dmcore.config.network_source import NetworkSource

HEIGHT = 270
WORDS = {"finished": "built", "not begun": "not built yet", "running": "being built"}
"""What a pool's states are called."""


def pool_line(manager: JobManager, standing: PoolStanding) -> Line:
    """Its state, how much is there, and what is being done."""
    word, job = standing.word, standing.job
    parts = [
        Part(WORDS.get(word, word), strong=True, mark=MARKS.get(word) or COLOURS.get(word, "gray")),
    ]
    at_work = job is not None and job.active
    if standing.facts and standing.whole:
        parts.append(Part(standing.facts))
    elif standing.facts and not at_work:
        parts.append(Part(f"{standing.facts}; {standing.asked.networks} networks are asked for"))
    if job is not None and word == "failed" and job.error is not None:
        parts.append(Part(f"{sentence(job.error.sentence)} {sentence(job.error.remedy)}"))
    elif job is not None and word == "queued":
        behind = manager.current is not None and manager.current.active
        parts.append(Part("waits for the work at hand" if behind else "about to begin"))
    elif job is not None and at_work and job.doing:
        parts.append(Part(job.doing))
    page = f"{manager.revision}/{word}/{standing.whole}"
    said = " ".join(part.text for part in parts)
    moment = f"{page}/{standing.networks}/{said}"
    fraction = job.done if job is not None and at_work else None
    return Line(tuple(parts), moment, page, LOOK_SECONDS if at_work else IDLE_SECONDS, fraction)


def live_pool(standing: PoolStanding, chosen: Sequence[NetworkSource]) -> LiveFigure:
    """The histogram, to be asked for again when the pool's line has news."""
    states, bands = standing.states, bands_to_mark(standing, chosen)
    named = ",".join(str(one) for one in chosen if one.kind == "band")
    return LiveFigure(
        pool_figure(states, bands),
        revision=standing.networks,
        alt=describe_pool(states, bands),
        height=HEIGHT,
        view=f"{pool_id(standing.asked)}/{named}",
        source=pool_address(asked_text(standing.asked), "histogram", bands=named),
        subject=pool_id(standing.asked),
    )


def asked_text(asked: AskedPool) -> str:
    """How addresses name a pool."""
    return asked.model_dump_json(exclude_defaults=True)


def pool_id(asked: AskedPool) -> str:
    """What lines and figures of a pool follow: a few characters that differ where the pool does."""
    return f"pool-{hashlib.sha256(asked_text(asked).encode()).hexdigest()[:12]}"
