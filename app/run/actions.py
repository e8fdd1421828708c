"""Actions on a run of the Runs page: open, resume, continue, clone, compare, download, rename, delete.

Continue, rename and delete open a dialog first; the session state holds which one is open.
"""

from collections.abc import Sequence

import streamlit as st

from app.components.page_links import COMPARE_PAGE, WATCH_PAGE, open_page
from app.jobs.manager import JobManager
from app.run.controls import can_resume, resume
from app.run.download_menu import show_download_menu
from app.run.on_screen import leave_run
from app.run.waiting import after_words
from app.setup.clone import begin_clone
from app.setup.form import bounds
from app.setup.form_values import setup_query_params
from app.text.escaping import plain_text
from app.text.status import Status
from dmcore.config import CondenseConfig, MethodConfig
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.collection.tags import change_tags, checked_tag, read_tags
from dmcore.runs.folder import RunFolder
from dmcore.runs.rename import LONGEST_TITLE, clean_title, rename_run
from dmcore.runs.runs_root import delete_run

OPEN_DIALOG, ERROR_KEY = "runs_asking", "runs_trouble"
NAMES_SHOWN = "runs_names_shown"
"""Key of the title and the tags that the dialog has opened with: others may give more of them meanwhile."""


def show_actions(manager: JobManager, run: RunFolder, status: Status | None) -> None:
    """The buttons below a run."""
    waiting = manager.job_of_run(run.id) is not None
    busy = waiting or (status is not None and status.in_progress)
    later = after_words(manager)
    with st.container(horizontal=True, gap="small", key=f"actions_{run.id}"):
        if st.button("Open", key=f"open_{run.id}", help="Shows it on the Watch page."):
            show_on_watch_page(run.id)
        if status is not None and can_resume(run, status):
            label = "Queued" if waiting else f"Resume{later}"
            if st.button(label, key=f"resume_{run.id}", disabled=waiting):
                resume_run(manager, run)
        if run.config is not None and status in (Status.FINISHED, Status.STOPPED):
            _dialog_button("Continue", "continue", run, waiting, "Computes more iterations.")
        if st.button("Clone", key=f"clone_{run.id}", help="Puts its set-up into the form again."):
            clone_run(run)
        if st.button("Compare", key=f"run_compare_{run.id}", help="Shows it side by side with another run."):
            open_page(COMPARE_PAGE, {"a": run.id})
        show_download_menu(run, f"runs_{run.id}")
        _dialog_button("Rename", "rename", run, False, "Gives it another title, or tags.")
        blocked = "A run cannot be deleted while it is running or being tested: stop that first."
        _dialog_button("Delete", "delete", run, busy, blocked if busy else None)


def show_on_watch_page(run_id: str) -> None:
    """Go to the Watch page with this run on it."""
    leave_run()
    open_page(WATCH_PAGE, {"run": run_id})


def resume_run(manager: JobManager, run: RunFolder, iterations: int | None = None) -> None:
    """Resume a run: at once and on the Watch page, or queued behind the running job."""
    later = manager.busy
    try:
        resume(manager, run, iterations, queue=later)
    except ValueError as refusal:
        _refuse(run, str(refusal))
    if later:
        st.rerun()
    show_on_watch_page(run.id)


def clone_run(run: RunFolder) -> None:
    """Go to the Watch page with the run's set-up in its form."""
    leave_run()
    try:
        config = begin_clone(run)
    except ValueError as refusal:
        _refuse(run, str(refusal))
    open_page(WATCH_PAGE, setup_query_params(config))


def show_dialog(manager: JobManager, runs: Sequence[RunFolder]) -> None:
    """Draw the dialog that a button of a run has opened, if any."""
    action, run_id = st.session_state.get(OPEN_DIALOG, ("", ""))
    run = next((run for run in runs if run.id == run_id), None)
    if run is None:
        return
    if action == "continue" and run.config is not None:
        continue_dialog(manager, run, run.config)
    elif action == "rename":
        rename_dialog(manager, run)
    elif action == "delete":
        delete_dialog(run)


def close_dialog() -> None:
    """Close the dialog; a callback."""
    st.session_state.pop(OPEN_DIALOG, None)


