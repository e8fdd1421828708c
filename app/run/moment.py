"""One moment of a run as the page shows it, wherever it comes from: this server's thread, or files on disk.

A run that a terminal is writing is read from its folder. Must not import torch, must not draw.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.data.stored_results import judged_results
from app.jobs.curve_buffer import StoredCurves
from app.jobs.snapshot import Curve, EvaluationProgress, GaugeNow, Pictures, pictures_of
from app.jobs.throttle import SLOW_ITERATIONS
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from app.jobs.manager import Job, JobManager


@dataclass(frozen=True)
class RunView:
    """What is on screen; `pictures` are uint8 [class, image, channel, height, width] by set name."""

    run_id: str
    status: str
    """running, paused, stopping, finished, failed or stopped."""
    iteration: int
    iterations: int
    pictures: Mapping[str, Pictures] = field(default_factory=dict)
    loss: Mapping[str, Curve] = field(default_factory=dict)
    """For each set the iterations and the loss per class, averaged over classes."""
    floor: float | None = None
    iterations_per_second: float | None = None
    images_per_second: float | None = None
    seconds_left: float | None = None
    last: str = ""
    """One sentence on what the last iteration did; only the thread that does it knows."""
    judging: EvaluationProgress | None = None
    """How far this server's thread is with judging the run; None while it is not."""
    gauge: GaugeNow | None = None
    """What following the accuracy has cost; only the thread that does it knows."""
    live: bool = False
    """Whether this server's thread is at it."""
    moment: str = ""
    """Changes with anything above."""

    @property
    def word(self) -> str:
        """The status for a person: judging is running, too."""
        testing = self.judging is not None or (self.gauge is not None and self.gauge.final)
        return "judging" if self.live and testing and self.status == "running" else self.status


def latest_view(manager: "JobManager", run: RunFolder) -> RunView:
    """The newest moment: from memory while this server's thread is at it, else from the folder."""
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
        judging=snapshot.evaluation if snapshot is not None else None,
        live=True,
        moment=f"{id(job)}-{snapshot.revision if snapshot is not None else 0}-{job.state}-{folder.moment}",
    )


def page_state(manager: "JobManager", run: RunFolder, view: RunView) -> str:
    """Changes when the page's script has to run again: other buttons, other cards, a first picture."""
    results = judged_results(run)
    fitting = sum(one.kind != "condensed" or one.iteration == view.iteration for one in results)
    cards = (view.judging is not None, bool(view.pictures), len(results), fitting)
    return "/".join(map(str, (manager.revision, view.status, *cards)))


def view_of_job(job: "Job", iterations: int) -> RunView | None:
    """The latest snapshot of this server's own thread; None before its first images."""
    snapshot = job.snapshot
    if snapshot is None or not snapshot.pictures:
        return None
    paced = job.pace != "step"  # between two clicks there is no rate
    beginning = job.pace == "slow" and snapshot.iteration < 2 * SLOW_ITERATIONS  # it will go faster
    return RunView(
        run_id=snapshot.run_id,
        status=job.state,
        iteration=snapshot.iteration,
        iterations=iterations,
        pictures=snapshot.pictures,
        loss=snapshot.loss,
        floor=snapshot.floor,
        iterations_per_second=snapshot.iterations_per_second if paced else None,
        images_per_second=snapshot.images_per_second if paced else None,
        seconds_left=snapshot.seconds_left if paced and not beginning else None,
        last=snapshot.last,
        judging=snapshot.evaluation,
        gauge=snapshot.gauge,
        live=job.active,
        moment=f"{id(job)}-{snapshot.revision}-{job.state}-{job.pace}",
    )


def view_of_folder(folder: RunFolder) -> RunView:
    """The run as its files tell.

    Looked at again when it has another status, newer images or more events, but so seldom that this takes a
    tenth of the time at most; of its events only the new ones are read.
    """
    status = folder.status()
    size = folder.events_file.stat().st_size if folder.events_file.is_file() else 0
    newest = repr(tuple(folder.snapshots(name)[-1:] for name in folder.set_names))
    with _reading:
        kept = _kept.get(folder.path)
        same = kept is not None and (kept.status, kept.newest) == (status, newest)
        if kept is not None and same and (kept.size == size or time.monotonic() < kept.good_until):
            return kept.view
        began = time.monotonic()
        _kept.pop(folder.path, None)  # back when all could be read: curves that stopped halfway are of no use
        follows = kept is not None and kept.curves.still_follow(folder)
        curves = kept.curves if kept is not None and follows else StoredCurves(folder)
        view = _read_view(folder, status, curves, f"{status.value}-{size}-{newest}")
        ended = time.monotonic()
        while len(_kept) >= KEPT_VIEWS:
            del _kept[next(iter(_kept))]
        _kept[folder.path] = _Kept(status, newest, size, ended + 9 * (ended - began), curves, view)
    return view


def kept_iterations(folder: RunFolder) -> list[int]:
    """Iterations at which every set's images are kept, in order: where the time machine stops."""
    kept = [set(folder.snapshots(name)) for name in folder.set_names]
    return sorted(set.intersection(*kept)) if kept else []


def nearest_kept(folder: RunFolder, iteration: int | None) -> int | None:
    """The kept iteration nearest to this one; None where none is asked for, or none is kept."""
    kept = kept_iterations(folder)
    if iteration is None or not kept:
        return None
    return min((abs(one - iteration), one) for one in kept)[1]


def view_at(folder: RunFolder, view: RunView, iteration: int) -> RunView:
    """The run as it was at a kept iteration; what is not of that moment is left out.

    Raises:
        ValueError: nothing is kept of that iteration, or its file is damaged.
    """
    return replace(
        view,
        iteration=iteration,
        pictures={name: pictures_at(folder, name, iteration) for name in folder.set_names},
        last="",
        moment=f"{view.moment}-at-{iteration}",
    )


def pictures_at(folder: RunFolder, name: str, iteration: int) -> Pictures:
    """The images of a set at a kept iteration.

    Raises:
        ValueError: nothing is kept of that iteration, or its file is damaged.
    """
    return pictures_of(folder.snapshot(name, iteration).pixels, folder.description.data)


class _Kept(NamedTuple):
    status: Status
    newest: str
    size: int
    good_until: float
    curves: StoredCurves
    view: RunView


KEPT_VIEWS = 8
_kept: dict[Path, _Kept] = {}
_reading = threading.Lock()


def _read_view(folder: RunFolder, status: Status, curves: StoredCurves, moment: str) -> RunView:
    data = folder.description.data
    curves.refresh()
    kept = {name: stored[-1] for name in folder.set_names if (stored := folder.snapshots(name))}
    iteration = max(curves.iteration, *kept.values(), 0)
    config = folder.config
    iterations = config.iterations if config else iteration
    pace = curves.pace() if status is Status.RUNNING else None
    return RunView(
        run_id=folder.id,
        status="stopped" if status is Status.INTERRUPTED else status.value,
        iteration=iteration,
        iterations=iterations,
        pictures={name: pictures_of(folder.snapshot(name, last).pixels, data) for name, last in kept.items()},
        loss=curves.loss(),
        floor=curves.floor(),
        iterations_per_second=pace,
        images_per_second=result.images_per_second if (result := folder.result()) else None,
        seconds_left=(iterations - iteration) / pace if pace else None,
        moment=moment,
    )
