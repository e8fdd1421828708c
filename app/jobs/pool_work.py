"""The work of a pool job: trains the missing networks of a pool and publishes its progress after each event.

Torch is imported by the thread, when the generator runs.
"""

from collections.abc import Hashable
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.data.folders import cache_root
from app.jobs.job import Events, Job, Work
from app.jobs.speeds import start_timer
from dmcore.config.formatting import grouped
from dmcore.embedding.pool_request import PoolRequest
from dmcore.execution.cost import pool_workload

if TYPE_CHECKING:
    from app.jobs.work import WorkerContext


@dataclass(frozen=True, kw_only=True)
class PoolWork(Work):
    """Train the missing networks of a pool; finished ones stay when it is stopped."""

    kind = "pool"
    request: PoolRequest

    @property
    def default_title(self) -> str:
        """Title that names the data set."""
        return f"A pool of trained networks for {self.request.dataset}"

    @property
    def subject(self) -> Hashable:
        """The pool, to whatever size."""
        return self.request.pool

    def __call__(self, job: Job, context: "WorkerContext") -> Events:
        """The work as a generator."""
        dataset = context.open(self.request.dataset, job)
        from dmcore.bench.estimate import data_shape_of
        from dmcore.execution.plan import evaluation_plan
        from dmcore.training.network_pool import build_pool

        networks, plan = self.request.networks, evaluation_plan(context.device)
        data = data_shape_of(dataset)
        workload = pool_workload(self.request.config, networks, data, plan.workers)
        with (
            closing(start_timer(workload, plan.device, job.throttle.clock)) as timer,
            closing(build_pool(dataset, self.request.config, networks, cache_root(), plan)) as events,
        ):
            for event in events:
                timer.take(event.fraction)
                job.fraction_done = event.fraction
                text = f"{grouped(event.done)} of {grouped(networks)} networks trained, {event.fraction:.0%}"
                text += f", {timer.left_text}" if event.fraction < 1 else ""
                job.activity = f"{text}; {event.note}" if event.note else text
                yield None
