"""Buttons of a run on the Watch page: pause, go on, stop, speed, resume, evaluate. All of them are requests.

They act in callbacks, before the page is drawn again, so that the page shows the effect at once. An error is
stored in the session for the page to show.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.data.stored_results import evaluation_results
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.run_presets import SMALL_PROTOCOL
from app.jobs.throttle import SLOW_START_SECONDS, Speed, least_seconds
from app.jobs.timings import cost_suffix, job_estimate, workers_here
from app.jobs.work import EvaluateWork, ResumeWork
from app.run.on_screen import leave_run
from app.run.waiting import after_words
from app.text.escaping import plain_text
from app.text.status import Status
from dmcore.config import GradientMatchingConfig
from dmcore.config.formatting import duration, joined, sentence
from dmcore.execution.cost import total_workload
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.description import ResultKind
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationTask, evaluation_tasks, missing_tasks
from dmcore.runs.results.test_wish import read_test_networks, wants_test

REFUSAL = "trouble"
"""Key in the session of why the last click on the run's own buttons could not be carried out."""
SPEEDS: dict[Speed, str] = {"step": "step by click", "slow": "slow at first: +", "full": "full speed"}
"""Label of each speed; that of a slow start ends with the seconds that it costs at most."""
SPEED_HELP = (
    "Step by click: one iteration at a click. Slow at first: the first 40 iterations take a moment each, so "
    "that you see them, because most of the change happens there; then the run is at full speed by itself. "
    "The speed never changes the result."
)
STOP_WITHIN_HELP = (
    "Keeps the images after the last whole iteration. An iteration of gradient matching has several steps: "
    "if the run is resumed, those of the iteration that was at work are done again."
)
"""Help of Stop where a run may be within an iteration."""

_TRAINED_ON: dict[ResultKind, str] = {
    "condensed": "the condensed images",
    "random_real": "as many random real images",
    "all_real": "all real images, for comparison",
}


def _images_text(task: EvaluationTask) -> str:
    return "the real images they started from" if task.of_start else _TRAINED_ON[task.kind]


def show_refusal(key: str = REFUSAL, draw: Callable[[str], object] = st.error) -> None:
    """Show, once, why the last click could not be carried out; `draw` is how."""
    if refusal := st.session_state.pop(key, ""):
        draw(plain_text(refusal))


def show_controls(manager: JobManager, job: Job | None, run: RunFolder, status: Status) -> None:
    """Draw Pause, Stop and speed of a run that this server computes; Resume of a stopped run."""
    if job is not None:
        _show_live_controls(manager, job)
    elif can_resume(run, status):
        waiting = manager.job_of_run(run.id) is not None
        label = "Queued" if waiting else f"Resume{after_words(manager)}"
        go_on = reporting_refusal(lambda: resume(manager, run, queue=manager.busy))
        st.button(label, key="resume", type="primary", on_click=go_on, disabled=waiting)
    if job is None:
        st.button("New run", key="new_run", on_click=leave_run)


def can_resume(run: RunFolder, status: Status) -> bool:
    """Whether resuming a run may help: a diverged one would diverge again, a recorded one stays as it is."""
    if is_recorded(run):
        return False
    error = run.error()
    diverged = error is not None and error.kind == "diverged"
    return status in (Status.STOPPED, Status.FAILED) and run.config is not None and not diverged


def show_evaluate_buttons(manager: JobManager, run: RunFolder) -> None:
    """Draw a button for each evaluation of a run that is missing or incomplete, with the time it takes."""
    if is_recorded(run):  # nobody writes into it
        return
    data, later = run.description.data, after_words(manager)
    groups: tuple[tuple[ResultKind, ...], ...] = (("condensed", "random_real"), ("all_real",))
    with st.container(horizontal=True, key="evaluate_buttons"):
        for group in groups if data.test_count else ():
            tasks = evaluation_tasks(run, SMALL_PROTOCOL, group)
            chosen = [
                task
                for task in missing_tasks(tasks, evaluation_results(run), run.iteration())
                if task.kind != "random_real" or task.images(data.data_shape) <= (data.train_count or 0)
            ]
            kinds = tuple(kind for kind in group if any(task.kind == kind for task in chosen))
            if not kinds:
                continue
            what = joined(dict.fromkeys(map(_images_text, chosen)))
            networks = sum(task.networks for task in chosen)
            works = (task.workload(data.data_shape, workers_here()) for task in chosen)
            look = job_estimate(total_workload(works))
            st.button(
                f"Evaluate: train {networks} networks{cost_suffix(look)} on {what}{later}",
                key=f"evaluate_{kinds[0]}",
                on_click=reporting_refusal(partial(_evaluate, manager, run, kinds)),
                help=sentence(look.value.text) if look.value is not None else None,
            )


