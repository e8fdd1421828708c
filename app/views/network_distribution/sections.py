"""Sections that only the page Random or trained? has: missing pool, numbers, verdicts and learned images."""

import streamlit as st

from app.tables.sections import show_images, show_published, show_verdicts
from app.tables.state import TableState
from app.views.network_distribution.pool_status import PoolStatus
from dmcore.config.formatting import counted
from dmcore.experiments.published import published_groups, published_on_other_data
from dmcore.experiments.report.comparisons import compare_rows, compared_row
from dmcore.experiments.report.notes import undrawn_note
from dmcore.experiments.table4 import Table4Config

NUMBERS, IMAGES, EMBEDDING = "Numbers and verdicts", "What was learned", "What it sees"


def show_missing_pool(config: Table4Config, pool: PoolStatus) -> None:
    """Which rows need the pool, while it is not complete."""
    if pool.complete:
        return
    waiting = [source.name for source in config.network_sources if source.pooled]
    st.caption(
        f"{', '.join(waiting)}: to be run once the pool is built."
        if waiting
        else "Bands of trained networks become rows once the pool is built."
    )


def show_unmarked_numbers(state: TableState) -> None:
    """Popover with the paper's numbers that are not drawn, and why not."""
    notes = [undrawn_note(group) for group in published_groups(state.table) if group.differences]
    other = published_on_other_data(state.table)
    show_published([*notes, *([other] if other else [])], "table4_published", "The paper's numbers")


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


def show_column_verdicts(state: TableState, column: str) -> None:
    """Verdicts of a column: Random against each other source, a sentence each."""
    if compared_row(state.table) is None:
        st.caption("Random is not among the rows: each verdict compares it with another one.")
        return
    comparisons = [item for item in compare_rows(state.results) if item.ours.column == column]
    if not comparisons:
        st.caption("No verdict yet: each compares Random with another source.")
    show_verdicts((item.verdict.outcome, item.sentence) for item in comparisons)


def show_learned_images(state: TableState, column: str) -> None:
    """First images of each class of the sets of a column."""
    condensations = [cell.recipe.condense for cell in state.table.cells if cell.recipe.condense]
    iterations = counted(max(config.iterations for config in condensations), "iteration")
    caption = (
        f"The first images of each class after {iterations}, all from the same seed and the same real "
        "images: only the networks differ."
    )
    show_images(state, column, "distribution_images", caption=caption)
