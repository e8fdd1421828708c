"""State of a race for its page: stored results, its job, and where the lanes are. Never calls Streamlit."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from app.components.live_line import LiveLine
from app.data.folders import write_time
from app.data.recorded import recorded_hidden
from app.jobs.job import Job, RaceProgress
from app.jobs.manager import JobManager
from app.tables.state import IDLE_POLL_SECONDS, POLL_SECONDS, job_parts, job_status
from app.text.status import Status
from dmcore.config.formatting import counted
from dmcore.experiments.figure4.config import NAMES, Figure4Config
from dmcore.experiments.figure4.report import time_text
from dmcore.experiments.figure4.results import (
    FILE,
    RaceResults,
    race_folder,
    read_race_file,
)
from dmcore.experiments.gallery.recorded import RecordedEntry, nearest_race, recorded_root
from dmcore.experiments.results import is_run_elsewhere
from dmcore.files.checked_json import DamagedFileError


@dataclass(frozen=True)
class RaceState:
    """Snapshot of a race: results on disk, job and lanes."""

    manager: JobManager
    results: RaceResults
    job: Job | None
    """The job that runs it: running, queued, or the last that ended."""
    running_elsewhere: bool
    """Whether another process runs it."""
    written: int
    """Time at which the results were written."""
    damage: str = ""
    """Sentence on damaged results."""
    recorded: RecordedEntry | None = None
    """Recorded race of the same data and images per class, if any."""
    is_recorded: bool = False
    """Whether `results` are recorded elsewhere: drawn thin."""

    @property
    def shown(self) -> "RaceState":
        """What the figure is of: this race, or the recorded one until a lane was tested here."""
        race = None if self.recorded is None else self.recorded.race
        if race is None or self.started:
            return self
        return RaceState(self.manager, race, None, False, 0, recorded=self.recorded, is_recorded=True)

    @property
    def config(self) -> Figure4Config:
        """The race."""
        return self.results.config

    @property
    def folder(self) -> Path:
        """Its folder."""
        return race_folder(recorded_root() if self.is_recorded else self.manager.runs_root, self.config)

    @property
    def id(self) -> str:
        """Id in the addresses of its live parts."""
        return f"{self.config.name}-{self.config.key}"

    @property
    def progress(self) -> RaceProgress | None:
        """Where the lanes are; None while nothing is computed here."""
        return self.job.race_progress if self.job is not None and self.job.active else None

    @property
    def started(self) -> bool:
        """Whether any lane was tested."""
        return bool(self.results.points)

    @property
    def in_progress(self) -> bool:
        """Whether its job is running or queued."""
        return self.job is not None and self.job.pending

    @property
    def status(self) -> Status:
        """Status in a word: the job's, or what the results on disk show."""
        stored = Status.STOPPED if self.started else Status.NOT_STARTED
        if self.running_elsewhere:
            stored = Status.RUNNING_ELSEWHERE
        elif self.results.complete:
            failed = len(self.results.failures) == self.config.seeds * len(self.config.lanes)
            stored = Status.FAILED if failed else Status.FINISHED
        return job_status(self.job, stored)

    @cached_property
    def line(self) -> LiveLine:
        """Status line: status, tests done, the clocks, and what is being done."""
        done, total = self.results.tests
        facts = [f"{done} of {counted(total, 'test')}"] if self.started else []
        progress = self.progress
        if progress is not None:
            clocks = (f"{NAMES[method]} {time_text(clock)}" for method, (clock, _) in progress.clocks.items())
            facts.append(f"clocks: {', '.join(clocks)}")
        running = self.job is not None and self.job.active
        activity = self.job.activity if self.job is not None and running else ""
        if self.running_elsewhere:
            activity = "another process runs it; this page follows"
        parts = job_parts(self.manager, self.job, self.status, facts, activity)
        page = f"{self.manager.revision}/{self.status}/{self.started}/{len(self.results.failures)}"
        polled = POLL_SECONDS if running or self.running_elsewhere else IDLE_POLL_SECONDS
        fraction = done / total if self.started or running else None
        return LiveLine(
            parts, f"{page}/{self.written}/{[part.text for part in parts]}", page, polled, fraction
        )

    @property
    def revision(self) -> str:
        """Change token: the line tells of everything that figure and images show."""
        return self.line.revision


def race_state(manager: JobManager, config: Figure4Config) -> RaceState:
    """Read the newest state of a race, from the job thread and from the disk."""
    job = manager.job_about("race", config.key)
    folder = race_folder(manager.runs_root, config)
    written, damage = write_time(folder / FILE), ""
    results = None
    try:
        results = _read(folder / FILE, written)
    except DamagedFileError as error:
        damage = str(error)
    if results is None or results.config.key != config.key:
        results = RaceResults(config=config)
    elsewhere = not (job is not None and job.active) and is_run_elsewhere(folder / "race")
    recorded = None if recorded_hidden() else nearest_race(config)
    return RaceState(manager, results, job, elsewhere, written, damage, recorded)


@lru_cache(maxsize=8)
def _read(file: Path, written: int) -> RaceResults | None:
    try:
        return read_race_file(file) if written else None
    except FileNotFoundError:  # deleted just now
        return None
