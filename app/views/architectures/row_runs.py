"""Condensation runs of each row of a table: their state (done, running, ...), and queueing of missing ones.

A row's run is an ordinary run that `is_requested_run` accepts, so that running the table reuses it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.jobs.job import Job, Work
from app.jobs.manager import JobManager
from app.jobs.work import CondenseWork, ResumeWork
from app.text.status import Status as DisplayedStatus
from dmcore.config import MethodConfig
from dmcore.experiments.matching_runs import is_requested_run
from dmcore.experiments.presets import condensed_title
from dmcore.experiments.table import Table
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

RunState = Literal["done", "running", "queued", "interrupted", "missing"]


@dataclass(frozen=True)
class RowRun:
    """Condensation run of one independent set of a row, on disk or to be queued."""

    title: str
    """Title of the run, or the one that it will get."""
    config: MethodConfig
    state: RunState
    run: RunFolder | None = None
    """Of the matching runs the one with the most iterations."""

    @property
    def to_queue(self) -> bool:
        """Whether nothing computes it, and it is not done."""
        return self.state in ("missing", "interrupted")


def row_runs(manager: JobManager, table: Table, data_title: str) -> dict[str, list[RowRun]]:
    """Runs of every row, one for each seed, in the order of the seeds."""
    jobs = [job for job in (manager.current, *manager.queued) if job is not None]
    runs, digest = list_runs(manager.runs_root), manager.data_digest(table.dataset)
    rows: dict[str, list[RowRun]] = {row: [] for row in table.rows}
    recipes = {(cell.row, cell.recipe.group_key): cell.recipe for cell in table.cells}
    for (row, _), recipe in sorted(recipes.items(), key=lambda item: item[1].seed):
        config = recipe.condense
        assert config is not None
        matching = [run for run in runs if is_requested_run(config, run, digest)]
        run = max(matching, key=lambda run: run.iteration(), default=None)
        state = _state(config, run, jobs, digest)
        rows[row].append(RowRun(condensed_title(config, data_title), config, state, run))
    return rows


def queue_rows(manager: JobManager, table: Table, data_title: str, row: str) -> int:
    """Queue the missing runs of a row behind the running job; returns how many.

    Raises:
        ValueError: an incomplete run cannot be resumed.
    """
    runs = row_runs(manager, table, data_title)[row]  # read again: another tab may have been faster
    missing = [row_run for row_run in runs if row_run.to_queue]
    for row_run in missing:
        if row_run.run is None:
            work: Work = CondenseWork(title=row_run.title, config=row_run.config)
        else:
            work = ResumeWork(run=row_run.run)
        manager.submit(work, queue=manager.busy)
    return len(missing)


def _state(config: MethodConfig, run: RunFolder | None, jobs: Sequence[Job], digest: str) -> RunState:
    if run is not None and run.iteration() >= config.iterations:
        return "done"
    if run is not None and run.status() in (Status.RUNNING, Status.PAUSED):
        return "running"
    for job in jobs:
        planned = job.work.planned_run
        if job.pending and planned is not None and is_requested_run(config, planned, digest):
            return "queued" if job.state is DisplayedStatus.QUEUED else "running"
    return "interrupted" if run is not None else "missing"
