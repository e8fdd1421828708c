"""Filling a table of the paper, as work for the thread: one published moment after each event.

Torch is imported by the thread, when the generator runs.
"""

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs.job import TableProgress
from dmcore.config.formatting import duration
from dmcore.experiments.table import Table

if TYPE_CHECKING:
    from app.jobs.job import Job
    from app.jobs.work import WorkerContext
    from dmcore.experiments.sets import SetProgress
    from dmcore.training.result_cache import TrainingEpoch

SURE_SECONDS, SURE_SHARE = 3.0, 0.02
"""From when on the time left is said."""


@dataclass(frozen=True)
class TableWork:
    """Fill a table; what has arrived stays when it is stopped."""

    table: Table
    cache_root: Path

    def __call__(self, job: "Job", desk: "WorkerContext") -> Generator[int | None, None, None]:
        """The work as a generator."""
        job.activity = "opening the data set"
        dataset = desk.open(self.table.dataset, job)
        from dmcore.experiments.runner import CellTraining, CellUpdate, run_table
        from dmcore.experiments.sets import Roots

        told = _Telling(self.table, job.throttle.clock)
        events = run_table(self.table, dataset, Roots(desk.runs_root, self.cache_root), desk.device)
        assert isinstance(events, Generator)
        with closing(events):
            for event in events:
                if isinstance(event, CellUpdate):
                    job.arrived += 1
                else:
                    moment = (
                        told.learning(event.cell, event.training)
                        if isinstance(event, CellTraining)
                        else told.making(event)
                    )
                    job.activity, job.moment = moment.activity, moment
                yield None


class _Telling:
    """From events to moments: remembers the curve of the network in hand, and since when the set is made."""

    def __init__(self, table: Table, clock: Callable[[], float]) -> None:
        self._table, self._clock = table, clock
        self._place: int | None = None
        self._curve: list[tuple[int, float]] = []
        self._what, self._since, self._from = "", 0.0, 0.0

    def learning(self, index: int, training: "TrainingEpoch") -> TableProgress:
        """An epoch of a network; the first of each place is watched while it learns."""
        if self._place != index:
            self._place, self._curve = index, []
        if training.accuracy is not None:
            self._curve.append((training.epoch, training.accuracy))
        place = self._table.cells[index]
        epoch = f"epoch {training.epoch} of {training.epochs}"
        network = f"network {training.repeat + 1} of {place.repeats}"
        doing = f"learned on {place.row}, testing {place.column}: {network}, {epoch}"
        if self._table.name != "table3":
            doing = f"{place.row}, {place.column}: {network}, {epoch}"
        return TableProgress(index, doing, tuple(self._curve), step=epoch)

    def making(self, doing: "SetProgress") -> TableProgress:
        """A part of making the images of some places."""
        if doing.what != self._what or doing.done < self._from:
            self._what, self._since, self._from = doing.what, self._clock(), doing.done
        said = f"{doing.what}, {doing.done:.0%}" if doing.done else doing.what
        if self._table.name == "table4" and doing.cells:
            said = f"{self._table.cells[doing.cells[0]].row}: {said}"
        passed, share = self._clock() - self._since, doing.done - self._from
        if passed > SURE_SECONDS and share > SURE_SHARE:
            said += f", {duration(passed / share * (1 - doing.done))} left for these images"
        step = f"images {doing.done:.0%}" if doing.done else "images"
        return TableProgress(None, said, pending_cells=doing.cells, step=step)
