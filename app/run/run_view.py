"""View of a run at one iteration, as pages display it: from this server's background thread, or from files.

A run that another process is writing is read from its folder.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.data.stored_results import evaluation_results
from app.jobs.curve_buffer import StoredCurves
from app.jobs.live_snapshot import (
    Curve,
    DisplayImages,
    EvaluationProgress,
    OnlineEvaluationStatus,
    to_display_images,
)
from app.jobs.throttle import SLOW_ITERATIONS
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from app.jobs.manager import Job, JobManager


@dataclass(frozen=True)
class RunView:
    """State of a run to be displayed; `images`: uint8 [class, image, channel, height, width] by set name."""

    run_id: str
    status: str
    """running, paused, stopping, finished, failed or stopped."""
    iteration: int
    iterations: int
    images: Mapping[str, DisplayImages] = field(default_factory=dict)
    loss: Mapping[str, Curve] = field(default_factory=dict)
    """For each set the iterations and the loss per class, averaged over classes."""
    noise_floor: float | None = None
    iterations_per_second: float | None = None
    images_per_second: float | None = None
    seconds_left: float | None = None
    last: str = ""
    """Sentence on what the last iteration did; empty for runs of other processes."""
    evaluation: EvaluationProgress | None = None
    """Progress of the run's evaluation by this server's thread; None while there is none."""
    online_evaluation: OnlineEvaluationStatus | None = None
    """Cost and state of the online evaluation; None for runs of other processes."""
    live: bool = False
    """Whether this server's thread computes it."""
    revision: str = ""
    """Change token: changes with anything above."""
    damaged: tuple[DamagedFileError, ...] = ()
    """Of sets whose newest images cannot be read: they are not among `images`."""

    @property
    def word(self) -> str:
        """Displayed status: `evaluating` instead of `running` while networks are tested at the end."""
        testing = self.evaluation is not None or (
            self.online_evaluation is not None and self.online_evaluation.final
        )
        return "evaluating" if self.live and testing and self.status == "running" else self.status


def latest_view(manager: "JobManager", run: RunFolder) -> RunView:
    """Newest view of a run: from memory while this server's thread computes it, else from its folder."""
    job = manager.current
    if job is None or job.run_id != run.id or not job.active:
        return view_of_folder(run)
    view = view_of_job(job, run.config.iterations) if run.config is not None else None
    if view is not None:
        return view
    folder, snapshot = view_of_folder(run), job.snapshot
    return replace(
        folder,
        status=job.state,
        evaluation=snapshot.evaluation if snapshot is not None else None,
        live=True,
        revision=f"{id(job)}-{0 if snapshot is None else snapshot.revision}-{job.state}-{folder.revision}",
    )


def page_revision(manager: "JobManager", run: RunFolder, view: RunView) -> str:
    """Change token for the page's script, which has to run again for other buttons, cards or first images."""
    results = evaluation_results(run)
    fitting = sum(result.kind != "condensed" or result.iteration == view.iteration for result in results)
    cards = (view.evaluation is not None, bool(view.images), len(results), fitting)
    return "/".join(map(str, (manager.revision, view.status, *cards)))


def view_of_job(job: "Job", iterations: int) -> RunView | None:
    """View from the latest snapshot of this server's thread; None before its first images."""
    snapshot = job.snapshot
    if snapshot is None or not snapshot.images:
        return None
    continuous = job.speed != "step"  # between two clicks there is no rate
    beginning = job.speed == "slow" and snapshot.iteration < 2 * SLOW_ITERATIONS  # it will go faster
    return RunView(
        run_id=snapshot.run_id,
        status=job.state,
        iteration=snapshot.iteration,
        iterations=iterations,
        images=snapshot.images,
        loss=snapshot.loss,
        noise_floor=snapshot.noise_floor,
        iterations_per_second=snapshot.iterations_per_second if continuous else None,
        images_per_second=snapshot.images_per_second if continuous else None,
        seconds_left=snapshot.seconds_left if continuous and not beginning else None,
        last=snapshot.last,
        evaluation=snapshot.evaluation,
        online_evaluation=snapshot.online_evaluation,
        live=job.active,
        revision=f"{id(job)}-{snapshot.revision}-{job.state}-{job.speed}",
    )


def view_of_folder(folder: RunFolder) -> RunView:
    """View from the run's files, cached.

    It is read again when the run has another status, newer images or more events, but so seldom that reading
    takes a tenth of the time at most; of its events only the new ones are read.
    """
    status = folder.status()
    size = folder.events_file.stat().st_size if folder.events_file.is_file() else 0
    newest = repr(tuple(folder.snapshots(name)[-1:] for name in folder.set_names))
    with _lock:
        cached = _cache.get(folder.path)
        same = cached is not None and (cached.status, cached.newest) == (status, newest)
        if cached is not None and same and (cached.size == size or time.monotonic() < cached.good_until):
            return cached.view
        began = time.monotonic()
        _cache.pop(
            folder.path, None
        )  # back when all could be read: curves that stopped halfway are of no use
        follows = cached is not None and cached.curves.continues(folder)
        curves = cached.curves if cached is not None and follows else StoredCurves(folder)
        view = _read_view(folder, status, curves, f"{status.value}-{size}-{newest}")
        ended = time.monotonic()
        while len(_cache) >= CACHED_VIEWS:
            del _cache[next(iter(_cache))]
        _cache[folder.path] = _CachedView(status, newest, size, ended + 9 * (ended - began), curves, view)
    return view


def stored_iterations(folder: RunFolder) -> list[int]:
    """Iterations at which every set's images are stored, in order: the stops of the time machine."""
    by_set = [set(folder.snapshots(name)) for name in folder.set_names]
    return sorted(set.intersection(*by_set)) if by_set else []


def nearest_stored(folder: RunFolder, iteration: int | None) -> int | None:
    """Stored iteration nearest to this one; None where none is requested, or none is stored."""
    stored = stored_iterations(folder)
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
        images={name: images_at(folder, name, iteration) for name in folder.set_names},
        last="",
        revision=f"{view.revision}-at-{iteration}",
    )


def images_at(folder: RunFolder, name: str, iteration: int) -> DisplayImages:
    """Display images of a set at a stored iteration.

    Raises:
        ValueError: nothing is stored of that iteration, or its file is damaged.
    """
    return to_display_images(folder.snapshot(name, iteration).pixels, folder.description.data)


class _CachedView(NamedTuple):
    status: Status
    newest: str
    size: int
    good_until: float
    curves: StoredCurves
    view: RunView


CACHED_VIEWS = 8
_cache: dict[Path, _CachedView] = {}
_lock = threading.Lock()


def _read_view(folder: RunFolder, status: Status, curves: StoredCurves, revision: str) -> RunView:
    data = folder.description.data
    curves.refresh()
    newest = {name: stored[-1] for name in folder.set_names if (stored := folder.snapshots(name))}
    iteration = max(curves.iteration, *newest.values(), 0)
    images, damaged = {}, []
    for name, last in newest.items():
        try:
            images[name] = to_display_images(folder.snapshot(name, last).pixels, data)
        except DamagedFileError as damage:
            damaged.append(damage)
    config = folder.config
    iterations = config.iterations if config else iteration
    rate = curves.iterations_per_second() if status is Status.RUNNING else None
    return RunView(
        run_id=folder.id,
        status="stopped" if status is Status.INTERRUPTED else status.value,
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
