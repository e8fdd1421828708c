"""Work on runs, each a generator; and the worker's context.

A generator yields after each event, and the worker decides whether to go on. It yields the iteration it has
reached while condensing, and None inside an iteration and while evaluating, where speed means nothing.
Closing it leaves the run to be resumed. Torch is imported by the thread, when a generator runs.
"""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from app.data.dataset_cache import DATASETS
from app.data.stored_results import evaluation_results
from app.jobs.job import Events, Job, Work
from app.jobs.online_evaluation import OnlineEvaluation
from app.jobs.run_presets import title_of
from app.jobs.run_time import RunTime
from app.jobs.snapshot_builder import SnapshotBuilder
from app.jobs.speeds import start_timer
from dmcore.config import CondenseConfig, EvaluateConfig, MethodConfig
from dmcore.config.formatting import megabytes
from dmcore.data.catalogue import find_data_root
from dmcore.execution.cost import Workload, total_workload
from dmcore.experiments.matching_runs import PlannedRun
from dmcore.runs.description import RESULT_KINDS, ResultKind
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import refuse_packed, set_owner_state
from dmcore.runs.results.accuracy_curves import trained_as_online
from dmcore.runs.results.evaluation_tasks import (
    EvaluationTask,
    evaluate_tasks,
    evaluation_tasks,
    missing_tasks,
)
from dmcore.runs.results.prediction import write_prediction
from dmcore.runs.results.test_wish import write_test_networks
from dmcore.runs.runs_root import open_run

if TYPE_CHECKING:
    from dmcore.data.images import DataSet


class StopRequestedError(Exception):
    """A stop was requested in the middle of something that has no events, such as a download."""


class WorkerContext:
    """Context of the worker, shared by its jobs: folders and device."""

    def __init__(self, runs_root: Path, data_root: Path | None = None, device: str = "auto") -> None:
        self.runs_root, self.device, self._data_root = runs_root, device, data_root

    @property
    def data_root(self) -> Path:
        """Folder of the named data sets."""
        return find_data_root(self._data_root)

    def open(
        self, name: str, job: Job | None = None, download: bool = False, class_names: tuple[str, ...] = ()
    ) -> "DataSet":
        """Open a data set, from memory if it was one of the last; the job's activity tells the progress.

        Raises:
            StopRequestedError: the job was stopped meanwhile.
            ValueError: unknown, missing or damaged.
        """
        if job is not None:
            job.activity = "opening the data set"

        def report(what: str, done: int, total: int) -> None:
            if job is not None and job.throttle.stopping:
                raise StopRequestedError
            if job is not None:
                job.activity = f"{what}: {megabytes(done)} of {megabytes(total)}" if total > 10**6 else what

        return DATASETS.open(name, self.data_root, download, report, class_names)

    def warm_up(self) -> tuple[str, str]:
        """Load torch and the default data set and compute one small iteration, to make the first start fast.

        Returns:
            The device that runs will use, and why.
        """
        from dmcore.execution.plan import choose_device
        from dmcore.matching import condense
        from dmcore.runs.recorder import record  # noqa: F401 - loading it is the point

        device, reason = choose_device(self.device)
        config = CondenseConfig(images_per_class=1, width=8, real_batch=4, iterations=1)
        for _ in condense(self.open(config.dataset), config):
            pass
        return str(device), reason


@dataclass(frozen=True, kw_only=True)
class CondenseWork(Work):
    """Create a run, condense it, then evaluate it if a protocol was given."""

    kind = "condense"
    config: MethodConfig
    evaluate: EvaluateConfig | None = None
    """Protocol of the evaluation at the end; left out, it is not evaluated."""
    download: bool = False
    """Whether the data set is fetched if it is not on disk."""
    prediction: float | None = None
    """Accuracy in percent that a person expects; stored with the run."""

    @property
    def default_title(self) -> str:
        """Title made from the configuration."""
        return title_of(self.config)

    @property
    def planned_run(self) -> PlannedRun:
        """The configuration, of whatever data."""
        return PlannedRun(self.config)

    def __call__(self, job: Job, context: WorkerContext) -> Events:
        """The work as a generator."""
        config = self.config
        dataset = context.open(config.dataset, job, self.download)
        from dmcore.condensation import check_before_run, make_plan
        from dmcore.runs.creation import create_run

        plan = make_plan(config, dataset.shape, len(dataset.class_names), context.device)
        check_before_run(config, dataset, plan)  # before there is a run
        run = create_run(context.runs_root, config, dataset, plan, self.title)
        if self.prediction is not None:
            write_prediction(run, self.prediction, self.started_by)
        write_test_networks(run, self.evaluate.repeats if self.evaluate is not None else 0)
        job.run_id = run.id
        yield from _condense_and_evaluate(job, run, dataset, context.device, self.evaluate)


@dataclass(frozen=True, kw_only=True)
class RunWork(Work):
    """Work on a run that is there."""

    run: RunFolder
    """As it was read when the work was made; the run itself is opened again when the work begins."""

    def prepare(self, runs_root: Path) -> None:
        """Check that the run may be written to.

        Raises:
            ValueError: it is not there, or it came with the program.
        """
        refuse_packed(self.run.path)
        super().prepare(runs_root)

    @property
    def default_title(self) -> str:
        """Title of the run."""
        return self.run.description.title

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return self.run.id


