"""The work of a table job: runs a table of the paper and publishes its progress after each event.

Torch is imported by the thread, when the generator runs.
"""

from collections.abc import Hashable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.data.folders import cache_root
from app.jobs.job import Events, Job, TableProgress, Work
from app.jobs.speeds import start_timer
from dmcore.execution.job_timer import JobTimer
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.results import Results, read_results, results_file, write_results
from dmcore.experiments.table import Table
from dmcore.experiments.table_cost import TableTimer

if TYPE_CHECKING:
    from app.jobs.work import WorkerContext
    from dmcore.experiments.sets import SetProgress
    from dmcore.training.result_cache import TrainingEpoch


@dataclass(frozen=True, kw_only=True)
class TableWork(Work):
    """Run a table; its results so far stay when it is stopped."""

    kind = "table"
    table: Table

    @property
    def default_title(self) -> str:
        """Title of the table."""
        return self.table.title

    def prepare(self, runs_root: Path) -> None:
        """Write its results before there are any: the addresses of the table answer from now on.

        Raises:
            StorageError: the runs root cannot be written to.
        """
        if not results_file(runs_root, self.table).exists():
            write_results(runs_root, Results(table=self.table, cell_results={}))

    @property
    def subject(self) -> Hashable:
        """Key of the table."""
        return self.table.key

    def __call__(self, job: Job, context: "WorkerContext") -> Events:
        """The work as a generator."""
        dataset = context.open(self.table.dataset, job)
        from dmcore.bench.estimate import data_shape_of
        from dmcore.execution.plan import evaluation_plan
        from dmcore.experiments.runner import CellTraining, run_table
        from dmcore.experiments.sets import Roots, SetProgress

        plan, roots = evaluation_plan(context.device), Roots(context.runs_root, cache_root())
        results = read_results(context.runs_root, self.table, dataset.digest)
        timer = TableTimer(
            results,
            data_shape_of(dataset),
            plan.workers,
            lambda workload: start_timer(workload, plan.device, job.throttle.clock),
        )
        tracker = _ProgressTracker(self.table, timer.timer)
        events = run_table(self.table, dataset, roots, context.device)
        with closing(timer), closing(events):
            for event in events:
                timer.take(event)
                match event:
                    case CellTraining(cell, training):
                        job.table_progress = tracker.of_training(cell, training)
                    case SetProgress():
                        job.table_progress = tracker.of_set(event)
                if job.table_progress is not None:
                    job.activity = job.table_progress.activity
                yield None


class _ProgressTracker:
    """Makes table progress from events: remembers the current network's curve."""

    def __init__(self, table: Table, timer: JobTimer) -> None:
        self._table, self._timer = table, timer
        self._cell: int | None = None
        self._curve: list[tuple[int, float]] = []

    def of_training(self, index: int, training: "TrainingEpoch") -> TableProgress:
        """Progress after an epoch of a network; the first network of each cell is tested while it learns."""
        if self._cell != index:
            self._cell, self._curve = index, []
        if training.accuracy is not None:
            self._curve.append((training.epoch, training.accuracy))
        cell = self._table.cells[index]
        epoch = f"epoch {training.epoch} of {training.epochs}"
        network = f"network {training.repeat + 1} of {cell.repeats}"
        where = experiment_of(self._table).cell_text.format(row=cell.row, column=cell.column)
        activity = f"{where}: {network}, {epoch}; {self._timer.left_text}"
        return TableProgress(index, activity, tuple(self._curve), label=epoch)

    def of_set(self, event: "SetProgress") -> TableProgress:
        """Progress of creating the images of some cells."""
        activity = f"{event.step}, {event.done:.0%}" if event.done else event.step
        if experiment_of(self._table).sets_by_row and event.cells:
            activity = f"{self._table.cells[event.cells[0]].row}: {activity}"
        activity += f"; {self._timer.left_text}"
        label = f"images {event.done:.0%}" if event.done else "images"
        return TableProgress(None, activity, pending_cells=event.cells, label=label)
