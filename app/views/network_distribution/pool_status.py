"""State of a pool of trained networks: finished networks on disk, the job that builds it, its status line."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from app.components.live_line import LiveLine
from app.data.folders import cache_root
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.tables.state import IDLE_POLL_SECONDS, POLL_SECONDS, job_parts, job_status
from app.text.status import Status
from dmcore.config.formatting import NO_BREAK_SPACE, counted, megabytes
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_index import PoolIndex, PoolState, accuracy_bands, find_index
from dmcore.embedding.pool_request import PoolRequest

LABELS = {Status.FINISHED: "built", Status.NOT_STARTED: "not built yet", Status.RUNNING: "being built"}
"""Labels of statuses that differ from their names."""


@dataclass(frozen=True)
class PoolStatus:
    """Snapshot of a pool: its request, its index on disk and its job."""

    manager: JobManager
    request: PoolRequest
    index: PoolIndex | None
    """Index of its finished networks; None where there are none yet."""
    job: Job | None
    """The job that builds it: running, queued, or the last that ended."""

    @property
    def networks(self) -> int:
        """Number of finished networks, of those that are requested."""
        return 0 if self.index is None else min(self.index.networks, self.request.networks)

    @property
    def states(self) -> tuple[PoolState, ...]:
        """All states of those networks."""
        return () if self.index is None else self.index.states(self.request.networks)

    @property
    def complete(self) -> bool:
        """Whether all requested networks are finished."""
        return self.networks == self.request.networks

    @property
    def in_progress(self) -> bool:
        """Whether its job is running or queued."""
        return self.job is not None and self.job.pending

    @property
    def query_text(self) -> str:
        """Query parameter that names it in live addresses: its request as JSON."""
        return self.request.model_dump_json(exclude_defaults=True)

    @property
    def id(self) -> str:
        """Id for live lines and figures: a hash of its request."""
        return f"pool-{hashlib.sha256(self.query_text.encode()).hexdigest()[:12]}"

    @cached_property
    def line(self) -> LiveLine:
        """Status line: status, finished networks, and what its job does."""
        stored = Status.STOPPED if self.networks else Status.NOT_STARTED
        status, job = job_status(self.job, Status.FINISHED if self.complete else stored), self.job
        running = job is not None and job.active
        facts = [self._summary()] if self.networks and (self.complete or not running) else []
        activity = job.activity if job is not None and running else ""
        parts = job_parts(self.manager, job, status, facts, activity, LABELS.get(status, ""))
        page = f"{self.manager.revision}/{status}/{self.complete}"
        revision = f"{page}/{self.networks}/{' '.join(part.text for part in parts)}"
        fraction = job.fraction_done if job is not None and running else None
        return LiveLine(parts, revision, page, POLL_SECONDS if running else IDLE_POLL_SECONDS, fraction)

    @property
    def revision(self) -> str:
        """Change token: the line tells of everything that the histogram shows."""
        return f"{self.line.revision}/{self.line.fraction}"

    def _summary(self) -> str:
        """'20 networks, 480 states, 33 MB on disk'."""
        size = megabytes(0 if self.index is None else self.index.bytes)
        text = f"{counted(self.networks, 'network')}, {counted(len(self.states), 'state')}, {size}"
        text += f"{NO_BREAK_SPACE}on disk"
        return text if self.complete else f"{text}; {self.request.networks} networks are requested"


def pool_status(manager: JobManager, request: PoolRequest) -> PoolStatus:
    """Read the current status of a pool from disk and from the job manager."""
    index = find_index(request.dataset, request.config, cache_root())
    return PoolStatus(manager, request, index, manager.job_about("pool", request.pool))


def marked_bands(status: PoolStatus, chosen: Sequence[NetworkSource]) -> tuple[NetworkSource, ...]:
    """The chosen bands; without any, the data set's usual ones."""
    bands = tuple(source for source in chosen if source.kind == "band")
    return bands or accuracy_bands(status.states, status.request.dataset)