@dataclass(frozen=True, kw_only=True)
class ResumeWork(RunWork):
    """Resume a run, to its own number of iterations or to another one."""

    kind = "condense"
    iterations: int | None = None
    evaluate: EvaluateConfig | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.run.config is None:
            raise ValueError(f"run {self.run.id} was not condensed here: start a new run instead")

    @property
    def planned_run(self) -> PlannedRun:
        """The run's configuration with its new number of iterations, and its data."""
        config, digest = self.run.config, self.run.description.data.digest or ""
        assert config is not None
        more = {} if self.iterations is None else {"iterations": self.iterations}
        return PlannedRun(config.model_copy(update=more), digest)

    def __call__(self, job: Job, context: WorkerContext) -> Events:
        """The work as a generator."""
        run = open_run(self.run.id, context.runs_root)
        dataset = context.open(run.description.data.name, job, class_names=run.class_names)
        if self.iterations is not None:
            from dmcore.runs.creation import extend_run
            from dmcore.runs.resume import check_data

            check_data(run, dataset)  # other images must leave the run as it was
            run = extend_run(run, self.iterations)
        yield from _condense_and_evaluate(job, run, dataset, context.device, self.evaluate)


@dataclass(frozen=True, kw_only=True)
class EvaluateWork(RunWork):
    """Evaluate the sets of a run as they are now, and the real images that they are compared with.

    Only what is missing, or all of it where nothing is.
    """

    kind = "evaluate"
    config: EvaluateConfig
    kinds: tuple[ResultKind, ...] | None = None
    """Which of them; left out, all real images only where there are few."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for kind in self.kinds or ():
            if kind not in RESULT_KINDS:
                raise ValueError(f"there is no kind {kind!r}: choose from {', '.join(RESULT_KINDS)}")

    def __call__(self, job: Job, context: WorkerContext) -> Events:
        """The work as a generator."""
        run = open_run(self.run.id, context.runs_root)
        dataset = context.open(run.description.data.name, job, class_names=run.class_names)
        job.snapshot_builder = SnapshotBuilder(run, job.throttle.clock)
        tasks = evaluation_tasks(run, self.config, self.kinds)
        missing = missing_tasks(tasks, evaluation_results(run), run.iteration())
        yield from _evaluate(job, dataset, missing or tasks, context.device)


def write_owner_state(job: Job, paused: bool) -> None:
    """Write to the run's lock file whether a condensation waits for a person; it renews the heartbeat too."""
    if job.recording is not None:
        set_owner_state(job.recording, "paused" if paused else "running")


def _condense_and_evaluate(
    job: Job, run: RunFolder, dataset: "DataSet", device: str, evaluate: EvaluateConfig | None
) -> Events:
    from dmcore.runs.recorder import record

    job.activity = ""
    online_evaluation = OnlineEvaluation(job, run, dataset, device)
    tasks = _final_tests(run, dataset, evaluate)
    timer = RunTime(job, run, online_evaluation, device, _tests_workload(tasks, dataset, device))
    job.snapshot_builder = SnapshotBuilder(run, job.throttle.clock, timer)
    steps = record(run, dataset)
    with closing(online_evaluation):
        with closing(timer), closing(steps):
            for step in steps:
                if step.outer and step.outer == step.outer_steps:
                    continue  # the iteration that it completes comes next, with the same images
                job.recording = run.path
                job.snapshot_builder.take(step)
                yield None if step.outer else step.iteration  # a click is an iteration
                yield from online_evaluation.train_within_share(step.iteration)
                job.recording = None  # only while this waits is the run surely ours
        if not any(trained_as_online(task.config, task.kind) for task in tasks):
            yield from online_evaluation.finish()  # else the test has the last images, by more networks
    job.publish()
    if tasks:
        yield from _evaluate(job, dataset, tasks, device, timer.pace)


def _final_tests(
    run: RunFolder, dataset: "DataSet", protocol: EvaluateConfig | None
) -> tuple[EvaluationTask, ...]:
    """Tasks of the test at a run's end, as far as there are enough real images for them."""
    if protocol is None or not len(dataset.test):
        return ()
    fewest = min(map(len, dataset.train.by_class))
    return tuple(
        task
        for task in evaluation_tasks(run, protocol)
        if task.kind != "random_real" or run.set_named(task.set).images_per_class <= fewest
    )


def _tests_workload(tasks: Sequence[EvaluationTask], dataset: "DataSet", device: str) -> Workload:
    from dmcore.bench.estimate import data_shape_of
    from dmcore.execution.plan import evaluation_plan

    workers = evaluation_plan(device).workers
    return total_workload(task.workload(data_shape_of(dataset), workers) for task in tasks)


def _evaluate(
    job: Job, dataset: "DataSet", tasks: Sequence[EvaluationTask], device: str, pace: float | None = None
) -> Events:
    """Evaluate a run; `pace` is that of the condensation before it, left out where there was none."""
    from dmcore.execution.plan import evaluation_plan

    assert job.snapshot_builder is not None
    job.activity = ""
    plan = evaluation_plan(device)
    work = _tests_workload(tasks, dataset, device)
    with (
        closing(start_timer(work, plan.device, job.throttle.clock, pace=pace)) as timer,
        closing(evaluate_tasks(tasks, dataset, plan, timer)) as updates,
    ):
        for progress in updates:
            job.snapshot_builder.take_evaluation(progress)
            yield None
