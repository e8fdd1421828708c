"""Status of a pool of trained networks: finished networks on disk, and the job that builds it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.data.folders import cache_root
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.pool_request import PoolRequest
from dmcore.config.formatting import NO_BREAK_SPACE, counted, megabytes
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_index import PoolIndex, PoolState, accuracy_bands, find_index


@dataclass(frozen=True)
class PoolStatus:
    """Snapshot of a pool: its request, its index on disk and its job."""

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
        return self.job is not None and (self.job.active or self.job.state == "queued")

    @property
    def state(self) -> str:
        """State of its job, else 'finished', 'stopped' or 'not started'."""
        if self.job is not None and self.job.pausing:
            return "pausing"
        if self.job is not None and (self.in_progress or (self.job.state == "failed" and not self.complete)):
            return self.job.state
        if self.complete:
            return "finished"
        return "stopped" if self.networks else "not started"

    @property
    def summary(self) -> str:
        """'20 networks, 480 states, 33 MB on disk'; empty without networks."""
        if self.index is None or not self.networks:
            return ""
        networks, states = counted(self.networks, "network"), counted(len(self.states), "state")
        return f"{networks}, {states}, {megabytes(self.index.bytes)} on disk".replace(
            " on", f"{NO_BREAK_SPACE}on"
        )


def pool_status(manager: JobManager, request: PoolRequest) -> PoolStatus:
    """Read the current status of a pool from disk and from the job manager."""
    index = find_index(request.dataset, request.config, cache_root())
    return PoolStatus(request, index, manager.pool_job(request))


def marked_bands(status: PoolStatus, chosen: Sequence[NetworkSource]) -> tuple[NetworkSource, ...]:
    """The chosen bands; without any, the data set's usual ones."""
    bands = tuple(source for source in chosen if source.kind == "band")
    return bands or accuracy_bands(status.states, status.request.dataset)
