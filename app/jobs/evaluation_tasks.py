"""Evaluation of the sets of a run: the list of training tasks, and running them with progress.

A set is compared with as many random real images, and with all of them where there are few enough to train on
in passing (section 4.1; the protocol of each number is stored with it).
"""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import numpy as np

from app.jobs.run_view import EvaluationProgress
from dmcore.config import EvaluateConfig
from dmcore.config.protocols import whole_set_protocol
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.training.evaluate import EvaluationEvent

TrainedOn = Literal["condensed", "random_real", "all_real"]
TRAINED_ON: tuple[TrainedOn, ...] = ("condensed", "random_real", "all_real")

FEW_REAL_IMAGES = 5000
"""Most real images for which training on all of them is part of an evaluation by default."""
OVERHEAD_IMAGES = 60
"""Fixed cost of an epoch, in images: measured on digits, ConvNet width 32."""


@dataclass(frozen=True)
class EvaluationTask:
    """Evaluation of one training set by one protocol: networks to train on it and to test."""

    set: str
    kind: TrainedOn
    images: int
    config: EvaluateConfig

    @property
    def networks(self) -> int:
        """Number of networks to train."""
        return len(self.config.networks) * self.config.repeats

    @property
    def epoch_cost(self) -> int:
        """Cost of one epoch, in images."""
        return self.images + OVERHEAD_IMAGES

    @property
    def cost(self) -> int:
        """Cost of all its networks, in images; the published loop makes one epoch more than requested."""
        return self.networks * (self.config.epochs + 1) * self.epoch_cost


def evaluation_tasks(
    run: RunFolder, config: EvaluateConfig, kinds: Sequence[TrainedOn] | None = None
) -> tuple[EvaluationTask, ...]:
    """List the tasks of a run's evaluation: each set, random real images per size, all real images once.

    Args:
        run: the run.
        config: the protocol; for all real images with fewer epochs and repeats.
        kinds: which of them; left out, all real images only where there are few.
    """
    data = run.description.data
    classes, real = len(data.class_names), data.train_count or 0
    if kinds is None:
        kinds = TRAINED_ON if 0 < real <= FEW_REAL_IMAGES else TRAINED_ON[:2]
    sizes = {spec.name: classes * spec.images_per_class for spec in run.sets}
    first_of_size = {size: name for name, size in reversed(sizes.items())}
    tasks = [EvaluationTask(name, "condensed", size, config) for name, size in sizes.items()]
    tasks += [
        EvaluationTask(name, "random_real", size, config) for size, name in reversed(first_of_size.items())
    ]
    tasks += [
        EvaluationTask(name, "all_real", real, whole_set_protocol(config)) for name in run.set_names[:1]
    ]
    return tuple(task for task in tasks if task.kind in kinds)


def evaluate_sets(
    run: RunFolder, dataset: "DataSet", tasks: Sequence[EvaluationTask], clock: Callable[[], float]
) -> Generator[EvaluationProgress, None, None]:
    """Train and test the networks of the tasks; the results are stored in the run as they come.

    Yields the progress after each epoch and each tested network.

    Raises:
        ValueError: there is nothing to test on, or a set has no images yet.
    """
    from dmcore.runs.results.evaluation import evaluate_run

    total, before, began = sum(task.cost for task in tasks), 0, clock()
    results: list[StoredResult] = []
    for task in tasks:
        progress = _TaskProgress(run, task)
        with closing(evaluate_run(run, task.set, dataset, task.config, kind=task.kind)) as events:
            for event in events:
                progress.take(event)
                done, spent = before + progress.passes * task.epoch_cost, clock() - began
                yield EvaluationProgress(
                    set=task.set,
                    kind=task.kind,
                    network=event.network.network,
                    repeat=min(progress.tested(event) + 1, task.config.repeats),
                    repeats=task.config.repeats,
                    epoch=progress.epoch,
                    epochs=task.config.epochs,
                    fraction=min(1.0, done / total),
                    seconds_left=spent * (total - done) / done if spent > 1 else None,
                    results=(*results, *progress.results()),
                )
        results += progress.results()
        before += task.cost


class _TaskProgress:
    """Progress of one evaluation task, from its events."""

    def __init__(self, run: RunFolder, task: EvaluationTask) -> None:
        self._task = task
        self._iteration = run.snapshots(task.set)[-1] if task.kind == "condensed" else 0
        self._accuracies: dict[str, list[float]] = {}
        self.epoch = self.passes = 0

    def take(self, event: "EvaluationEvent") -> None:
        """Count an epoch, or record a tested network."""
        from dmcore.training.evaluate import EpochDone, NetworkTested

        match event:
            case NetworkTested():
                self._accuracies.setdefault(event.network.network, []).append(event.accuracy)
                self.epoch = 0  # of the next network
            case EpochDone():
                self.epoch = min(event.epoch + 1, self._task.config.epochs)
                self.passes += 1

    def tested(self, event: "EvaluationEvent") -> int:
        """Networks of the event's architecture that are done; several may be trained side by side."""
        return len(self._accuracies.get(event.network.network, ()))

    def results(self) -> list[StoredResult]:
        """The results so far, one for each architecture that has a tested network."""
        return [
            StoredResult(
                set=self._task.set,
                iteration=self._iteration,
                network=network,
                mean=float(np.mean(each)),
                std=float(np.std(each)),
                n=len(each),
                accuracies=tuple(each),
                protocol=self._task.config,
                kind=self._task.kind,
                created=datetime.now(UTC).isoformat(timespec="seconds"),
            )
            for network, each in self._accuracies.items()
        ]
