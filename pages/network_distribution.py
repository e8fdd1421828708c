"""Random or trained? Whether the embedding networks of a set have to be trained (the paper's table 4)."""

import streamlit as st

from app.components.page_head import page_head
from app.components.styles import PAGE_STYLE
from app.data.available import available_datasets
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.tables.controls import show_recorded_line
from app.tables.sections import choose_column, show_help, show_numbers, show_published, show_table
from app.tables.state import table_state
from app.text.escaping import plain_text
from app.views.network_distribution import sections
from app.views.network_distribution.embedding_view import show_embedding
from app.views.network_distribution.form import choose_distribution
from app.views.network_distribution.live import DISTRIBUTION
from app.views.network_distribution.pool_status import pool_status
from app.views.network_distribution.pool_view import show_empty_bands, show_pool
from dmcore.runs.runs_root import list_runs

manager = get_manager()
st.html(PAGE_STYLE)
actions = page_head(
    "Do the embedding networks have to be trained?",
    "Images are learned in random networks, in trained ones, in a few fixed ones, and in none at all.",
)
row = st.container(key="table4_choices", horizontal=True, vertical_alignment="bottom", gap="small")
chosen = choose_distribution(row, available_datasets(list_runs(runs_root())))
config = chosen.config
with row:
    show_help(sections.help_text(chosen.table), "table4_help")
for note in chosen.notes:
    st.caption(note)
if chosen.table is not None:
    show_recorded_line(table_state(manager, chosen.table))
pool = pool_status(manager, config.pool_request(chosen.data))
with st.container(key="watch_row"):
    left, right = st.columns([2, 3], gap="medium")
with left:
    st.markdown("**Trained networks**")
    show_pool(manager, pool, config.network_sources)


def show_notices() -> None:
    """What to know of the pool before the table is run."""
    show_empty_bands(manager, pool, config.empty_bands(chosen.data, pool.index))
    sections.show_missing_pool(config, pool, state)


if chosen.table is None:
    right.warning(plain_text(chosen.missing))
else:
    with right:
        st.markdown("**Accuracy by the embedding networks**")
        state = table_state(manager, chosen.table)
        show_table(manager, state, chosen.command, actions, DISTRIBUTION, show_notices=show_notices)
        sections.show_row_meaning(state.shown.table)
        show_published(chosen.table, "table4_published", "The paper's numbers")
    section = sections.choose_section()
    if section == sections.EMBEDDING:
        show_embedding(pool.request)
    elif not state.shown.started:
        st.caption("Nothing to show yet: run the table first.")
    else:
        shown = state.shown
        column = choose_column(shown.table)
        if section == sections.IMAGES:
            sections.show_learned_images(shown, column)
        else:
            show_numbers(shown, column, "distribution_answer")
            sections.show_column_verdicts(shown, column)
