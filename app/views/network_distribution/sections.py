"""Sections and texts of the page Random or trained?: help, missing pool, verdicts, learned images."""

from collections.abc import Sequence

import streamlit as st

from app.tables.sections import show_images
from app.tables.state import TableState
from app.tables.texts import VERDICT_MEANING
from app.tables.verdict_table import show_verdicts
from app.views.network_distribution.pool_status import PoolStatus
from dmcore.config.formatting import counted
from dmcore.config.network_source import NetworkSource
from dmcore.experiments.report.comparisons import compare_rows, compared_row
from dmcore.experiments.report.notes import table_size_text
from dmcore.experiments.table import Table
from dmcore.experiments.table4 import PIXEL_RATE, Table4Config

EXAMPLE = NetworkSource("band", low=40.0, high=50.0)
"""A band of the paper, where the table has none to explain."""
NUMBERS, IMAGES, EMBEDDING = "Numbers and verdicts", "What was learned", "What it sees"


def help_text(table: Table | None) -> str:
    """Text of the help popover, as Markdown."""
    sources = [] if table is None else sources_of(table)
    band = next((each for each in sources if each.kind == "band" and each.high < 100), EXAMPLE)
    paragraphs = [
        "**Pool**: networks trained on the real images, each with 24 states saved on the way, from almost "
        "random to fully trained. Their accuracies are of training images that were held out.",
        f"**A band**, such as {band.name}, is all states with a validation accuracy from {band.low:g} to "
        f"below {band.high:g} %; each "
        "iteration embeds the images with one of them, drawn at random. CIFAR-10 has the paper's bands, "
        "other data bands with about as many states each. **All trained** draws from the whole pool.",
        "**Random**: a fresh random network in each iteration, as the paper does it. **8 fixed**: the same "
        "8 random networks again and again. **Pixels**: no network, means of the images themselves "
        f"(learning rate {PIXEL_RATE:g}: with 1 they run away, as nothing bounds pixels). "
        "`interpolated:0.5`, to be typed: weights half way from random to trained.",
        "**A marker** is the mean over all networks of a cell, its bar the standard deviation over all of "
        "them; **the dots next to it** are independent sets. **The thin line** is Random's mean. "
        "**Dotted**: the paper's number, only where it is the same experiment.",
        "**n = sets × networks.** Networks trained on one set are repeats: they tell this set's accuracy "
        "better, and nothing about another set. So a verdict compares the means of independent sets, at "
        "least 3 on each side, by Welch's t-test at 5 %.",
        "**holds**: Random is better than the other, beyond chance. **reversed**: it is worse. **not "
        "resolved**: these sets do not tell, which is not the same as equal.",
    ]
    if table is not None:
        paragraphs.append(f"**This table**: {table_size_text(table)}.")
    return "\n\n".join(paragraphs)


def show_missing_pool(config: Table4Config, pool: PoolStatus, state: TableState) -> None:
    """Which rows need the pool, while it is not complete; nothing beside recorded results."""
    if pool.complete or state.shows_recorded:
        return
    waiting = [source.name for source in config.network_sources if source.pooled]
    st.caption(
        f"{', '.join(waiting)}: can be run once the networks are trained, see “Trained networks”."
        if waiting
        else "Rows of trained networks are added here once these are trained, see “Trained networks”."
    )


def show_row_meaning(table: Table) -> None:
    """What the names of a table's rows mean, in a line."""
    st.caption(row_meaning(sources_of(table)))


def sources_of(table: Table) -> list[NetworkSource]:
    """Sources of embedding networks in a table, in the order of its rows."""
    configs = [cell.recipe.dm_config for cell in table.cells]
    return list(dict.fromkeys(config.network_source for config in configs if config is not None))


def row_meaning(sources: Sequence[NetworkSource]) -> str:
    """What the names of rows mean, with those that there are: a range of accuracies depends on the pool."""
    first = {source.kind: source for source in reversed(sources)}  # of each kind, for an example
    fixed = [str(source.count) for source in sources if source.kind == "fixed"]
    meanings = {
        "random": "another random network in each iteration",
        "fixed": "the same random networks again and again",
        "band": "networks trained until they were right so often",
        "all": "trained networks of any accuracy",
        "interpolated": "weights between those of random and of trained networks",
        "pixels": "no network",
    }
    names = {kind: source.name for kind, source in first.items()}
    if len(fixed) > 1:
        names["fixed"] = f"{', '.join(fixed[:-1])} or {fixed[-1]} fixed"
    if sum(source.kind == "band" for source in sources) > 1:
        names["band"] = f"A range such as {names['band']}"
    return " ".join(f"{names[kind]}: {meaning}." for kind, meaning in meanings.items() if kind in names)


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
    """Verdicts of a column: Random against each other source, a line each."""
    if compared_row(state.table) is None:
        st.caption("Random is not among the rows: each verdict compares it with another one.")
        return
    comparisons = [item for item in compare_rows(state.results) if item.ours.column == column]
    if not comparisons:
        st.caption("No verdict yet: each compares Random with another source.")
        return
    show_verdicts(comparisons)
    st.caption(VERDICT_MEANING)


def show_learned_images(state: TableState, column: str) -> None:
    """First images of each class of the sets of a column."""
    condensations = [cell.recipe.condense for cell in state.table.cells if cell.recipe.condense]
    iterations = counted(max(config.iterations for config in condensations), "iteration")
    caption = (
        f"The first images of each class after {iterations}, all from the same seed and the same real "
        "images: only the networks differ."
    )
    show_images(state, column, "distribution_images", caption=caption)