@st.dialog("Continue this run", on_dismiss=close_dialog)
def continue_dialog(manager: JobManager, run: RunFolder, config: MethodConfig) -> None:
    """Ask for the number of iterations, and resume the run to it."""
    done, most = run.iteration(), bounds(CondenseConfig.model_fields["iterations"])[1]
    st.markdown(
        f"**{plain_text(run.description.title)}** has done {grouped(done)} of {grouped(config.iterations)} "
        "iterations and goes on exactly from there."
    )
    with st.form("continue_form", border=False):
        iterations = st.number_input(
            "Iterations in all",
            max_value=most,
            value=min(2 * config.iterations, most),
            step=1,
            key=f"iterations_{run.id}",
            help="Counted from the run's start. Early iterations change the images most.",
        )
        label = f"Continue{after_words(manager)}"
        pressed = st.form_submit_button(label, type="primary", key="continue_it")
    if not pressed:
        return
    if iterations is None or iterations <= done:
        st.error(f"The run has done {grouped(done)} iterations: choose more than that.")
        return
    close_dialog()
    resume_run(manager, run, int(iterations))


@st.dialog("Rename this run", on_dismiss=close_dialog)
def rename_dialog(manager: JobManager, run: RunFolder) -> None:
    """Ask for another title and for tags; a running run can be renamed too."""
    title_shown, tags_shown = st.session_state[NAMES_SHOWN]
    with st.form("rename_form", border=False):
        title = st.text_input(
            "Title",
            value=title_shown,
            key=f"title_{run.id}",
            help=f"At most {LONGEST_TITLE} characters; empty: the name of the data set. The run's id stays.",
        )
        tags = st.text_input(
            "Tags",
            value=" ".join(tags_shown),
            key=f"tags_{run.id}",
            help="To find it again by: one word each, with spaces between them.",
        )
        pressed = st.form_submit_button("Rename", type="primary", key="rename_it")
    if not pressed:
        return
    try:
        new_title = None if title == title_shown else clean_title(title or "")
        wanted = [checked_tag(tag) for tag in (tags or "").split()]
        added, removed = set(wanted).difference(tags_shown), set(tags_shown).difference(wanted)
        if added or removed:
            change_tags(run, [tag for tag in wanted if tag in added], removed)
        if new_title is not None:
            _retitle(manager, rename_run(run, new_title))
    except ValueError as refusal:
        st.error(plain_text(sentence(str(refusal))))
        return
    close_dialog()
    st.rerun()


def _retitle(manager: JobManager, run: RunFolder) -> None:
    """Let the jobs of a run have its new title."""
    for job in (manager.current, *manager.queued):
        if job is not None and job.run_id == run.id:
            job.title = run.description.title


@st.dialog("Delete this run?", on_dismiss=close_dialog)
def delete_dialog(run: RunFolder) -> None:
    """Ask for confirmation, then delete a run and everything in it."""
    st.markdown(
        f"**{plain_text(run.description.title)}**, iteration {grouped(run.iteration())}, with its images and "
        "results. This cannot be undone."
    )
    with st.container(horizontal=True):
        if st.button("Delete it", key="delete_it", type="primary"):
            close_dialog()
            try:
                delete_run(run)
            except ValueError as refusal:
                _refuse(run, str(refusal))
            st.rerun()
        if st.button("Keep it", key="keep_it"):
            close_dialog()
            st.rerun()


def _dialog_button(label: str, action: str, run: RunFolder, disabled: bool, help_: str | None) -> None:
    """Draw a button that opens a dialog."""

    def open_dialog() -> None:
        st.session_state[OPEN_DIALOG] = (action, run.id)
        if action == "rename":
            st.session_state[NAMES_SHOWN] = (run.description.title, read_tags(run))

    st.button(label, key=f"{action}_{run.id}", disabled=disabled, help=help_, on_click=open_dialog)


def _refuse(run: RunFolder, reason: str) -> None:
    """Let the page show the reason at the run's card."""
    st.session_state[ERROR_KEY] = (run.id, sentence(reason))
    st.rerun()
