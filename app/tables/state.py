"""State of a table for the pages: its stored results, its job and that job's progress, recorded results."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.components.live_line import LinePart, LiveLine
from app.data.folders import runs_root, write_time
from app.data.recorded import recorded_table
from app.jobs.job import Job, TableProgress
from app.jobs.manager import JobManager
from app.text.status import Status
from dmcore.config.formatting import counted, grouped
from dmcore.experiments.gallery.recorded import RecordedEntry, recorded_root
from dmcore.experiments.results import Results, is_run_elsewhere, read_results_file, results_file
from dmcore.experiments.table import Table
from dmcore.files.checked_json import DamagedFileError

POLL_SECONDS, IDLE_POLL_SECONDS = 1.0, 2.0
"""Seconds between two polls while the table is running, and else."""


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
    recorded: RecordedEntry | None = None
    """Recorded results of this table, or the nearest of its experiment; None without any, or hidden."""
    is_recorded: bool = False
    """Whether `results` are recorded elsewhere: figures draw them thin and hollow."""

    @property
    def shows_recorded(self) -> bool:
        """Whether the page shows the recorded results: none have arrived here yet."""
        return self.recorded is not None and not self.started

    @property
    def shown(self) -> "TableState":
        """What figures and numbers are of: this state, or the recorded results while there are no others."""
        if self.recorded is None or self.recorded.results is None or self.started:
            return self
        revision = f"{self.revision}/{self.recorded.name}"
        return TableState(self.recorded.results, None, None, revision, is_recorded=True)

    @property
    def runs_root(self) -> Path:
        """Folder of the runs whose images were tested."""
        return recorded_root() if self.is_recorded else runs_root()

    @property
    def table(self) -> Table:
        """The table."""
        return self.results.table

    @property
    def started(self) -> bool:
        """Whether any cell has a result: a number, or the reason of a failure."""
        return bool(self.results.cell_results)

    @property
    def status(self) -> Status:
        """Status in a word or two: a job's state, or what the results on disk show."""
        status = Status.STOPPED if self.started else Status.NOT_STARTED
        if self.running_elsewhere:
            status = Status.RUNNING_ELSEWHERE
        elif self.results.complete_cells + self.results.failed_cells == len(self.table.cells):
            status = Status.FINISHED if self.results.complete_cells else Status.FAILED
        return job_status(self.job, status)


def table_state(manager: JobManager, table: Table) -> TableState:
    """Read the newest state of a table, from the job thread and from the disk."""
    job = manager.job_about("table", table.key)
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
    return TableState(results, job, progress, revision, elsewhere, recorded_table(table))


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
    job, progress = state.job, state.progress
    tested, needed = state.results.network_counts
    parts = [f"{grouped(tested)} of {grouped(needed)} networks trained and tested"]
    if failed := state.results.failed_cells:
        parts.append(f"{grouped(failed)} of {counted(len(state.table.cells), 'cell')} cannot be computed")
    activity = "" if job is None or not job.active else progress.activity if progress else job.activity
    if state.running_elsewhere:
        activity = "another process runs it; this page follows"
    page = f"{manager.revision}/{state.status}/{state.started}/{failed}"
    active = state.running_elsewhere or (job is not None and job.active)
    fraction = tested / needed if needed else None
    line = job_parts(manager, job, state.status, parts, activity)
    return LiveLine(line, state.revision, page, POLL_SECONDS if active else IDLE_POLL_SECONDS, fraction)


def job_status(job: Job | None, stored: Status) -> Status:
    """Status of what a job computes: the job's state while it matters, else what the disk shows."""
    if job is None or not (job.pending or (job.state is Status.FAILED and stored is not Status.FINISHED)):
        return stored
    return Status.PAUSING if job.pausing else job.state


def job_parts(
    manager: JobManager, job: Job | None, status: Status, facts: Sequence[str], activity: str, label: str = ""
) -> tuple[LinePart, ...]:
    """Parts of the status line of what a job computes.

    Args:
        manager: runs the job.
        job: the job, if any.
        status: as `job_status` gives it.
        facts: what is there already.
        activity: what is being done; not shown while it is queued or has failed.
        label: text of the status, where it differs.
    """
    if status is Status.FAILED and job is not None and job.error is not None:
        activity = job.error.message
    elif status is Status.QUEUED:
        activity = "waits for the running job" if manager.active is not None else "about to start"
    texts = [*facts, activity] if activity else facts
    return (LinePart(label or status, strong=True, mark=status.colour), *map(LinePart, texts))


@lru_cache(maxsize=8)
def _read(file: Path, written: int) -> Results | None:
    try:
        return read_results_file(file) if written else None
    except FileNotFoundError:  # deleted just now
        return None
