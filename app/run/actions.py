"""What can be done with a run of the Runs page: open, resume, continue, fork, compare, rename, delete.

Continue, rename and delete ask in a dialog first; which one is open is kept in the session. No torch.
"""

from collections.abc import Sequence

import streamlit as st

from app.components.page_links import COMPARE_PAGE, WATCH_PAGE
from app.jobs.manager import JobManager
from app.run.controls import can_go_on, leave_run, protocol_for
from app.run.status import AT_WORK, WORDS
from app.setup.clone import begin_clone
from app.setup.form import LARGEST, address_of
from app.text.escaping import plain_text
from dmcore.config import CondenseConfig
from dmcore.config.formatting import grouped, sentence
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.rename import LONGEST_TITLE, rename_run
from dmcore.runs.runs_root import delete_run

ASKING, TROUBLE = "runs_asking", "runs_trouble"


def show_actions(manager: JobManager, run: RunFolder, status: Status | None) -> None:
    """The buttons below a run."""
    waiting = manager.find(run.id) is not None
    busy = waiting or status in AT_WORK
    later = " after the run at work" if manager.busy else ""
    with st.container(horizontal=True, gap="small", key=f"actions_{run.id}"):
        if st.button("Open", key=f"open_{run.id}", help="Shows it on the Watch page."):
            put_on_screen(run.id)
        stands = status is not None and can_go_on(run, WORDS.get(status, status.value))
        if stands and run.config is not None:
            label = "Queued" if waiting else f"Resume{later}"
            if st.button(label, key=f"resume_{run.id}", disabled=waiting):
                go_on(manager, run, run.config)
        if run.config is not None and status in (Status.FINISHED, Status.INTERRUPTED):
            _asking_button("Continue", "continue", run, waiting, "Takes it to more iterations.")
        if st.button("Fork", key=f"fork_{run.id}", help="Puts its set-up into the form again."):
            fork(run)
        if st.button("Compare", key=f"compare_{run.id}", help="Shows it side by side with another run."):
            st.switch_page(COMPARE_PAGE, query_params={"a": run.id})
        _asking_button("Rename", "rename", run, False, "Gives it another title.")
        blocked = "A run that is at work cannot be deleted: stop it first." if busy else None
        _asking_button("Delete", "delete", run, busy, blocked)


def put_on_screen(run_id: str) -> None:
    """Go to the Watch page with this run on it."""
    leave_run()
    st.switch_page(WATCH_PAGE, query_params={"run": run_id})


def go_on(manager: JobManager, run: RunFolder, config: CondenseConfig, iterations: int | None = None) -> None:
    """Go on with a run, at once and on the Watch page, or after what is at work now."""
    later = manager.busy
    try:
        manager.resume(
            run.id,
            iterations=iterations,
            evaluate=protocol_for(config),
            queue=later,
            gauge_share=manager.gauge_share,
        )
    except ValueError as refusal:
        _refuse(run, str(refusal))
    if later:
        st.rerun()
    put_on_screen(run.id)


def fork(run: RunFolder) -> None:
    """Go to the Watch page with the run's set-up in its form."""
    leave_run()
    try:
        config = begin_clone(run)
    except ValueError as refusal:
        _refuse(run, str(refusal))
    st.switch_page(WATCH_PAGE, query_params=address_of(config))


def show_question(manager: JobManager, runs: Sequence[RunFolder]) -> None:
    """The dialog that a button of a run has asked for, if one has."""
    action, run_id = st.session_state.get(ASKING, ("", ""))
    run = next((run for run in runs if run.id == run_id), None)
    if run is None:
        return
    if action == "continue" and run.config is not None:
        ask_for_more(manager, run, run.config)
    elif action == "rename":
        ask_for_title(manager, run)
    elif action == "delete":
        confirm_deletion(run)


def end_question() -> None:
    """Close the dialog; a callback."""
    st.session_state.pop(ASKING, None)


@st.dialog("Continue this run", on_dismiss=end_question)
def ask_for_more(manager: JobManager, run: RunFolder, config: CondenseConfig) -> None:
    """To how many iterations, and go on."""
    done = run.iteration()
    st.markdown(
        f"**{plain_text(run.description.title)}** has done {grouped(done)} of {grouped(config.iterations)} "
        "iterations and goes on exactly from there."
    )
    with st.form("continue_form", border=False):
        asked = st.number_input(
            "Iterations in all",
            max_value=LARGEST,
            value=2 * config.iterations,
            step=1,
            key=f"iterations_{run.id}",
            help="Counted from the run's start. Early iterations change the images most.",
        )
        label = "Continue after the run at work" if manager.busy else "Continue"
        pressed = st.form_submit_button(label, type="primary", key="continue_it")
    if not pressed:
        return
    if asked is None or asked <= done:
        st.error(f"The run has done {grouped(done)} iterations: ask for more than that.")
        return
    end_question()
    go_on(manager, run, config, int(asked))


@st.dialog("Rename this run", on_dismiss=end_question)
def ask_for_title(manager: JobManager, run: RunFolder) -> None:
    """Another title, also for a run at work."""
    with st.form("rename_form", border=False):
        title = st.text_input(
            "Title",
            value=run.description.title,
            key=f"title_{run.id}",
            help=f"At most {LONGEST_TITLE} characters; empty: the name of the data set. The run's id stays.",
        )
        pressed = st.form_submit_button("Rename", type="primary", key="rename_it")
    if not pressed:
        return
    try:
        renamed = rename_run(run, title or "")
    except ValueError as refusal:
        st.error(plain_text(sentence(str(refusal))))
        return
    for job in (manager.current, *manager.queued):
        if job is not None and job.run_id == run.id:
            job.title = renamed.description.title
    end_question()
    st.rerun()


@st.dialog("Delete this run?", on_dismiss=end_question)
def confirm_deletion(run: RunFolder) -> None:
    """Ask before a run and everything in it is gone."""
    st.markdown(
        f"**{plain_text(run.description.title)}**, iteration {grouped(run.iteration())}, with its images and "
        "results. This cannot be undone."
    )
    with st.container(horizontal=True):
        if st.button("Delete it", key="delete_it", type="primary"):
            end_question()
            try:
                delete_run(run)
            except ValueError as refusal:
                _refuse(run, str(refusal))
            st.rerun()
        if st.button("Keep it", key="keep_it"):
            end_question()
            st.rerun()


def _asking_button(label: str, action: str, run: RunFolder, disabled: bool, help_: str | None) -> None:
    """A button that opens a dialog."""

    def ask() -> None:
        st.session_state[ASKING] = (action, run.id)

    st.button(label, key=f"{action}_{run.id}", disabled=disabled, help=help_, on_click=ask)


def _refuse(run: RunFolder, why: str) -> None:
    """Let the page say it at the run's card."""
    st.session_state[TROUBLE] = (run.id, sentence(why))
    st.rerun()
