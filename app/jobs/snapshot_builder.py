"""Builder of the views of a running job that pages display, in the thread and at display rate.

Nothing here waits for a page. Losses stay on the device until a snapshot is due, and display images are made
only then. Torch is not imported here: tensors come in with the steps, views hold NumPy arrays.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.jobs.run_view import LearnedPixels, OnlineEvaluationStatus, RunView
from app.jobs.steady_time import SteadyTime
from app.text.narration import describe_step
from app.text.status import Status
from dmcore.config import MethodConfig
from dmcore.feature_space.subsample import stars_per_class
from dmcore.runs.curves import CurveBuffer, NoiseFloorReader
from dmcore.runs.description import DataDescription
from dmcore.runs.display import DisplayImages, to_display_images
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress

if TYPE_CHECKING:
    from app.jobs.run_time import RunTime
    from dmcore.gradient_matching import OuterStep
    from dmcore.matching import Step

PUBLISH_SECONDS = 0.2
PUBLISH_SHARE = 0.03
"""Most of the time, as a share, that building snapshots may take."""
RATE_SECONDS = 4.0
"""Time over which the rate is averaged."""


class SnapshotBuilder:
    """Builds the views of one run; used by the background thread only."""

    def __init__(self, run: RunFolder, clock: Callable[[], float], timer: "RunTime | None" = None) -> None:
        """Follow a run.

        Args:
            run: the run.
            clock: seconds, which stand still while a person makes the run wait.
            timer: gives the remaining time of its condensation.
        """
        self._run, self._clock, self._timer = run, clock, timer
        self._data, self._config = run.description.data, run.config
        self._revision = 0
        self._step: Step | OuterStep | None = None
        self._new = False
        self._evaluation: EvaluationProgress | None = None
        self._tests_left = SteadyTime()
        self._online_evaluation: OnlineEvaluationStatus | None = None
        self._images: dict[str, DisplayImages] = {}
        self._pixels: dict[str, LearnedPixels] = {}
        self._curves = {name: CurveBuffer() for name in run.set_names}
        self._pending: list[tuple[int, dict[str, Any]]] = []
        self._marks: deque[tuple[float, float]] = deque()
        self._noise_floor = NoiseFloorReader(run.events_file)
        self._images_each = _images_per_iteration(self._config, self._data) if self._config else 0.0
        self._due_at = 0.0

    def take(self, step: "Step | OuterStep") -> None:
        """Take the newest step; nothing is copied or waited for."""
        if self._step is None:
            self._load_curves(step.iteration)
        self._step, self._new = step, True
        if step.loss_by_class and not step.outer:
            self._pending.append((step.iteration, step.loss_by_class))

    def take_evaluation(self, progress: EvaluationProgress) -> None:
        """Take the progress of the evaluation."""
        if progress.seconds_left is not None:
            steady = self._tests_left.take(self._clock(), progress.seconds_left)
            progress = replace(progress, seconds_left=steady)
        self._evaluation, self._new = progress, True

    def take_online_evaluation(self, status: OnlineEvaluationStatus) -> None:
        """Take the cost and state of the online evaluation."""
        self._online_evaluation, self._new = status, True

    def is_due(self) -> bool:
        """Whether something changed and the pages have had time to show the previous snapshot."""
        return self._new and time.monotonic() >= self._due_at

    def build(self) -> RunView | None:
        """Build a snapshot of the current state; None when nothing changed since the last one."""
        if not self._new:
            return None
        began = time.monotonic()
        self._new = False
        self._revision += 1
        self._refresh()
        now = self._view()
        took = time.monotonic() - began
        self._due_at = began + max(PUBLISH_SECONDS, took / PUBLISH_SHARE)
        return now

    def _refresh(self) -> None:
        """Bring images and curves up to the newest step, or to the last stored snapshot of a finished run."""
        if self._step is None:
            self._load_curves(self._run.iteration())
            for name in self._run.set_names if not self._images else ():
                self._take(name, self._run.snapshot(name).pixels)
            return
        self._fetch_losses()  # those of an iteration come after its last matching step, at the same progress
        if self._marks and self._marks[-1][1] == self._step.progress:
            return
        for synthetic in self._step.sets:
            self._take(synthetic.name, synthetic.pixels.detach().cpu().numpy())
        self._marks.append((self._clock(), self._step.progress))
        while len(self._marks) > 2 and self._marks[-1][0] - self._marks[0][0] > RATE_SECONDS:
            self._marks.popleft()

    def _take(self, name: str, learned: npt.NDArray[np.floating[Any]]) -> None:
        self._images[name] = to_display_images(learned, self._data)
        self._pixels[name] = learned[:, : stars_per_class(*learned.shape[:2])].astype(np.float16)

    def _view(self) -> RunView:
        iteration = self._step.iteration if self._step is not None else self._run.iteration()
        iterations = self._config.iterations if self._config else iteration
        speed = self._speed()
        timer = self._timer if self._step is not None else None
        return RunView(
            run_id=self._run.id,
            status=Status.RUNNING,
            iteration=iteration,
            iterations=iterations,
            outer=self._step.outer if self._step is not None else 0,
            outer_steps=self._step.outer_steps if self._step is not None else 0,
            images=dict(self._images),
            pixels=dict(self._pixels),
            loss={name: curve.view() for name, curve in self._curves.items()},
            noise_floor=self._noise_floor.mean(),
            iterations_per_second=speed,
            images_per_second=speed * self._images_each,
            seconds_left=timer.seconds_left(self._step.progress) if timer and self._step else None,
            tests_follow=timer is not None and timer.includes_tests,
            slowdown=timer.slowdown if timer else 1.0,
            last=describe_step(self._step, self._config) if self._step is not None else "",
            evaluation=self._evaluation,
            online_evaluation=self._online_evaluation,
            live=True,
            revision=str(self._revision),
        )

    def _speed(self) -> float:
        if len(self._marks) < 2:
            return 0.0
        (began, first), (ended, last) = self._marks[0], self._marks[-1]
        return (last - first) / (ended - began) if ended > began else 0.0

    def _fetch_losses(self) -> None:
        """Copy the losses of all iterations and sets since the last snapshot from the device at once."""
        if not self._pending:
            return
        import torch

        pending, self._pending = self._pending, []
        names = list(pending[0][1])
        stacked = torch.stack([torch.stack([losses[name].mean() for name in names]) for _, losses in pending])
        means = stacked.cpu().numpy()
        iterations = np.array([iteration for iteration, _ in pending])
        for column, name in enumerate(names):
            self._curves[name].extend(iterations, means[:, column])

    def _load_curves(self, iteration: int) -> None:
        """Load the stored losses, up to the iteration that the run is resumed from."""
        for name, curve in self._curves.items():
            if not curve.count:
                stored = self._run.losses(name)
                before = stored.iteration <= iteration
                curve.extend(stored.iteration[before], stored.loss[before].mean(axis=1))


def _images_per_iteration(config: MethodConfig, data: DataDescription) -> float:
    """Real images embedded per iteration on average; classes are assumed to be of one size."""
    classes = len(data.class_names)
    batch = min(config.real_batch, (data.train_count or 0) // classes)
    return classes * batch * config.real_batches_per_iteration