def show_job_buttons(manager: JobManager, job: Job, keys: str, stop_help: str | None = None) -> None:
    """Draw Cancel of a queued job, Pause or Go on and Stop of an active one; they act on this job only.

    Args:
        manager: runs the job.
        job: a pending job.
        keys: pattern of the widget keys, with {} in place of the button's name.
        stop_help: what stopping keeps.
    """
    cancel, pause, stop = map(keys.format, ("cancel", "pause", "stop"))
    if job.state is Status.QUEUED:
        st.button("Cancel", key=cancel, on_click=manager.cancel, args=(job,))
        return
    stopping, throttle = job.state is Status.STOPPING, job.throttle
    # One button with two names: two would stand side by side for a moment and push Stop from under the mouse.
    st.button(
        "Go on" if job.held else "Pause",
        key=pause,
        type="primary" if job.held else "secondary",
        on_click=throttle.unpause if job.held else throttle.pause,
        disabled=stopping,
    )
    st.button("Stop", key=stop, on_click=manager.cancel, args=(job,), disabled=stopping, help=stop_help)


def _show_live_controls(manager: JobManager, job: Job) -> None:
    config = None if (plan := job.work.planned_run) is None else plan.config
    has_steps = isinstance(config, GradientMatchingConfig) and config.loops.outer > 1
    show_job_buttons(manager, job, "{}", STOP_WITHIN_HELP if has_steps else None)
    evaluating = job.snapshot is not None and job.snapshot.evaluation is not None
    if job.work.kind == "evaluate" or evaluating:
        return
    st.session_state["speed"] = job.speed
    st.segmented_control(
        "Speed",
        [speed for speed in SPEEDS if speed != "slow" or _begins(job)],
        key="speed",
        required=True,
        format_func=_speed_label,
        on_change=lambda: job.throttle.set_speed(st.session_state["speed"]),
        help=SPEED_HELP,
        label_visibility="collapsed",
        width="content",
    )
    if job.speed == "step" or job.state is Status.PAUSED:
        each = "One step" if has_steps and job.state is Status.PAUSED else "One iteration"
        st.button(each, key="one_iteration", on_click=job.throttle.step)


def _begins(job: Job) -> bool:
    """Whether a run is at its first iterations, which slow speed draws out; later it means nothing."""
    return job.speed == "slow" or job.snapshot is None or least_seconds(job.snapshot.iteration) > 0


def _speed_label(speed: Speed) -> str:
    return SPEEDS[speed] + (f" {duration(SLOW_START_SECONDS)}" if speed == "slow" else "")


def resume(manager: JobManager, run: RunFolder, iterations: int | None = None, *, queue: bool) -> None:
    """Resume a run to its own number of iterations or another, at once or queued behind the running job.

    It is tested at its end as it was started: the form is about runs that are started.

    Raises:
        BusyError: it is not to be queued, and another job is running.
        ValueError: it cannot be resumed.
    """
    networks = read_test_networks(run) or SMALL_PROTOCOL.repeats
    test = SMALL_PROTOCOL.model_copy(update={"repeats": networks}) if wants_test(run) else None
    work = ResumeWork(run=run, iterations=iterations, evaluate=test)
    manager.submit(work, queue=queue, evaluation_share=manager.evaluation_share)


def _evaluate(manager: JobManager, run: RunFolder, kinds: tuple[ResultKind, ...]) -> None:
    manager.submit(EvaluateWork(run=run, config=SMALL_PROTOCOL, kinds=kinds), queue=manager.busy)


def reporting_refusal(action: Callable[[], object], key: str = REFUSAL) -> Callable[[], None]:
    """Wrap an action as a callback that stores a refusal in the session, for `show_refusal` to show."""

    def callback() -> None:
        try:
            action()
        except ValueError as error:
            st.session_state[key] = sentence(str(error))

    return callback
