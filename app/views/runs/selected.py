"""What is done with the selected runs of a table: open, compare, tag, delete."""

from collections.abc import Sequence

import streamlit as st

from app.components.page_links import COMPARE_PAGE, COMPARED_RUNS, open_page
from app.jobs.manager import JobManager
from app.run.actions import ERROR_KEY, show_on_watch_page
from app.text.escaping import plain_text
from dmcore.config.formatting import counted, memory_size, sentence
from dmcore.runs.collection.deletion import Deletion, KeptRun, delete_runs, plan_deletion
from dmcore.runs.collection.tags import UntaggedRun, tag_runs
from dmcore.runs.folder import RunFolder

DELETING, DONE = "runs_deleting", "runs_done"
"""Keys of the session: ids of the runs that the open dialog asks about; what was done, to be said once."""
NAMED_RUNS = 8


def show_selected(runs: Sequence[RunFolder], owner: str) -> None:
    """Draw the line above a table: how many are selected, and the buttons for them.

    Args:
        runs: the selected ones.
        owner: begins the widget keys.
    """
    if not runs:
        st.caption("Select runs at the left of their rows, to open, compare, tag or delete them.")
        return
    st.markdown(f"**{len(runs)} selected**", width="content")
    ids = [run.id for run in runs]
    if st.button(
        "Open", key=f"runs_open_{owner}", disabled=len(runs) > 1, help="Shows it on the Watch page."
    ):
        show_on_watch_page(ids[0])
    if st.button(
        "Compare",
        key=f"runs_compare_{owner}",
        disabled=len(runs) > len(COMPARED_RUNS),
        help=f"Shows up to {len(COMPARED_RUNS)} side by side.",
    ):
        open_page(COMPARE_PAGE, dict(zip(COMPARED_RUNS, ids, strict=False)))
    with st.popover("Tag", key=f"runs_tag_{owner}"):
        _show_tag_form(runs, owner)
    st.button("Delete", key=f"runs_delete_{owner}", on_click=_ask_to_delete, args=(ids,))


def show_delete_dialog(manager: JobManager, runs: Sequence[RunFolder]) -> None:
    """Draw the dialog that asks about the deletion of several runs, if it is open; say what was deleted."""
    if done := st.session_state.pop(DONE, ""):
        st.toast(done)
    asked = st.session_state.get(DELETING, ())
    chosen = [run for run in runs if run.id in asked]
    if chosen:
        _delete_dialog(plan_page_deletion(manager, chosen))


def plan_page_deletion(manager: JobManager, runs: Sequence[RunFolder]) -> Deletion:
    """What deleting these runs would do; those that a job of this app waits for stay, too."""
    waiting = [run for run in runs if manager.job_of_run(run.id) is not None]
    planned = plan_deletion(run for run in runs if run not in waiting)
    reasons = (KeptRun(run, f"run {run.id} has a job here: stop it first") for run in waiting)
    return Deletion(planned.runs, (*planned.kept, *reasons))


def _ask_to_delete(ids: Sequence[str]) -> None:
    st.session_state[DELETING] = tuple(ids)


def _close() -> None:
    st.session_state.pop(DELETING, None)


@st.dialog("Delete these runs?", on_dismiss=_close)
def _delete_dialog(planned: Deletion) -> None:
    """Ask for confirmation, with the number of runs and their size, then delete them."""
    if planned.runs:
        names = [f"- {plain_text(sized.title)}" for sized in planned.runs[:NAMED_RUNS]]
        more = len(planned.runs) - NAMED_RUNS
        what = f"{counted(len(planned.runs), 'run')}, {_size(planned.bytes)}"
        st.markdown(f"**{what}**, with their images and results. This cannot be undone.")
        st.markdown("\n".join([*names, f"- and {more} more"] if more > 0 else names))
    for kept in planned.kept:
        st.warning(plain_text(f"Stays: {kept.reason}."))
    with st.container(horizontal=True):
        if planned.runs and st.button(
            f"Delete {counted(len(planned.runs), 'run')}", key="runs_delete_them", type="primary"
        ):
            _close()
            done = delete_runs(planned)
            st.session_state[DONE] = deleted_sentence(done)
            if trouble := stayed_sentences(planned, done):
                st.session_state[ERROR_KEY] = ("", trouble)
            st.rerun()
        if st.button("Keep them", key="runs_keep_them"):
            _close()
            st.rerun()


def deleted_sentence(done: Deletion) -> str:
    """What was deleted; empty where nothing was."""
    if not done.runs:
        return ""
    return f"Deleted {counted(len(done.runs), 'run')}: {_size(done.bytes)} are free again."


def stayed_sentences(planned: Deletion, done: Deletion) -> str:
    """Why runs stay that were to be deleted; empty where all are gone."""
    reasons = [sentence(kept.reason) for kept in done.kept[len(planned.kept) :]]
    more = len(reasons) - NAMED_RUNS
    return " ".join(reasons[:NAMED_RUNS] + ([f"{counted(more, 'more run')} stayed."] if more > 0 else []))


def untagged_sentence(untagged: Sequence[UntaggedRun], selected: int) -> str:
    """How many of the selected runs have other tags than was wished, and why the first; empty where none."""
    if not untagged:
        return ""
    count = f"{len(untagged)} of {counted(selected, 'run')}" if selected > 1 else "The run"
    return f"{count} kept the tags as they were. {sentence(untagged[0].reason)}"


def _show_tag_form(runs: Sequence[RunFolder], owner: str) -> None:
    """Form that adds tags to the runs, and takes tags away."""
    with st.form(f"runs_tags_{owner}", border=False, clear_on_submit=True):
        help_ = "One word each, with spaces between them."
        add = st.text_input("Add tags", key=f"runs_add_tags_{owner}", help=help_)
        remove = st.text_input("Take tags away", key=f"runs_remove_tags_{owner}", help=help_)
        if st.form_submit_button("Apply", key=f"runs_apply_tags_{owner}"):
            try:
                untagged = tag_runs(runs, (add or "").split(), (remove or "").split())
                trouble = untagged_sentence(untagged, len(runs))
            except ValueError as refusal:
                trouble = sentence(str(refusal))
            if trouble:
                st.session_state[ERROR_KEY] = ("", trouble)
            st.rerun()


def _size(size: int) -> str:
    return memory_size(size) if size >= 1e6 else f"{size / 1e3:.0f} kB"
