"""Random or trained? Whether the embedding networks of a set have to be trained (the paper's table 4)."""

import streamlit as st

from app.components.styles import PAGE_STYLE
from app.data.available import available_datasets
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.tables.controls import choose_column, show_table_controls
from app.tables.sections import show_help, show_not_begun, show_numbers
from app.tables.state import table_state
from app.text.escaping import plain_text
from app.views.network_distribution import sections
from app.views.network_distribution.choices import pool_command
from app.views.network_distribution.embedding_view import show_embedding
from app.views.network_distribution.form import choose_distribution
from app.views.network_distribution.pool_status import pool_status
from app.views.network_distribution.pool_view import show_pool
from app.views.network_distribution.texts import SENTENCE, help_text
from dmcore.runs.runs_root import list_runs

manager = get_manager()
st.html(PAGE_STYLE + sections.STYLE)
st.markdown(SENTENCE)
row = st.container(key="table4_choices", horizontal=True, vertical_alignment="bottom", gap="small")
form = choose_distribution(row, available_datasets(list_runs(runs_root())))
table = form.table
with row:
    show_help(help_text(table), "table4_help")
pool = pool_status(manager, form.pool_request)
with st.container(key="watch_row"):
    left, right = st.columns([2, 3], gap="medium")
with left:
    st.markdown("**The pool of trained networks**")
    show_pool(manager, pool, form.config.network_sources, pool_command(pool.request))
if table is None:
    right.warning(plain_text(form.refusal))
else:
    state = table_state(manager, table)
    with right:
        st.markdown("**Accuracy by the embedding networks**")
        show_table_controls(manager, state, form.command)
        sections.show_empty_bands(manager, form, pool)
        sections.show_missing_pool(form, pool)
        show_not_begun(state)
        sections.show_figure(state)
        sections.show_unmarked_numbers(state)
    section = sections.choose_section()
    if section == sections.EMBEDDING:
        show_embedding(pool.request.dataset, pool.request.config, pool.request.networks)
    elif not state.results.cell_results:
        st.caption("Nothing to show yet: run the table first.")
    else:
        column = choose_column(table)
        if section == sections.IMAGES:
            sections.show_learned_images(state, column)
        else:
            show_numbers(state, column, "distribution_answer")
            sections.show_column_verdicts(state, column)
