"""Work on a network for all real images, as a generator; see work.py for the others."""

from collections.abc import Hashable
from contextlib import closing
from dataclasses import dataclass

from app.data.folders import cache_root
from app.jobs.job import Events, Job, Work
from app.jobs.speeds import start_timer
from app.jobs.work import WorkerContext
from dmcore.execution.cost import whole_set_workload


@dataclass(frozen=True, kw_only=True)
class WholeSetTrainingWork(Work):
    """Train a network on all real images; a stopped training keeps its finished part."""

    kind = "train"
    dataset: str

    @property
    def default_title(self) -> str:
        """Title that names the data set."""
        return f"A network for all of {self.dataset}"

    @property
    def subject(self) -> Hashable:
        """The data set."""
        return self.dataset

    def __call__(self, job: Job, context: WorkerContext) -> Events:
        """The work as a generator."""
        dataset = context.open(self.dataset, job)
        from dmcore.bench.estimate import data_shape_of
        from dmcore.config.laptop_presets import laptop_training_config
        from dmcore.execution.plan import evaluation_plan
        from dmcore.training.whole_set import train_whole

        config, plan = (
            laptop_training_config(dataset.shape, len(dataset.train)),
            evaluation_plan(context.device),
        )
        workload = whole_set_workload(config, data_shape_of(dataset))
        with (
            closing(start_timer(workload, plan.device, job.throttle.clock)) as timer,
            closing(train_whole(dataset, config, cache_root(), plan)) as steps,
        ):
            for step in steps:
                timer.take(step.fraction)
                job.fraction_done = step.fraction
                epoch = min(step.epoch + 1, step.epochs)
                job.activity = f"epoch {epoch} of {step.epochs}, {step.fraction:.0%}, {timer.left_text}"
                yield None
