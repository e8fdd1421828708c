"""Runs: everything on disk, whoever wrote it, and what can be done with it."""

import streamlit as st

from app.components.page_head import page_head
from app.components.styles import PAGE_STYLE
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.run.actions import show_dialog
from app.views.runs.recorded_list import show_recorded_runs
from app.views.runs.run_list import (
    first_runs,
    rerun_on_change,
    search_runs,
    show_more_button,
    show_no_runs,
    show_runs_as,
    show_table_runs,
    show_unreadable,
    take_trouble,
)
from app.views.runs.selected import show_delete_dialog
from dmcore.runs.display.titles import run_titles
from dmcore.runs.runs_root import read_runs

manager, root = get_manager(), runs_root()
st.html(PAGE_STYLE)
page_head("Runs", f"Everything in {root}, whoever wrote it: this app, or dmcore in a terminal.", str(root))
trouble = take_trouble()
runs, unreadable = read_runs(root)
own = [run for run in runs if not run.description.is_of_table]
if not own and not unreadable:
    show_no_runs(manager, root)
titles = run_titles(runs)
matches, view = search_runs(own)
shown = first_runs(matches) if view == "cards" else matches
show_runs_as(view, manager, shown, titles, trouble, "own")
show_unreadable(unreadable)
show_more_button(len(shown), len(matches))
show_table_runs(view, manager, [run for run in runs if run.description.is_of_table], titles, trouble)
show_recorded_runs()
rerun_on_change(root, shown)
show_dialog(manager, runs)
show_delete_dialog(manager, runs)
