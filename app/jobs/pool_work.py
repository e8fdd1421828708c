"""The work of a pool job: trains the missing networks of a pool and publishes its progress after each event.

Torch is imported by the thread, when the generator runs.
"""

from collections.abc import Hashable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.data.folders import cache_root
from app.jobs.job import Events, Job, Work
from dmcore.config.formatting import duration, grouped
from dmcore.embedding.pool_request import PoolRequest

if TYPE_CHECKING:
    from app.jobs.work import WorkerContext

SURE_SECONDS, SURE_SHARE = 3.0, 0.02
"""Seconds and share of the work after which an estimate of the time left is shown."""


@dataclass(frozen=True, kw_only=True)
class PoolWork(Work):
    """Train the missing networks of a pool; finished ones stay when it is stopped."""

    kind = "pool"
    request: PoolRequest

    @property
    def subject(self) -> Hashable:
        """The pool, to whatever size."""
        return self.request.pool

    def __call__(self, job: Job, context: "WorkerContext") -> Events:
        """The work as a generator."""
        job.activity = "opening the data set"
        dataset = context.open(self.request.dataset, job)
        from dmcore.execution.plan import evaluation_plan
        from dmcore.training.network_pool import build_pool

        networks, plan = self.request.networks, evaluation_plan(context.device)
        began, first = job.throttle.clock(), None
        with closing(build_pool(dataset, self.request.config, networks, cache_root(), plan)) as events:
            for event in events:
                first = event.fraction if first is None else first
                text = f"{grouped(event.done)} of {grouped(networks)} networks trained, {event.fraction:.0%}"
                passed, share = job.throttle.clock() - began, event.fraction - first
                if passed > SURE_SECONDS and share > SURE_SHARE:
                    text += f", {duration(passed / share * (1 - event.fraction))} left"
                job.fraction_done = event.fraction
                job.activity = f"{text}; {event.note}" if event.note else text
                yield None
