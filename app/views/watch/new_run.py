"""Watch page before there is a run: why there is none, the set-up form with Start, and real images."""

import streamlit as st

from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.run.on_screen import brings_setup, report_job
from app.run.presenter import presenter_switch
from app.run.waiting import waits_for
from app.setup.form import setup_shown, show_form
from app.text.escaping import message_text, plain_text
from app.text.status import Status
from app.views.watch.empty_stage import show_device, show_empty_stage
from app.views.watch.recorded_answer import show_recorded_answer
from app.views.watch.run_failure import show_job_failure
from app.views.watch.screen import WatchScreen
from app.views.watch.start import show_start, show_waiting
from dmcore.config import MethodConfig
from dmcore.config.formatting import capitalised


def show_why_no_run(screen: WatchScreen) -> None:
    """The run that an address names and that cannot be shown; the job that failed before it made a run."""
    if screen.missing:
        same = " The link's set-up is filled in below: Start runs the same." if brings_setup() else ""
        st.warning(f"{message_text(capitalised(screen.missing))}.{same}")
    show_job_failure(screen.job)


def rerun_with_first_images(manager: JobManager, job: Job | None, revision: int) -> None:
    """Show what the started job is doing, and rerun the page as soon as its run exists.

    Args:
        manager: of the jobs.
        job: the started one; None: there is none.
        revision: of the manager when the page began to draw.
    """
    waiting, holding = job is not None and job.pending, manager.holding
    if job is not None and job.state is Status.QUEUED:
        report_job(job, waiting=True)
        show_waiting(manager, f"“{job.title}” {waits_for(manager)}.")

    def wait_for_images() -> None:
        changed = manager.revision != revision or manager.holding is not holding
        if changed or (job is not None and job.run_id is not None):
            st.rerun()
        if waiting and job is not None and job.state is not Status.QUEUED:
            st.info(plain_text(f"{job.title}: {job.activity or 'starting'} …"))

    st.fragment(run_every=0.25 if waiting else None)(wait_for_images)()


def show_setup_and_images(manager: JobManager) -> MethodConfig | None:
    """Start button above the set-up form, real images beside it; the set-up, None while it is incomplete."""
    with st.container(key="watch_row"):
        setup, stage = st.columns([2, 3], gap="medium")
    with setup, st.container(key="watch_setup"):
        start = st.container()
        config = show_form()
        shown = config or setup_shown(st.session_state["dataset"])
        with start:
            show_start(manager, config, shown)
    with stage:
        show_empty_stage(manager, shown)
        if shown is not None:
            show_recorded_answer(shown)
        show_device(manager)
        presenter_switch()
    return config
