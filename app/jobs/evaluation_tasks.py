"""Evaluation of the sets of a run: the list of training tasks, and running them with progress.

A set is compared with as many random real images, and with all of them where there are few enough to train on
in passing (section 4.1; the protocol of each number is stored with it).
"""

from collections import Counter
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.jobs.run_view import EvaluationProgress
from app.jobs.speeds import run_data_shape, start_timer
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.config.protocols import tested_architectures, whole_set_protocol
from dmcore.execution.cost import DataShape, Workload, total_workload, training_workload
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.training.evaluate import EvaluationEvent

TrainedOn = Literal["condensed", "random_real", "all_real"]
TRAINED_ON: tuple[TrainedOn, ...] = ("condensed", "random_real", "all_real")

FEW_REAL_IMAGES = 2000
"""Most real images for which training on all of them is part of an evaluation by default."""


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
    def passes(self) -> int:
        """Epochs of all its networks; the published loop makes one more than requested."""
        return self.networks * (self.config.epochs + 1)

    def workload(self, own: NetworkSpec | None, data: DataShape, workers: int) -> Workload:
        """Work of its networks.

        Args:
            own: the architecture that embedded the images, if any.
            data: the data set.
            workers: networks that are trained side by side.
        """
        return total_workload(
            training_workload(spec, self.images, self.config.repeats, self.config, data, workers)
            for spec in tested_architectures(self.config.networks, own, data.shape)
        )


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


def task_workloads(run: RunFolder, tasks: Sequence[EvaluationTask], workers: int) -> list[Workload]:
    """Work of each task of a run's evaluation, with so many networks trained side by side."""
    own = run.config.network_spec() if run.config is not None else None
    data = run_data_shape(run.description.data)
    return [task.workload(own, data, workers) for task in tasks]


def evaluate_sets(
    run: RunFolder,
    dataset: "DataSet",
    tasks: Sequence[EvaluationTask],
    device: str,
    clock: Callable[[], float],
) -> Generator[EvaluationProgress, None, None]:
    """Train and test the networks of the tasks; the results are stored in the run as they come.

    Yields the progress after each epoch and each tested network.

    Raises:
        ValueError: there is nothing to test on, or a set has no images yet.
    """
    from dmcore.execution.plan import evaluation_plan
    from dmcore.runs.results.evaluation import evaluate_run

    plan = evaluation_plan(device)
    workloads = task_workloads(run, tasks, plan.workers)
    with closing(start_timer(total_workload(workloads), plan.device, clock)) as timer:
        for task, workload in zip(tasks, workloads, strict=True):
            timer.begin_part(workload)
            progress = _TaskProgress(task)
            events = evaluate_run(run, task.set, dataset, task.config, kind=task.kind, plan=plan)
            with closing(events):
                for event in events:
                    progress.take(event)
                    timer.take_part(progress.passes / task.passes)
                    yield EvaluationProgress(
                        set=task.set,
                        kind=task.kind,
                        network=event.network.network,
                        repeat=min(progress.tested(event) + 1, task.config.repeats),
                        repeats=task.config.repeats,
                        epoch=progress.epoch,
                        epochs=task.config.epochs,
                        fraction=timer.fraction,
                        seconds_left=timer.seconds_left,
                        slowdown=timer.slowdown,
                    )


class _TaskProgress:
    """Progress of one evaluation task, from its events."""

    def __init__(self, task: EvaluationTask) -> None:
        self._task = task
        self._tested: Counter[str] = Counter()
        self.epoch = self.passes = 0

    def take(self, event: "EvaluationEvent") -> None:
        """Count an epoch, or a tested network."""
        from dmcore.training.evaluate import EpochDone, NetworkTested

        match event:
            case NetworkTested():
                self._tested[event.network.network] += 1
                self.epoch = 0  # of the next network
            case EpochDone():
                self.epoch = min(event.epoch + 1, self._task.config.epochs)
                self.passes += 1

    def tested(self, event: "EvaluationEvent") -> int:
        """Networks of the event's architecture that are done; several may be trained side by side."""
        return self._tested[event.network.network]
