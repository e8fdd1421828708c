"""Observed state of a run for its live endpoints: newest view, and change tokens of what it depends on."""

import time
from collections.abc import Hashable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from os import stat_result
from pathlib import Path

from app.data.folders import find_run, runs_root
from app.jobs.manager import JobManager, get_manager
from app.run.run_view import RunView, latest_view
from dmcore.runs.folder import RunFolder

CLOCK_TICK = 0.05
"""Seconds in which two changes of a file may get one time stamp, generously."""


@dataclass(frozen=True)
class RunState:
    """Snapshot of a run: its folder, its newest view, and the change tokens of both."""

    manager: JobManager
    run: RunFolder
    view: RunView
    stored: str
    """Change token of the files: snapshots and results."""
    revision: str
    """Change token of everything."""


@dataclass(frozen=True)
class RunSubject:
    """Run that live endpoints answer about, by its id."""

    run_id: str

    def change_token(self) -> Hashable:
        """Token of a job's start, pause and end, and of the run's removal."""
        try:
            description = (runs_root() / self.run_id / "run.json").stat()
        except (OSError, ValueError):
            return get_manager().revision, None
        return get_manager().revision, description.st_mtime_ns, description.st_ino

    def observe(self) -> RunState:
        """Newest state.

        Raises:
            ValueError: no such run, or a damaged one.
        """
        manager = get_manager()
        run = find_run(self.run_id, runs_root())
        stored = stored_token(run)
        changes = manager.revision, manager.evaluation_share  # before the view: a later change shows again
        view = latest_view(manager, run)
        return RunState(manager, run, view, stored, repr((view.revision, view.status, *changes, stored)))


def stored_token(run: RunFolder) -> str:
    """Change token of a run's files except its log: names, times and sizes."""
    files: list[tuple[str, stat_result]] = []
    for path in _files(run):
        with suppress(OSError):  # not there, or no longer: not part of the token
            files.append((path.as_posix(), path.stat()))
    now = time.time()
    # a change within the same tick of the file system's clock would not be seen: look again after it
    unsettled = now if any(abs(now - stat.st_mtime) < CLOCK_TICK for _, stat in files) else 0.0
    return repr(([(name, *_version(stat)) for name, stat in files], unsettled))


def _files(run: RunFolder) -> Iterator[Path]:
    yield run.path / "run.json"
    yield from sorted(run.path.glob("results/*"))
    for name in run.set_names:
        yield run.snapshot_folder(name)


def _version(stat: stat_result) -> tuple[int, int, int]:
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
