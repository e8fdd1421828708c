"""The condensation of each row of a table: whether it is there among the runs, at work, or lacking.

A row's run is an ordinary run with exactly the recipe's set-up, so that filling finds it. No torch.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.jobs.job import Job
from app.jobs.manager import JobManager
from dmcore.config import CondenseConfig
from dmcore.experiments.presets import condensed_title
from dmcore.experiments.table import Recipe, Table
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

RunState = Literal["there", "at work", "queued", "begun", "lacking"]


@dataclass(frozen=True)
class RowRun:
    """One independent set of a row."""

    row: str
    title: str
    """What the run is called, or will be."""
    config: CondenseConfig
    state: RunState
    run: RunFolder | None = None
    """The one that got furthest."""

    @property
    def seed(self) -> int:
        """Of this set."""
        return self.config.seed


def row_runs(manager: JobManager, table: Table, data_title: str) -> dict[str, list[RowRun]]:
    """Every row's runs, one for each seed."""
    runs = [one for one in list_runs(manager.runs_root) if one.description.origin == "condense"]
    at_hand = [one for one in (manager.current, *manager.queued) if one is not None]
    return {
        row: [_row_run(row, one, runs, at_hand, data_title) for one in _recipes(table, row)]
        for row in table.rows
    }


def queue_rows(manager: JobManager, table: Table, data_title: str, row: str) -> int:
    """Let what a row lacks be condensed behind the work at hand; how many runs that are.

    Raises:
        ValueError: a run that was begun cannot go on.
    """
    asked = [
        one for one in row_runs(manager, table, data_title)[row] if one.state in ("lacking", "begun")
    ]  # looked at again: another tab may have been faster
    for one in asked:
        if one.run is not None:
            manager.resume(one.run.id, queue=manager.busy)
        else:
            manager.start(one.config, one.title, queue=manager.busy)
    return len(asked)


def _recipes(table: Table, row: str) -> list[Recipe]:
    found = {place.recipe.group_key: place.recipe for place in table.cells if place.row == row}
    return sorted(found.values(), key=lambda one: one.seed)


def _row_run(
    row: str, recipe: Recipe, runs: Sequence[RunFolder], at_hand: Sequence[Job], data_title: str
) -> RowRun:
    config = recipe.condense
    assert config is not None
    title = condensed_title(config, data_title)
    same = [one for one in runs if one.config == config]
    run = max(same, key=lambda one: one.iteration(), default=None)
    return RowRun(row, title, config, _state(config, title, run, at_hand), run)


def _state(config: CondenseConfig, title: str, run: RunFolder | None, at_hand: Sequence[Job]) -> RunState:
    if run is not None and run.iteration() >= config.iterations:
        return "there"
    if run is not None and run.status() in (Status.RUNNING, Status.PAUSED):
        return "at work"
    for job in at_hand:
        belongs = job.run_id == run.id if run is not None and job.run_id else job.title == title
        if job.kind == "condense" and belongs and (job.state == "queued" or job.active):
            return "queued" if job.state == "queued" else "at work"
    return "begun" if run is not None else "lacking"
