"""Why there is no run on the Watch page, or why the one on screen failed: what is kept, and what helps."""

from functools import partial

from app.components.states import show_failure
from app.jobs.job import Job
from app.jobs.run_view import RunView
from app.run.damage import show_damage
from app.run.images.stored import kept_sentence
from app.setup.form import fill_form
from app.text.status import Status
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.folder import RunFolder

NOTHING_MADE = "No run was made; everything stored is as it was."


def show_job_failure(job: Job | None) -> None:
    """Why a job failed before it had made a run."""
    if job is not None and job.state is Status.FAILED and job.error is not None:
        show_failure("watch_job", job.error.message, NOTHING_MADE)


def show_run_failure(run: RunFolder, view: RunView) -> None:
    """Why the run failed, what is stored of it, and which of its files are damaged.

    A diverged run is offered its set-up with a tenth of the learning rates; others can be resumed above.
    """
    if view.status is Status.FAILED and (error := run.error()) is not None:
        if error.kind == "diverged" and run.config is not None and not is_recorded(run):
            slower = partial(fill_form, with_slower_steps(run.config))
            show_failure("watch_run", error.message, "", "Fill in a tenth of the rate", slower)
        else:
            show_failure("watch_run", error.message, kept_sentence(run))
    show_damage(run, view.damaged)


def with_slower_steps(config: MethodConfig) -> MethodConfig:
    """The same set-up with a tenth of each learning rate of the pixels."""
    slower = config.model_copy(update={"image_lr": _tenth(config.image_lr)})
    if not isinstance(slower, CondenseConfig):
        return slower
    sets = tuple(
        of_set if of_set.image_lr is None else of_set.model_copy(update={"image_lr": _tenth(of_set.image_lr)})
        for of_set in slower.sets
    )
    return slower.model_copy(update={"sets": sets})


def _tenth(rate: float) -> float:
    return float(f"{rate / 10:.12g}")
