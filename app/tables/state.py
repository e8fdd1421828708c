"""A table as pages see it: what is filled, and what the thread is doing for it. Must not import torch."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.components.live_line import LinePart, LiveLine
from app.jobs.job import Job, TableProgress
from app.jobs.manager import JobManager
from app.run.stage_content import COLOURS
from dmcore.config.formatting import grouped, sentence
from dmcore.experiments.results import (
    Results,
    complete,
    is_run_elsewhere,
    networks_needed,
    read_results_file,
    results_file,
)
from dmcore.experiments.table import Table

POLL_SECONDS, IDLE_POLL_SECONDS = 1.0, 2.0
"""Between two looks while the table is being filled, and else."""
STATUS_COLOURS = {"pausing": "orange", "paused": "orange", "queued": "orange", "running elsewhere": "green"}
"""Colours of words that runs do not have."""


@dataclass(frozen=True)
class TableState:
    """One moment of a table."""

    results: Results
    job: Job | None
    """The job that fills it: at work, waiting, or the last that ended."""
    moment: TableProgress | None
    """What is being done for it now; None while nothing is."""
    revision: str
    """Differs where anything else does."""
    elsewhere: bool = False
    """Whether another process fills it."""

    @property
    def table(self) -> Table:
        """The table."""
        return self.results.table

    @property
    def complete_cells(self) -> int:
        """Cells that have all their networks."""
        found = self.results.cell_results
        return sum(complete(place, found.get(index)) for index, place in enumerate(self.table.cells))

    @property
    def failed_cells(self) -> int:
        """Places that say why they have no number."""
        return sum(bool(one.failure) for one in self.results.cell_results.values())

    @property
    def networks(self) -> tuple[int, int]:
        """Networks that are there, and that are to be there; those of refused places do not count."""
        there = every = 0
        for index, place in enumerate(self.table.cells):
            filled = self.results.cell_results.get(index)
            if filled is None or not filled.failure:
                there += min(networks_needed(place), len(filled.network_results) if filled is not None else 0)
                every += networks_needed(place)
        return there, every

    @property
    def started(self) -> bool:
        """Whether anything is there: a number, or a reason why there is none."""
        return bool(self.results.cell_results)

    @property
    def status(self) -> str:
        """Its state in a word."""
        if self.job is not None and self.job.pausing:
            return "pausing"
        if self.job is not None and (self.job.active or self.job.state in ("queued", "failed")):
            return self.job.state
        if self.elsewhere:
            return "running elsewhere"
        if self.complete_cells + self.failed_cells == len(self.table.cells):
            return "finished" if self.complete_cells else "failed"
        return "stopped" if self.started else "not started"


def table_state(manager: JobManager, table: Table) -> TableState:
    """The newest moment, from the thread and from the disk."""
    job = manager.table_job(table)
    moment = job.table_progress if job is not None and job.active else None
    file = results_file(manager.runs_root, table)
    found = cached_results(file)
    results = (
        found if found is not None and found.table.key == table.key else Results(table=table, cell_results={})
    )
    doing = f"{moment.activity} {len(moment.curve)}" if moment is not None else ""
    elsewhere = not (job is not None and job.active) and is_run_elsewhere(file)
    revision = f"{_written(file)}/{manager.revision}/{doing}/{elsewhere}"
    return TableState(results, job, moment, revision, elsewhere)


def cached_results(file: Path) -> Results | None:
    """What a file of results holds, read again only when it was written again; None where it is not there."""
    return _read(file, _written(file))


def table_id(table: Table) -> str:
    """How addresses name it."""
    return f"{table.name}-{table.key}"


def table_line(manager: JobManager, state: TableState) -> LiveLine:
    """Its state, how much is filled, and what is being done."""
    word, job = state.status, state.job
    there, every = state.networks
    parts = [LinePart(word, strong=True, mark=STATUS_COLOURS.get(word) or COLOURS.get(word, "gray"))]
    parts.append(LinePart(f"{grouped(there)} of {grouped(every)} networks trained and tested"))
    if state.failed_cells:
        parts.append(
            LinePart(f"{grouped(state.refused)} of {grouped(len(state.table.places))} cannot be filled")
        )
    if word == "failed" and job is not None and job.error is not None:
        parts.append(LinePart(f"{sentence(job.error.sentence)} {sentence(job.error.remedy)}"))
    elif word == "queued":
        behind = manager.current is not None and manager.current.active
        parts.append(LinePart("waits for the work at hand" if behind else "about to begin"))
    elif state.elsewhere:
        parts.append(LinePart("another process fills it: here it is watched"))
    elif state.moment is not None:
        parts.append(LinePart(state.moment.activity))
    elif job is not None and job.active and job.activity:
        parts.append(LinePart(job.activity))
    page = f"{manager.revision}/{word}/{state.begun}/{state.refused}"
    active = state.elsewhere or (job is not None and job.active)
    every_seconds = POLL_SECONDS if active else IDLE_POLL_SECONDS
    return LiveLine(tuple(parts), state.revision, page, every_seconds, there / every if every else None)


def _written(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=8)
def _read(file: Path, written: int) -> Results | None:
    return read_results_file(file) if written else None
