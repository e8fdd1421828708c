"""Architectures: images learned with one architecture, tested on the others (the paper's Table 3)."""

import streamlit as st

from app.components.page_head import page_head
from app.components.styles import PAGE_STYLE
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.tables.controls import show_recorded_line, show_table_line
from app.tables.sections import show_table
from app.tables.state import table_id, table_state
from app.views.architectures.choices import choose_architectures
from app.views.architectures.live import matrix_line
from app.views.architectures.matrix_view import MATRIX
from app.views.architectures.row_runs_view import show_row_runs

manager = get_manager()
st.html(PAGE_STYLE)
actions = page_head(
    "Do the images teach other networks too?",
    "Images are learned with one architecture, and networks of others are trained on them and tested.",
)
with st.container(key="architectures_columns"):
    left, right = st.columns([5, 2], gap="medium")
with right:
    choices = choose_architectures(runs_root())
if choices is None or (table := choices.table) is None:
    with left:
        st.markdown(
            "Here sets of images are learned with one architecture and tested on others: choose what to run."
        )
else:
    with left:
        state, subject = table_state(manager, table), f"{table_id(table)}-sentence"
        show_recorded_line(state)
        show_table_line("architectures_summary", matrix_line, state.shown, subject=subject)
        show_table(manager, state, choices.command, actions, MATRIX)
    with right:
        show_row_runs(manager, state, choices)
