"""Runs that are meant to be seen beside each other: the second waits its turn, then both can be opened."""

from pathlib import Path

import streamlit as st

from app.components.page_links import COMPARE_PAGE
from app.jobs.manager import JobManager
from app.jobs.run_presets import preset_containing
from app.text.escaping import plain_text
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs


def show_side_by_side(manager: JobManager, run: RunFolder) -> None:
    """For a run of a ready-made start with several: what becomes of the other, or both beside each other."""
    if run.config is None or (start := preset_containing(run.config)) is None or not start.then:
        return
    title = next(one for one in start.titles if one != start.title_of(run.config))
    other = other_run(manager.runs_root, run)
    if other is not None:
        if st.button(f"Side by side with “{plain_text(other.description.title)}”", key="side_by_side"):
            open_side_by_side(*sorted((run.id, other.id)))
    elif any(job.title == title for job in manager.queued):
        st.caption(f"“{title}” waits behind this run; then both can be opened side by side.")


def other_run(root: Path, run: RunFolder) -> RunFolder | None:
    """The newest run of the set-up that belongs beside this one."""
    start = preset_containing(run.config) if run.config is not None else None
    wanted = [config for config in start.configs if config != run.config] if start else []
    return next((one for one in list_runs(root) if one.config in wanted), None) if wanted else None


def open_side_by_side(first: str, second: str) -> None:
    """Leave for the page that compares two runs."""
    st.switch_page(COMPARE_PAGE, query_params={"a": first, "b": second})
