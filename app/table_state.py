"""A table as pages see it: what is filled, and what the thread is doing for it. Must not import torch."""

from dataclasses import dataclass

from app.job import Job
from app.jobs import JobManager
from app.live_line import Line, Part
from app.stage import COLOURS
from app.table_moment import TableMoment
from dmcore.experiments.results import Results, complete, read_results, results_file
from dmcore.experiments.table import Table

LOOK_SECONDS, IDLE_SECONDS = 0.5, 2.0
"""Between two looks while the table is being filled, and else."""


@dataclass(frozen=True)
class TableState:
    """One moment of a table."""

    results: Results
    job: Job | None
    """The job that fills it: at work, waiting, or the last that ended."""
    moment: TableMoment | None
    """What is being done for it now; None while nothing is."""
    revision: str
    """Differs where anything above does."""

    @property
    def table(self) -> Table:
        """The table."""
        return self.results.table

    @property
    def filled(self) -> int:
        """Places that have all their networks."""
        found = self.results.filled
        return sum(complete(place, found.get(index)) for index, place in enumerate(self.table.places))

    @property
    def word(self) -> str:
        """Its state in a word."""
        if self.job is not None and (self.job.active or self.job.state in ("queued", "failed")):
            return self.job.state
        if self.filled == len(self.table.places):
            return "finished"
        return "stopped" if self.results.filled else "not begun"


def table_state(manager: JobManager, table: Table) -> TableState:
    """The newest moment, from the thread and from the disk."""
    job = manager.table_job(table)
    moment = job.moment if job is not None and job.active else None
    results = read_results(manager.runs_root, table)
    file = results_file(manager.runs_root, table)
    written = file.stat().st_mtime_ns if file.exists() else 0
    doing = f"{moment.doing} {len(moment.curve)}" if moment is not None else ""
    revision = f"{written}/{manager.revision}/{doing}"
    return TableState(results, job, moment, revision)


def table_id(table: Table) -> str:
    """How addresses name it."""
    return f"{table.name}-{table.key}"


def table_line(manager: JobManager, state: TableState) -> Line:
    """Its state, how much is filled, and what is being done."""
    word, every = state.word, len(state.table.places)
    parts = [Part(word, strong=True, mark=COLOURS.get(word, "gray"))]
    parts.append(Part(f"{state.filled} of {every} places filled"))
    if state.job is not None and state.job.error is not None and word == "failed":
        parts.append(Part(f"{state.job.error.sentence} {state.job.error.remedy}"))
    elif state.moment is not None:
        parts.append(Part(state.moment.doing))
    elif state.job is not None and state.job.active and state.job.doing:
        parts.append(Part(state.job.doing))
    active = state.job is not None and state.job.active
    page = f"{manager.revision}"
    every_seconds = LOOK_SECONDS if active else IDLE_SECONDS
    return Line(tuple(parts), state.revision, page, every_seconds, state.filled / every if every else None)
