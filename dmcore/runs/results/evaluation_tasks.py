"""Evaluation of the sets of a run: the list of training tasks, their cost, and running them with progress.

A set is compared with as many random real images, a draw of them for each network; with the real images that
it started from, where it did; and with all of them where there are few enough to train on in passing (section
4.1; the protocol of each number is stored with it). Torch is imported when a task runs.
"""

from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dmcore.config import EvaluateConfig, MethodConfig, NetworkSpec
from dmcore.config.protocols import tested_architectures, whole_set_protocol
from dmcore.execution.cost import DataShape, Workload, total_workload, training_workload
from dmcore.execution.job_timer import JobTimer
from dmcore.runs.description import RESULT_KINDS, ResultKind, SetDescription, StoredResult
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.execution.plan import Plan
    from dmcore.training.evaluate import EvaluationEvent

FEW_REAL_IMAGES = 2000
"""Most real images, of any data set, for which training on all of them is part of an evaluation by default.

With more it takes many minutes on a laptop, so that it takes a click, or `--kind all_real`.
"""


def representative_set(run: RunFolder, name: str, kind: ResultKind) -> str:
    """First set of a run for which networks are trained on the same images as for this one.

    Random real images are the same for all sets of one size, all real images for every set.
    """
    sizes = {described.name: described.images_per_class for described in run.sets}
    same = (other for other, size in sizes.items() if kind == "all_real" or size == sizes.get(name))
    return name if kind == "condensed" else next(same, name)


@dataclass(frozen=True)
class EvaluationTask:
    """Evaluation of one training set by one protocol: networks to train on it and to test."""

    run: RunFolder
    set: str
    """Name of the set, or of the one that the real images are compared with."""
    kind: ResultKind
    config: EvaluateConfig
    iteration: int | None = None
    """Which images of the set; left out, the latest."""

    @property
    def of_start(self) -> bool:
        """Whether it is of the images that the set started from."""
        return self.kind == "condensed" and self.iteration == 0

    @property
    def networks(self) -> int:
        """Number of networks to train."""
        return len(self.config.networks) * self.config.repeats

    @property
    def passes(self) -> int:
        """Epochs of all its networks; the published loop makes one more than requested."""
        return self.networks * (self.config.epochs + 1)

    def images(self, data: DataShape) -> int:
        """Number of training images."""
        per_class = self.run.set_named(self.set).images_per_class
        return data.train if self.kind == "all_real" else data.classes * per_class

    def workload(self, data: DataShape, workers: int) -> Workload:
        """Work of its networks.

        Args:
            data: the data set.
            workers: networks that are trained side by side.
        """
        specs = architectures_of(self.config, self.run, data.shape)
        counts = self.images(data), self.config.repeats
        return total_workload(
            training_workload(spec, *counts, self.config, data, workers, len(specs)) for spec in specs
        )

    def events(
        self, dataset: "DataSet", plan: "Plan", timer: JobTimer
    ) -> Generator["EvaluationEvent", None, None]:
        """Train and test its networks, as a part of the timer's job; it raises what `evaluate_run` does."""
        from dmcore.bench.estimate import data_shape_of
        from dmcore.runs.results.evaluation import evaluate_run
        from dmcore.training.evaluate import EpochDone

        timer.begin_part(self.workload(data_shape_of(dataset), plan.workers))
        passes = 0
        inputs = (self.run, self.set, dataset, self.config, self.iteration, self.kind)
        with closing(evaluate_run(*inputs, plan=plan)) as events:
            for event in events:
                passes += isinstance(event, EpochDone)
                timer.take_part(passes / self.passes)
                yield event


@dataclass(frozen=True)
class EvaluationProgress:
    """Progress of an evaluation: the network being trained; results are in the run's folder."""

    set: str
    """Name of the set that is evaluated, or that the real images are compared with."""
    kind: ResultKind
    """Kind of the training images."""
    network: str
    """Architecture."""
    repeat: int
    """Number of the network among `repeats`, from 1."""
    repeats: int
    epoch: int
    """Epochs done, of `epochs`."""
    epochs: int
    fraction: float
    """Share of the whole evaluation that is done, 0 to 1."""
    seconds_left: float | None
    slowdown: float = 1.0
    """Factor by which other processes of the machine slow it down."""
    of_start: bool = False
    """Whether the training images are those that the set started from."""


