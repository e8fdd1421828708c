"""The buttons of a run on the Watch page: pause, go on, stop, pace, resume, judge. All of them are requests.

They act in callbacks, before the page is drawn again, so that the page shows the answer at once. What goes
wrong is kept for the page to say. Must not import torch.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import get_args

import streamlit as st

from app.data.stored_results import judged_results
from app.jobs.evaluation_tasks import Kind, judgements
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.presets import SMALL_PROTOCOL, evaluates_at_once
from app.jobs.throttle import Pace
from app.run.result_card import judge_offer
from app.run.view_state import forget_look
from app.setup.clone import CLONED_FROM
from app.text.escaping import plain_text
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

PACE_HELP = (
    "Step: one iteration at a click. Slow: the first 40 iterations take their time, because most of the "
    "change happens there. Full: as fast as it goes. The pace never changes the result."
)

_TRAINED_ON: dict[Kind, str] = {
    "condensed": "the condensed images",
    "random_real": "as many random real images",
    "all_real": "all real images, for comparison",
}


def show_trouble() -> None:
    """Say what the last click could not do, once."""
    trouble = st.session_state.pop("trouble", "")
    if trouble:
        st.error(plain_text(trouble))


def show_controls(manager: JobManager, job: Job | None, run: RunFolder, status: str) -> None:
    """Pause, Stop and pace of a run this server is at; Resume of one that stands still."""
    if job is not None:
        _show_live_controls(manager, job)
    elif can_go_on(run, status):
        waiting = manager.find(run.id) is not None
        label = "Queued" if waiting else "Resume after the run at work" if manager.busy else "Resume"
        resume = tried(lambda: _resume(manager, run))
        st.button(label, key="resume", type="primary", on_click=resume, disabled=waiting)
    if job is None:
        st.button("New run", key="new_run", on_click=leave_run)


def can_go_on(run: RunFolder, status: str) -> bool:
    """Whether resuming may help: images that ran away would run away again."""
    error = run.error()
    diverged = error is not None and error.kind == "diverged"
    return status in ("stopped", "failed") and run.config is not None and not diverged


def show_judge_offers(manager: JobManager, run: RunFolder) -> None:
    """Buttons that judge what of a run was not judged, or not to the end, each with the time it takes."""
    whole = {
        _judged_as(run, one.set, one.kind)
        for one in judged_results(run)
        if one.n >= one.protocol.repeats and (one.kind != "condensed" or one.iteration == run.iteration())
    }
    later = " after the run at work" if manager.busy else ""
    offers: tuple[tuple[Kind, ...], ...] = (("condensed", "random_real"), ("all_real",))
    with st.container(horizontal=True, key="judge_offers"):
        for offered in offers:
            wanted = judgements(run, SMALL_PROTOCOL, offered)
            open_kinds = {
                one.kind
                for one in wanted
                if _judged_as(run, one.set, one.kind) not in whole
                and (one.kind != "random_real" or one.images <= (run.description.data.train_count or 0))
            }
            kinds = tuple(one for one in offered if one in open_kinds)
            if not kinds or not run.description.data.test_count:
                continue
            what = " and ".join(_TRAINED_ON[one] for one in kinds)
            st.button(
                f"{judge_offer(run, SMALL_PROTOCOL, kinds)} on {what}{later}",
                key=f"judge_{kinds[0]}",
                on_click=tried(partial(_judge, manager, run, kinds)),
            )


def _judged_as(run: RunFolder, name: str, kind: Kind) -> tuple[Kind, str | int]:
    """What is the same judgement: of random real images those of one size, of all real ones any."""
    if kind == "random_real":
        return kind, next((one.images_per_class for one in run.sets if one.name == name), 0)
    return kind, name if kind == "condensed" else ""


def leave_run() -> None:
    """Take the run off the screen; it goes on, or lies where it lies."""
    for name in ("run_on_screen", "started_job", "adopted_run", CLONED_FROM):
        st.session_state.pop(name, None)
    st.query_params.pop("run", None)
    forget_look()


def _show_live_controls(manager: JobManager, job: Job) -> None:
    pausing = job.state == "paused" or job.pausing
    # One button with two names: two would stand side by side for a moment and push Stop from under the mouse.
    st.button(
        "Go on" if pausing else "Pause",
        key="pause",
        type="primary" if pausing else "secondary",
        on_click=manager.go_on if pausing else manager.pause,
        disabled=job.state == "stopping",
    )
    st.button("Stop", key="stop", on_click=manager.stop, disabled=job.state == "stopping")
    judging = job.snapshot is not None and job.snapshot.evaluation is not None
    if job.kind == "evaluate" or judging:
        return
    st.session_state["pace"] = job.pace

    def change_pace() -> None:
        manager.set_pace(st.session_state["pace"])

    st.segmented_control(
        "Pace",
        list(get_args(Pace)),
        key="pace",
        required=True,
        format_func=lambda pace: f"{pace} pace",
        on_change=change_pace,
        help=PACE_HELP,
        label_visibility="collapsed",
        width="content",
    )
    if job.pace == "step" or job.state == "paused":
        st.button("One iteration", key="one_iteration", on_click=manager.step)


def _resume(manager: JobManager, run: RunFolder) -> None:
    assert run.config is not None
    manager.resume(
        run.id, evaluate=protocol_for(run.config), queue=manager.busy, gauge_share=manager.gauge_share
    )


def _judge(manager: JobManager, run: RunFolder, kinds: Sequence[Kind]) -> None:
    manager.evaluate(run.id, SMALL_PROTOCOL, kinds, queue=manager.busy)


def protocol_for(config: CondenseConfig) -> EvaluateConfig | None:
    """The protocol a run is judged by as soon as it ends; None where that takes too long to go unasked."""
    return SMALL_PROTOCOL if evaluates_at_once(config) else None


def tried(action: Callable[[], object]) -> Callable[[], None]:
    """The action as a callback that keeps a refusal for the page to say."""

    def callback() -> None:
        try:
            action()
        except ValueError as error:
            st.session_state["trouble"] = sentence(str(error))

    return callback
