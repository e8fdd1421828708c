"""What stands in place of the map while there is none: its progress, why it failed, the training it needs."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.answers.process import RefusedError
from app.answers.question import Failure, Look
from app.components.states import show_empty, show_failure, show_loading
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.jobs.whole_set_work import WholeSetTrainingWork
from app.run.controls import reporting_refusal, show_job_buttons, show_refusal
from app.run.on_screen import report_job
from app.run.waiting import after_words
from app.text.escaping import plain_text
from app.views.feature_space.projection_values import CloudChoice
from app.views.feature_space.projections import retry_failed
from dmcore.config.formatting import duration

POLL_SECONDS = 0.5
LEAST_WAIT = 3
"""Seconds from which it is said how long somebody has waited."""
UNTRAINED = "UntrainedError"
"""Kind of the refusal where only a trained network is missing."""
UNHARMED = "The run and its images are as they were."
_REFUSED = "feature_training_refusal"


def show_pending(
    ask: Callable[[], Look[object]],
    height: int,
    on_failure: Callable[[Failure], object],
    stand_in: str = "",
) -> None:
    """Draw the progress as a fragment that asks again and again; the page is rerun once the answer is there.

    Args:
        ask: asks for the map.
        height: height of the map in CSS pixels.
        on_failure: called when it could not be computed, with the reason.
        stand_in: what stands in its place meanwhile, in a few words; left open, its frame does.
    """

    def poll() -> None:
        look = ask()
        if look.value is not None:
            st.rerun()
        if look.failure is not None:
            on_failure(look.failure)
            return
        text, done = "The map waits for the first images, which are stored in a moment.", 0.0
        if look.progress is not None:
            done, waited = look.progress.done, look.progress.waited
            share = f", {done:.0%}" if done else ""
            so_far = f", {duration(waited)} so far" if waited >= LEAST_WAIT else ""
            text = f"{stand_in or 'The map'}: {look.progress.doing}{share}{so_far} …"
        if stand_in:
            st.caption(plain_text(text))
        else:
            show_loading("feature_map_frame", text, height, done)

    st.fragment(run_every=POLL_SECONDS)(poll)()


def show_cloud_failure(manager: JobManager, choice: CloudChoice, failure: Failure) -> None:
    """Show why there is no cloud; where only a trained network is missing, offer to train it."""
    if not (isinstance(failure.error, RefusedError) and failure.error.kind == UNTRAINED):
        show_map_failure(choice, failure)
        return
    job = manager.job_about("train", choice.dataset)
    if job is not None and job.pending:
        _show_training(manager, job)
        return
    if (
        job is not None
        and job.state == "finished"
        and st.session_state.get("feature_finished_training") is not job
    ):
        st.session_state["feature_finished_training"] = job
        retry_failed(choice)
        st.rerun()
    if job is not None and job.error is not None:
        show_failure("feature_training", job.error.message, UNHARMED)
    show_refusal(_REFUSED, st.warning)
    label = f"Train it{after_words(manager) or ' now'}"
    work = WholeSetTrainingWork(dataset=choice.dataset)
    # a callback: a click that only the script itself reads is lost when another request cuts it short
    train = reporting_refusal(lambda: manager.submit(work, queue=manager.busy), _REFUSED)
    show_empty(
        "feature_network",
        "The paper's figure embeds the images with a network trained on all real images. There is none for "
        "this data set yet. Training one takes minutes and is done once; “random network” needs none.",
        label,
        train,
    )


def show_map_failure(choice: CloudChoice, failure: Failure) -> None:
    """Show why there is no map, with a button that asks for it again."""
    show_failure(
        "feature_map_trouble", failure.sentence, UNHARMED, "Try again", partial(retry_failed, choice)
    )


def _show_training(manager: JobManager, job: Job) -> None:
    """Show the progress of the training, with its buttons."""
    report_job(job)

    def poll() -> None:
        if not job.pending:
            st.rerun()
        st.progress(job.fraction_done, text=plain_text(f"{job.title}: {job.activity or job.state}"))

    st.fragment(run_every=POLL_SECONDS)(poll)()
    with st.container(horizontal=True, gap="small"):
        help = "Training up to the last complete epoch is saved."
        show_job_buttons(manager, job, "feature_{}_training", help)
