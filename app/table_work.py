"""Filling a table of the paper, as work for the thread: one published moment after each event.

Torch is imported by the thread, when the generator runs.
"""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.table_moment import TableMoment
from dmcore.experiments.table import Table

if TYPE_CHECKING:
    from app.job import Job
    from app.work import Desk


@dataclass(frozen=True)
class TableWork:
    """Fill a table; what has arrived stays when it is stopped."""

    table: Table
    cache_root: Path

    def __call__(self, job: "Job", desk: "Desk") -> Generator[int | None, None, None]:
        """The work as a generator."""
        job.doing = "opening the data set"
        dataset = desk.open(self.table.dataset, job)
        from dmcore.experiments.filling import Arrived, Learning, fill
        from dmcore.experiments.making import Roots

        curve: list[tuple[int, float]] = []
        at: tuple[int, int] | None = None
        events = fill(self.table, dataset, Roots(desk.runs_root, self.cache_root), desk.device)
        assert isinstance(events, Generator)
        with closing(events):
            for event in events:
                if isinstance(event, Learning):
                    one = event.training
                    if at != (event.place, one.repeat) and (one.repeat == 0 or at is None):
                        at, curve = (event.place, one.repeat), []
                    if at == (event.place, one.repeat) and one.accuracy is not None:
                        curve.append((one.epoch, one.accuracy))
                    place = self.table.places[event.place]
                    job.doing = f"{place.row}, {place.column}: epoch {one.epoch} of {one.epochs}"
                    job.moment = TableMoment(event.place, job.doing, tuple(curve))
                elif isinstance(event, Arrived):
                    job.arrived += 1
                else:
                    job.doing = f"{event.what}, {event.done:.0%}" if event.done else event.what
                    job.moment = TableMoment(None, job.doing)
                yield None
