"""State of a table for the pages: its stored results, its job and that job's progress."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.components.live_line import LinePart, LiveLine
from app.data.folders import write_time
from app.jobs.job import Job, TableProgress
from app.jobs.manager import JobManager
from app.run.stage_content import COLOURS
from dmcore.config.formatting import counted, grouped, sentence
from dmcore.experiments.results import (
    Results,
    complete,
    is_run_elsewhere,
    networks_needed,
    read_results_file,
    results_file,
)
from dmcore.experiments.table import Table
from dmcore.files.checked_json import DamagedFileError

POLL_SECONDS, IDLE_POLL_SECONDS = 1.0, 2.0
"""Seconds between two polls while the table is running, and else."""
STATUS_COLOURS = {"pausing": "orange", "paused": "orange", "queued": "orange", "running elsewhere": "green"}
"""Colours of the statuses that runs do not have."""


@dataclass(frozen=True)
class TableState:
    """Snapshot of a table: results on disk, job and progress."""

    results: Results
    job: Job | None
    """The job that runs it: running, queued, or the last that ended."""
    progress: TableProgress | None
    """What is being computed for it now; None while nothing is."""
    revision: str
    """Change token: differs where anything else does."""
    running_elsewhere: bool = False
    """Whether another process runs it."""

    @property
    def table(self) -> Table:
        """The table."""
        return self.results.table

    @property
    def complete_cells(self) -> int:
        """Number of cells that have all their networks."""
        results = self.results.cell_results
        return sum(complete(cell, results.get(index)) for index, cell in enumerate(self.table.cells))

    @property
    def failed_cells(self) -> int:
        """Number of cells whose computation failed, with a reason."""
        return sum(bool(result.failure) for result in self.results.cell_results.values())

    @property
    def network_counts(self) -> tuple[int, int]:
        """Number of networks tested, and of all that are needed; those of failed cells do not count."""
        tested = needed = 0
        for index, cell in enumerate(self.table.cells):
            result = self.results.cell_results.get(index)
            if result is None or not result.failure:
                tested += min(networks_needed(cell), len(result.network_results) if result is not None else 0)
                needed += networks_needed(cell)
        return tested, needed

    @property
    def started(self) -> bool:
        """Whether any cell has a result: a number, or the reason of a failure."""
        return bool(self.results.cell_results)

    @property
    def status(self) -> str:
        """Status in a word or two: a job's state, or what the results on disk show."""
        if self.job is not None and self.job.pausing:
            return "pausing"
        if self.job is not None and (self.job.active or self.job.state in ("queued", "failed")):
            return self.job.state
        if self.running_elsewhere:
            return "running elsewhere"
        if self.complete_cells + self.failed_cells == len(self.table.cells):
            return "finished" if self.complete_cells else "failed"
        return "stopped" if self.started else "not started"


def table_state(manager: JobManager, table: Table) -> TableState:
    """Read the newest state of a table, from the job thread and from the disk."""
    job = manager.table_job(table)
    progress = job.table_progress if job is not None and job.active else None
    file = results_file(manager.runs_root, table)
    try:
        results = cached_results(file)
        if results is None or results.table.key != table.key:
            results = Results(table=table, cell_results={})
    except DamagedFileError as damage:
        results = Results(table=table, cell_results={}, notes=(str(damage),))
    activity = f"{progress.activity} {len(progress.curve)}" if progress is not None else ""
    elsewhere = not (job is not None and job.active) and is_run_elsewhere(file)
    revision = f"{table_id(table)}/{write_time(file)}/{manager.revision}/{activity}/{elsewhere}"
    return TableState(results, job, progress, revision, elsewhere)


def cached_results(file: Path) -> Results | None:
    """Results in a file, read again only when it was written again; None where there is no file.

    Raises:
        DamagedFileError: the file is damaged.
    """
    return _read(file, write_time(file))


def table_id(table: Table) -> str:
    """Id of a table in the addresses of its live parts."""
    return f"{table.name}-{table.key}"


def table_line(manager: JobManager, state: TableState) -> LiveLine:
    """Status line of a table: status, networks tested, failed cells, and what is being computed."""
    status, job = state.status, state.job
    tested, needed = state.network_counts
    colour = STATUS_COLOURS.get(status) or COLOURS.get(status, "gray")
    parts = [LinePart(status, strong=True, mark=colour)]
    parts.append(LinePart(f"{grouped(tested)} of {grouped(needed)} networks trained and tested"))
    if state.failed_cells:
        failed, cells = grouped(state.failed_cells), counted(len(state.table.cells), "cell")
        parts.append(LinePart(f"{failed} of {cells} cannot be computed"))
    if status == "failed" and job is not None and job.error is not None:
        parts.append(LinePart(f"{sentence(job.error.sentence)} {sentence(job.error.remedy)}"))
    elif status == "queued":
        behind = manager.current is not None and manager.current.active
        parts.append(LinePart("waits for the running job" if behind else "about to start"))
    elif state.running_elsewhere:
        parts.append(LinePart("another process runs it; this page follows"))
    elif state.progress is not None:
        parts.append(LinePart(state.progress.activity))
    elif job is not None and job.active and job.activity:
        parts.append(LinePart(job.activity))
    page = f"{manager.revision}/{status}/{state.started}/{state.failed_cells}"
    active = state.running_elsewhere or (job is not None and job.active)
    seconds = POLL_SECONDS if active else IDLE_POLL_SECONDS
    return LiveLine(tuple(parts), state.revision, page, seconds, tested / needed if needed else None)


@lru_cache(maxsize=8)
def _read(file: Path, written: int) -> Results | None:
    try:
        return read_results_file(file) if written else None
    except FileNotFoundError:  # deleted just now
        return None
