"""A pool of trained networks as pages see it: what is there, and what the thread does for it.

Must not import torch, must not draw.
"""

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
    """One moment of a pool."""

    asked: PoolRequest
    index: PoolIndex | None
    """Its finished networks; None where there is none yet."""
    job: Job | None
    """The job that builds it: at work, waiting, or the last that ended."""

    @property
    def networks(self) -> int:
        """Finished networks, of those that are asked for."""
        return 0 if self.index is None else min(self.index.networks, self.asked.networks)

    @property
    def states(self) -> tuple[PoolState, ...]:
        """All states of those networks."""
        return () if self.index is None else self.index.states(self.asked.networks)

    @property
    def whole(self) -> bool:
        """Whether all networks that are asked for are there."""
        return self.networks == self.asked.networks

    @property
    def in_hand(self) -> bool:
        """Whether it is being built or waits for that."""
        return self.job is not None and (self.job.active or self.job.state == "queued")

    @property
    def word(self) -> str:
        """Its state in a word or two."""
        if self.job is not None and self.job.pausing:
            return "pausing"
        if self.job is not None and (self.in_hand or (self.job.state == "failed" and not self.whole)):
            return self.job.state
        if self.whole:
            return "finished"
        return "stopped" if self.networks else "not begun"

    @property
    def facts(self) -> str:
        """'20 networks, 480 states, 33 MB on disk'; empty where there is nothing."""
        if self.index is None or not self.networks:
            return ""
        there, states = counted(self.networks, "network"), counted(len(self.states), "state")
        return f"{there}, {states}, {megabytes(self.index.bytes)} on disk".replace(
            " on", f"{NO_BREAK_SPACE}on"
        )


def pool_status(manager: JobManager, asked: PoolRequest) -> PoolStatus:
    """The newest moment, from the thread and from the disk: whoever builds it."""
    return PoolStatus(asked, find_index(asked.dataset, asked.config, cache_root()), manager.pool_job(asked))


def marked_bands(standing: PoolStatus, chosen: Sequence[NetworkSource]) -> tuple[NetworkSource, ...]:
    """The bands that are drawn from; those that the data's networks are usually grouped by if none is."""
    bands = tuple(one for one in chosen if one.kind == "band")
    return bands or accuracy_bands(standing.states, standing.asked.dataset)
