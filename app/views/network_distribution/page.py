"""The page Random or trained?: does it matter which networks embed the images (table 4 of the paper)?

A pool of trained networks on one side, the accuracy of what was learned in them on the other; both keep
themselves up to date. Must not import torch.
"""

import streamlit as st

from app.components.html_table import html_table
from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.styles import WATCH_STYLE
from app.data.available import offered_data
from app.data.folders import runs_root
from app.jobs.manager import JobManager, get_manager
from app.jobs.pool_request import PoolRequest
from app.run.addresses import table_address
from app.tables.controls import choose_column, show_table_controls
from app.tables.images import images_grid
from app.tables.live import summary_line
from app.tables.numbers import number_rows
from app.tables.published import published_markers, published_notes
from app.tables.state import TableState, table_id, table_state
from app.text.escaping import plain_text
from app.views.network_distribution.choices import empty_bands
from app.views.network_distribution.embedding_view import show_embedding
from app.views.network_distribution.form import DistributionForm, choose_distribution
from app.views.network_distribution.live import live_distribution
from app.views.network_distribution.pool_status import PoolStatus, pool_status
from app.views.network_distribution.pool_view import request_pool_build, show_pool
from app.views.network_distribution.texts import SENTENCE, help_text
from dmcore.config.formatting import counted, sentence
from dmcore.experiments.comparisons import compared, compared_row
from dmcore.experiments.published import elsewhere
from dmcore.runs.runs_root import list_runs

NUMBERS, IMAGES, SEEN = "Numbers and verdicts", "What was learned", "What it sees"
STYLE = """<style>
@media (max-width: 899px) {
  .st-key-table4_choices > :has(.st-key-table4_sources) { flex: 1 0 100%; }
}
</style>"""
MORE_NETWORKS = 10
"""Networks that a pool with an empty band is offered to grow by."""


def show_distribution() -> None:
    """Draw the page."""
    manager = get_manager()
    st.html(WATCH_STYLE + STYLE)
    st.markdown(SENTENCE)
    row = st.container(key="table4_choices", horizontal=True, vertical_alignment="bottom", gap="small")
    asked = choose_distribution(row, offered_data(list_runs(runs_root())))
    choices, index = asked.choices, asked.index
    table = None if asked.refusal else choices.table(index)
    with row, st.popover("How to read it", key="table4_help"):
        st.markdown(help_text(table))
    standing = pool_status(manager, choices.asked_pool)
    with st.container(key="watch_row"):
        left, right = st.columns([2, 3], gap="medium")
    with left:
        st.markdown("**The pool of trained networks**")
        show_pool(manager, standing, choices.sources, choices.pool_command)
    if table is None:
        right.warning(plain_text(asked.refusal))
        return
    state = table_state(manager, table)
    with right:
        st.markdown("**Accuracy by the networks that embed**")
        _show_table(manager, state, asked, standing)
    _show_below(state, standing)


def _show_table(
    manager: JobManager, state: TableState, asked: DistributionForm, standing: PoolStatus
) -> None:
    rows = asked.choices.rows(asked.index)
    show_table_controls(manager, state, asked.choices.command(asked.index))
    _show_empty_bands(manager, asked, standing)
    if not standing.whole:
        waiting = [one.name for one in rows if one.pooled]
        st.caption(
            f"{', '.join(waiting)}: to be filled once the pool is built."
            if waiting
            else "Bands of trained networks become rows once the pool is built."
        )
    if state.word == "not begun":
        st.info(
            f"Nothing is filled yet: {table_text(state.table)}. Numbers arrive one by one; what is known "
            "from other tables is there at once."
        )
    if state.word != "not begun" or published_markers(state.results):
        show_live_figure("distribution", live_distribution(state))
    _show_published(state)


def _show_empty_bands(manager: JobManager, asked: DistributionForm, standing: PoolStatus) -> None:
    """Bands that no state is in, said before anything is computed, with what helps."""
    pool = standing.asked
    empty = empty_bands(asked.index, asked.choices.rows(asked.index), pool.networks)
    for said in empty:
        st.warning(plain_text(sentence(said)))
    if empty and not standing.in_hand:
        st.button(
            f"Train {MORE_NETWORKS} more networks",
            key="grow_pool",
            on_click=_grow,
            args=(manager, pool.model_copy(update={"networks": pool.networks + MORE_NETWORKS})),
            help="The pool grows, and the table draws from all of it: rows of trained networks are learned "
            "anew.",
        )


def _grow(manager: JobManager, pool: PoolRequest) -> None:
    request_pool_build(manager, pool)
    st.session_state["table4_pool_networks"] = pool.networks


def _show_published(state: TableState) -> None:
    """The paper's numbers that are not drawn, and why not."""
    notes = [note.text for note in published_notes(state.results)]
    if other := elsewhere(state.table):
        notes.append(other)
    if notes:
        with st.popover("The paper's numbers", key="table4_published", type="tertiary"):
            for note in notes:
                st.markdown(plain_text(note))


def _show_below(state: TableState, standing: PoolStatus) -> None:
    shown = st.segmented_control(
        "Below",
        (NUMBERS, IMAGES, SEEN),
        default=NUMBERS,
        required=True,
        wrap=True,
        key="below",
        bind="query-params",
        label_visibility="collapsed",
    )
    if shown == SEEN:
        pool = standing.asked
        show_embedding(pool.dataset, pool.config, pool.networks)
        return
    if not state.results.cell_results:
        st.caption("Nothing to show yet: fill the table first.")
        return
    column = choose_column(state.table)
    if shown == IMAGES:
        _show_images(state, column)
        return
    show_live_line(
        "distribution_answer",
        summary_line(state, {"column": column}),
        source=table_address(table_id(state.table), "answer", column=column),
    )
    st.html(html_table(*number_rows(state.results)))
    st.caption(
        "Test accuracy in percent, mean ± standard deviation over all networks; how many independent "
        "sets, and networks trained on each."
    )
    _show_verdicts(state, column)


def _show_verdicts(state: TableState, column: str) -> None:
    """Random against each other source, a sentence each."""
    if compared_row(state.table) is None:
        st.caption("Random is not among the rows: each verdict compares it with another one.")
        return
    found = [one for one in compared(state.results) if one.column == column]
    if not found:
        st.caption("No verdict yet: each compares Random with another source.")
    for one in found:
        word = one.verdict.outcome
        st.markdown(f"{MARKS[word]} {plain_text(one.sentence).replace(word, f'**{word}**', 1)}")


def _show_images(state: TableState, column: str) -> None:
    grid, troubles = images_grid(state.results, column, runs_root())
    if grid is not None:
        st.caption(
            f"The first images of each class after {counted(_iterations(state), 'iteration')}, all from the "
            "same seed and the same real images: only the networks differ."
        )
        show_image_grid("distribution_images", grid)
    for trouble in troubles:
        st.caption(plain_text(sentence(trouble)))


def _iterations(state: TableState) -> int:
    """Of every condensation of the table."""
    return max(one.recipe.condense.iterations for one in state.table.cells if one.recipe.condense)
