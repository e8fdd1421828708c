"""Building a pool of trained networks, as work for the thread: one piece of news after each event.

Torch is imported by the thread, when the generator runs.
"""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs.pool_request import AskedPool
from dmcore.config.formatting import duration, grouped

if TYPE_CHECKING:
    from app.jobs.job import Job
    from app.jobs.work import Desk

SURE_SECONDS, SURE_SHARE = 3.0, 0.02
"""From when on the time left is said."""


@dataclass(frozen=True)
class PoolWork:
    """Train what the pool lacks; every network that is done stays when it is stopped."""

    asked: AskedPool
    cache_root: Path

    def __call__(self, job: "Job", desk: "Desk") -> Generator[int | None, None, None]:
        """The work as a generator."""
        job.doing = "opening the data set"
        dataset = desk.open(self.asked.dataset, job)
        from dmcore.execution.plan import evaluation_plan
        from dmcore.training.network_pool import build_pool

        networks, plan = self.asked.networks, evaluation_plan(desk.device)
        began, first = job.gate.clock(), None
        with closing(build_pool(dataset, self.asked.config, networks, self.cache_root, plan)) as events:
            for event in events:
                first = event.fraction if first is None else first
                said = f"{grouped(event.done)} of {grouped(networks)} networks trained, {event.fraction:.0%}"
                passed, share = job.gate.clock() - began, event.fraction - first
                if passed > SURE_SECONDS and share > SURE_SHARE:
                    said += f", {duration(passed / share * (1 - event.fraction))} left"
                job.done = event.fraction
                job.doing = f"{said}; {event.note}" if event.note else said
                yield None
