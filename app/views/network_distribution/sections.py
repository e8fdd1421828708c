"""Sections of the page Random or trained?: figure, empty bands, numbers, verdicts and images of table 4."""

import streamlit as st

from app.components.html_table import html_table
from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.data.folders import runs_root
from app.jobs.manager import JobManager
from app.jobs.pool_request import PoolRequest
from app.run.addresses import table_address
from app.tables.live import summary_line
from app.tables.method_images import images_grid
from app.tables.numbers import number_rows
from app.tables.published import published_markers, published_notes
from app.tables.state import TableState, table_id
from app.tables.texts import VERDICT_MARKS, table_size_text
from app.text.escaping import plain_text
from app.views.network_distribution.choices import empty_bands
from app.views.network_distribution.form import DistributionForm
from app.views.network_distribution.live import live_distribution
from app.views.network_distribution.pool_status import PoolStatus
from app.views.network_distribution.pool_view import request_pool_build
from app.views.network_distribution.texts import help_text
from dmcore.config.formatting import counted, sentence
from dmcore.experiments.comparisons import compare_rows, compared_row
from dmcore.experiments.published import published_on_other_data
from dmcore.experiments.table import Table

NUMBERS, IMAGES, EMBEDDING = "Numbers and verdicts", "What was learned", "What it sees"
STYLE = """<style>
@media (max-width: 899px) {
  .st-key-table4_choices > :has(.st-key-table4_sources) { flex: 1 0 100%; }
}
</style>"""
MORE_NETWORKS = 10
"""Networks that are added to a pool with an empty band."""


def show_help(table: Table | None) -> None:
    """Popover with how to read the page."""
    with st.popover("How to read it", key="table4_help"):
        st.markdown(help_text(table))


def show_missing_pool(form: DistributionForm, pool: PoolStatus) -> None:
    """Which rows need the pool, while it is not complete."""
    if pool.complete:
        return
    waiting = [source.name for source in form.choices.rows(form.index) if source.pooled]
    st.caption(
        f"{', '.join(waiting)}: to be run once the pool is built."
        if waiting
        else "Bands of trained networks become rows once the pool is built."
    )


def show_not_started(state: TableState) -> None:
    """What running the table computes, while it has no numbers."""
    if state.status == "not started":
        st.info(
            f"There are no numbers yet: {table_size_text(state.table)}. They arrive one by one; what is "
            "known from other tables is there at once."
        )


def show_figure(state: TableState) -> None:
    """Live figure of the accuracies, once there is something to draw."""
    if state.status != "not started" or published_markers(state.results):
        show_live_figure("distribution", live_distribution(state))


def show_empty_bands(manager: JobManager, form: DistributionForm, pool: PoolStatus) -> None:
    """Warnings for bands without any state, before anything is computed, and a button to grow the pool."""
    errors = empty_bands(form.index, form.choices.rows(form.index), pool.request.networks)
    for error in errors:
        st.warning(plain_text(sentence(error)))
    if errors and not pool.in_progress:
        networks = pool.request.networks + MORE_NETWORKS
        st.button(
            f"Train {MORE_NETWORKS} more networks",
            key="pool_grow",
            on_click=_grow,
            args=(manager, pool.request.model_copy(update={"networks": networks})),
            help="The pool grows, and the table draws from all of it: rows of trained networks are learned "
            "anew.",
        )


def _grow(manager: JobManager, request: PoolRequest) -> None:
    request_pool_build(manager, request)
    st.session_state["table4_pool_networks"] = request.networks


def show_published(state: TableState) -> None:
    """Popover with the paper's numbers that are not drawn, and why not."""
    notes = [note.text for note in published_notes(state.results)]
    if other := published_on_other_data(state.table):
        notes.append(other)
    if notes:
        with st.popover("The paper's numbers", key="table4_published", type="tertiary"):
            for note in notes:
                st.markdown(plain_text(note))


def choose_section() -> str | None:
    """Choice of what is shown below the figure: one of `NUMBERS`, `IMAGES`, `EMBEDDING`."""
    return st.segmented_control(
        "Below",
        (NUMBERS, IMAGES, EMBEDDING),
        default=NUMBERS,
        required=True,
        wrap=True,
        key="below",
        bind="query-params",
        label_visibility="collapsed",
    )


def show_numbers(state: TableState, column: str) -> None:
    """Live summary and table of the accuracies of a column."""
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


def show_verdicts(state: TableState, column: str) -> None:
    """Verdicts of a column: Random against each other source, a sentence each."""
    if compared_row(state.table) is None:
        st.caption("Random is not among the rows: each verdict compares it with another one.")
        return
    comparisons = [item for item in compare_rows(state.results) if item.column == column]
    if not comparisons:
        st.caption("No verdict yet: each compares Random with another source.")
    for comparison in comparisons:
        outcome = comparison.verdict.outcome
        text = plain_text(comparison.sentence).replace(outcome, f"**{outcome}**", 1)
        st.markdown(f"{VERDICT_MARKS[outcome]} {text}")


def show_images(state: TableState, column: str) -> None:
    """First images of each class of the sets of a column."""
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
    """Iterations of every condensation of the table."""
    recipes = [cell.recipe for cell in state.table.cells]
    return max(recipe.condense.iterations for recipe in recipes if recipe.condense)
