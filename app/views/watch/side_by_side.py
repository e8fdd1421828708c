"""Pairs of runs from one preset: link to the Compare page once both exist."""

from pathlib import Path

import streamlit as st

from app.components.page_links import COMPARE_PAGE, open_page
from app.jobs.manager import JobManager
from app.jobs.run_presets import preset_containing
from app.text.escaping import plain_text
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs


def show_side_by_side(manager: JobManager, run: RunFolder) -> None:
    """Button that opens both runs of a preset side by side; a note while the second is queued."""
    if run.config is None or (preset := preset_containing(run.config)) is None or not preset.then:
        return
    title = next(title for title in preset.titles if title != preset.title_of(run.config))
    other = other_run(manager.runs_root, run)
    if other is not None:
        if st.button(f"Side by side with “{plain_text(other.description.title)}”", key="watch_side_by_side"):
            open_side_by_side(*sorted((run.id, other.id)))
    elif any(job.title == title for job in manager.queued):
        paused = ", which is paused" if manager.active is not None and manager.active.held else ""
        st.caption(f"“{title}” waits for this run{paused}; then both can be opened side by side.")


def other_run(root: Path, run: RunFolder) -> RunFolder | None:
    """Newest run with another set-up of this run's preset."""
    preset = preset_containing(run.config) if run.config is not None else None
    configs = [config for config in preset.configs if config != run.config] if preset else []
    return next((other for other in list_runs(root) if other.config in configs), None) if configs else None


def open_side_by_side(first: str, second: str) -> None:
    """Leave for the Compare page with two runs."""
    open_page(COMPARE_PAGE, {"a": first, "b": second})
