"""Accuracy: what networks reach that were trained on few images, learned or chosen."""

from dataclasses import replace

import streamlit as st

from app.components.page_head import page_head
from app.components.styles import PAGE_STYLE
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.tables.controls import show_recorded_line
from app.tables.figures import figure_of
from app.tables.sections import (
    choose_column,
    show_help,
    show_images,
    show_numbers,
    show_published,
    show_table,
)
from app.tables.state import table_state
from app.tables.texts import help_text
from app.views.accuracy.choices import choose_table
from app.views.accuracy.confusion_view import show_confusion
from app.views.accuracy.image_downloads import show_set_downloads, show_table_downloads
from app.views.accuracy.run_answer import comparison_offer, show_run_answer
from app.views.accuracy.sections import (
    show_column_verdicts,
    show_missing_table,
    show_scores,
    show_training_curves,
)
from dmcore.experiments.own_table import OwnTableConfig
from dmcore.runs.runs_root import list_runs

manager = get_manager()
st.html(PAGE_STYLE)
runs = list_runs(runs_root())
actions = page_head(
    "Is the learned set any good?",
    "Networks train on a few images alone, learned or chosen, and are tested on unseen real ones.",
)
row = st.container(key="accuracy_choices", horizontal=True, vertical_alignment="bottom", gap="small")
chosen = choose_table(row, runs)
with row:
    show_help(help_text(chosen.config.meaning, chosen.table), "accuracy_help", "How to read this")
for note in chosen.notes:
    st.caption(note)
if chosen.table is None:
    show_missing_table(chosen, runs)
else:
    state = table_state(manager, chosen.table)
    show_recorded_line(state)
    figure = figure_of(state.shown.table)
    if isinstance(chosen.config, OwnTableConfig) and not state.shown.started:
        figure = replace(figure, not_begun=comparison_offer(state))
        show_run_answer(manager, chosen.config, runs)
        show_set_downloads(chosen.config, runs)
    show_table(manager, state, chosen.command, actions, figure)
    learned = chosen.table.learned_row
    show_published(chosen.table, "accuracy_published_numbers", "Other published numbers", learned)
    shown = state.shown
    if shown.started:
        column = choose_column(shown.table)
        show_numbers(shown, column, "accuracy_answer")
        with st.container(key="watch_row"):
            left, right = st.columns(2, gap="medium")
        with left:
            show_column_verdicts(shown, column)
        with right:
            show_training_curves(shown, column)
        show_scores(shown, column)
        show_images(shown, column, "accuracy_images", heading="What they learn from")
        show_table_downloads(shown, column)
        show_confusion(manager, shown, column)