def evaluation_tasks(
    run: RunFolder, config: EvaluateConfig, kinds: Sequence[ResultKind] | None = None
) -> tuple[EvaluationTask, ...]:
    """List the tasks of a run's evaluation: each set and its real start, random real per size, all real once.

    Args:
        run: the run.
        config: the protocol; for all real images with fewer epochs and repeats.
        kinds: which of them; left out, all real images only where there are few.
    """
    if kinds is None:
        kinds = usual_kinds(run.description.data.train_count or 0)
    tasks = []
    for kind in (kind for kind in RESULT_KINDS if kind in kinds):
        protocol = whole_set_protocol(config) if kind == "all_real" else config
        names = [name for name in run.set_names if representative_set(run, name, kind) == name]
        tasks += [EvaluationTask(run, name, kind, protocol) for name in names]
        if kind == "condensed":
            starts = (name for name in names if _has_real_start(run, name))
            tasks += [EvaluationTask(run, name, kind, protocol, 0) for name in starts]
    return tuple(tasks)


def usual_kinds(train_count: int) -> tuple[ResultKind, ...]:
    """What networks of an evaluation are trained on where nothing else is chosen, of so many real images."""
    return RESULT_KINDS if 0 < train_count <= FEW_REAL_IMAGES else RESULT_KINDS[:2]


def missing_tasks(
    tasks: Sequence[EvaluationTask], results: Iterable[StoredResult], iteration: int
) -> tuple[EvaluationTask, ...]:
    """The tasks that none of the stored results is all of; `iteration`: the run's last."""
    complete = [result for result in results if result.complete]

    def is_done(task: EvaluationTask) -> bool:
        wanted = iteration if task.iteration is None else task.iteration
        return any(
            representative_set(task.run, result.set, result.kind) == task.set
            and (result.kind != "condensed" or result.iteration == wanted)
            for result in complete
            if result.kind == task.kind
        )

    return tuple(task for task in tasks if not is_done(task))


def started_from_real(described: SetDescription) -> bool:
    """Whether a set was learned from real images of its classes."""
    return described.spec is not None and described.spec.init == "real"


def _has_real_start(run: RunFolder, name: str) -> bool:
    """Whether a set has the real images that it started from, or is about to store them."""
    stored = run.snapshots(name)
    return started_from_real(run.set_named(name)) and (not stored or stored[0] == 0)


def planned_evaluation(
    condense: MethodConfig, config: EvaluateConfig, data: DataShape, workers: int
) -> Workload:
    """Workload of evaluating a run that is not there yet: what its `evaluation_tasks` will take.

    Args:
        condense: configuration of the run.
        config: the protocol.
        data: the data set.
        workers: networks that are trained side by side.
    """
    sizes = [each.images_per_class for each in condense.all_sets()]
    drawn = [size for size in dict.fromkeys(sizes) if size <= data.smallest_class]  # random real images
    sizes += [each.images_per_class for each in condense.all_sets() if each.init == "real"] + drawn
    trained = [(data.classes * size, config) for size in sizes]
    if "all_real" in usual_kinds(data.train):
        trained.append((data.train, whole_set_protocol(config)))
    specs = tested_architectures(config.networks, condense.network_spec(), data.shape)
    return total_workload(
        training_workload(spec, images, protocol.repeats, protocol, data, workers, len(specs))
        for images, protocol in trained
        for spec in specs
    )


def evaluate_tasks(
    tasks: Sequence[EvaluationTask], dataset: "DataSet", plan: "Plan", timer: JobTimer
) -> Generator[EvaluationProgress, None, None]:
    """Train and test the networks of the tasks; the results are stored in the run as they come.

    Yields the progress after each epoch, each piece of a test and each tested network.

    Args:
        tasks: of a run.
        dataset: the real images that it was condensed from.
        plan: where and how to compute.
        timer: of all the tasks.

    Raises:
        ValueError: there is nothing to test on, or a set has no images yet.
        StorageError: the results cannot be written.
    """
    from dmcore.training.evaluate import EpochDone, NetworkTested

    for task in tasks:
        tested: Counter[str] = Counter()
        repeats, epochs, epoch = task.config.repeats, task.config.epochs, 0
        with closing(task.events(dataset, plan, timer)) as events:
            for event in events:
                network = event.network.network
                match event:
                    case NetworkTested():
                        tested[network] += 1
                        epoch = 0  # of the next network
                    case EpochDone():
                        epoch = min(event.epoch + 1, epochs)
                # several networks may be trained side by side
                repeat = min(tested[network] + 1, repeats)
                yield EvaluationProgress(
                    task.set,
                    task.kind,
                    network,
                    repeat,
                    repeats,
                    epoch,
                    epochs,
                    timer.fraction,
                    timer.seconds_left,
                    timer.slowdown,
                    task.of_start,
                )


def architectures_of(
    config: EvaluateConfig, folder: RunFolder, shape: tuple[int, int, int]
) -> tuple[NetworkSpec, ...]:
    """Architectures to evaluate: the run's own with the run's options, others with their defaults."""
    own = folder.config.network_spec() if folder.config is not None else None
    return tested_architectures(config.networks, own, shape)
