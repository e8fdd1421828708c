"""View of a run at one iteration, as pages display it: from this server's background thread, or from files.

A run that another process is writing is read from its folder.
"""

import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.data.stored_results import evaluation_results
from app.jobs.run_view import RunView
from app.text.status import Status
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.curves import StoredCurves
from dmcore.runs.description import Status as StoredStatus
from dmcore.runs.display import images_at
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from app.jobs.manager import JobManager

CACHED_VIEWS = 8


def latest_view(manager: "JobManager", run: RunFolder) -> RunView:
    """Newest view of a run: from memory while this server's thread computes it, else from its folder."""
    job = manager.current
    if job is None or job.run_id != run.id or not job.active:
        return view_of_folder(run)
    view = job.snapshot if job.snapshot is not None else view_of_folder(run)
    revision = f"{id(job)}-{view.revision}-{job.state}-{job.speed}"
    view = replace(view, status=job.state, live=True, revision=revision)
    if job.speed == "step":  # between two clicks there is no rate
        view = replace(view, iterations_per_second=None, images_per_second=None, seconds_left=None)
    return view


def page_revision(manager: "JobManager", run: RunFolder, view: RunView) -> str:
    """Change token for the page's script, which has to run again for other buttons, cards or first images."""
    results = evaluation_results(run)
    fitting = sum(result.kind != "condensed" or result.iteration == view.iteration for result in results)
    job = manager.current
    speed = job.speed if job is not None and job.run_id == run.id and job.active else ""
    cards = (speed, view.evaluation is not None, bool(view.images), len(results), fitting)
    return "/".join(map(str, (manager.revision, view.status, *cards)))


def nearest_stored(folder: RunFolder, iteration: int | None) -> int | None:
    """Stored iteration nearest to this one; None where none is requested, or none is stored."""
    stored = folder.snapshots()
    if iteration is None or not stored:
        return None
    return min((abs(candidate - iteration), candidate) for candidate in stored)[1]


def view_at(folder: RunFolder, view: RunView, iteration: int) -> RunView:
    """View of the run at a stored iteration; what is not of that iteration is left out.

    Raises:
        ValueError: nothing is stored of that iteration, or its file is damaged.
    """
    return replace(
        view,
        iteration=iteration,
        outer=0,
        images={name: images_at(folder, name, iteration) for name in folder.set_names},
        last="",
        revision=f"{view.revision}-at-{iteration}",
    )


class _CachedView(NamedTuple):
    status: StoredStatus
    newest: str
    size: int
    good_until: float
    curves: StoredCurves
    view: RunView


class FolderViews:
    """Newest view of each of the last runs that were read from their folders; for any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: dict[Path, _CachedView] = {}

    def view_of(self, folder: RunFolder) -> RunView:
        """View from the run's files.

        It is read again when the run has another status, newer images or more events, but so seldom that
        reading takes a tenth of the time at most; of its events only the new ones are read.
        """
        status = folder.status()
        size = folder.events_file.stat().st_size if folder.events_file.is_file() else 0
        newest = repr(tuple(folder.snapshots(name)[-1:] for name in folder.set_names))
        with self._lock:
            # back when all could be read: curves that stopped halfway are of no use
            cached = self._latest.pop(folder.path, None)
            same = cached is not None and (cached.status, cached.newest) == (status, newest)
            if cached is None or not same or (cached.size != size and time.monotonic() >= cached.good_until):
                began = time.monotonic()
                follows = cached is not None and cached.curves.continues(folder)
                curves = cached.curves if cached is not None and follows else StoredCurves(folder)
                view = _read_view(folder, status, curves, f"{status.value}-{size}-{newest}")
                ended = time.monotonic()
                while len(self._latest) >= CACHED_VIEWS:
                    del self._latest[next(iter(self._latest))]
                cached = _CachedView(status, newest, size, ended + 9 * (ended - began), curves, view)
            self._latest[folder.path] = cached
        return cached.view


view_of_folder = FolderViews().view_of
"""View of a run from its folder, by the cache of this process."""


def _read_view(folder: RunFolder, status: StoredStatus, curves: StoredCurves, revision: str) -> RunView:
    curves.refresh()
    newest = {name: stored[-1] for name in folder.set_names if (stored := folder.snapshots(name))}
    iteration = max(curves.iteration, *newest.values(), 0)
    images, damaged = {}, []
    for name, last in newest.items():
        try:
            images[name] = images_at(folder, name, last)
        except DamagedFileError as damage:
            damaged.append(damage)
    config = folder.config
    iterations = config.iterations if config else iteration
    rate = curves.iterations_per_second() if status is StoredStatus.RUNNING else None
    return RunView(
        run_id=folder.id,
        status=Status.of(status),
        iteration=iteration,
        iterations=iterations,
        images=images,
        loss=curves.loss(),
        noise_floor=curves.noise_floor(),
        iterations_per_second=rate,
        images_per_second=result.images_per_second if (result := folder.result()) else None,
        seconds_left=(iterations - iteration) / rate if rate else None,
        revision=revision,
        damaged=tuple(damaged),
    )
