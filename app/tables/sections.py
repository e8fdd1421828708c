"""The page of a table: state, controls, progress, figure, numbers, verdicts and images, each in its slot.

Every experiment is shown by these; a page adds its form, and the figure that no other page has.
"""

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.html_table import Cell, html_table
from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.states import show_empty
from app.jobs.manager import JobManager
from app.jobs.timings import data_shape
from app.run.accuracy_rows import left_out
from app.tables.controls import show_table_controls, show_table_line
from app.tables.figures import TableFigure, figure_of
from app.tables.live import summary_line, table_figure
from app.tables.method_images import images_grid
from app.tables.state import TableState
from app.tables.texts import above_whole_set_notes
from app.text.escaping import plain_text
from app.text.glossary import explained
from app.text.status import Status
from dmcore.config.formatting import mean_text, sentence
from dmcore.config.protocols import protocol_name
from dmcore.experiments.published.cells import (
    published_beside,
    published_data,
    published_groups,
    published_on_other_data,
)
from dmcore.experiments.published.numbers import DATA_TITLES
from dmcore.experiments.report.computation import same_computation
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.report.formats import STD_MEANING, table_lines
from dmcore.experiments.report.notes import same_images_text, table_size_text, undrawn_note, whole_set_epochs
from dmcore.experiments.report.table_differences import recorded_difference
from dmcore.experiments.table import Table


def show_table(
    manager: JobManager,
    state: TableState,
    command: str,
    actions: DeltaGenerator,
    figure: TableFigure | None = None,
    *,
    show_notices: Callable[[], None] = lambda: None,
) -> None:
    """Draw the state of a table, its controls, what running it computes, and its figure.

    Args:
        manager: runs the table.
        state: of the table.
        command: its command line.
        actions: row for its buttons, right of the page's title.
        figure: its figure, with switches and notes; left open, that of its experiment.
        show_notices: draws what to know before the table is run.
    """
    shown = state.shown
    figure = figure or figure_of(shown.table)
    show_table_controls(manager, state, command, actions)
    show_notices()
    if shown.status is Status.NOT_STARTED:
        usual = (
            f"There are no numbers yet: {table_size_text(shown.table)}. They arrive one by one; networks "
            "that another table has tested are not trained again."
        )
        show_empty("table", figure.not_begun or usual)
    query = figure.choose(shown.table)
    if figure.has_content(shown):
        show_live_figure(figure.key, table_figure(figure, shown, query))
    figure.show_notes(shown.table, query)


def show_help(text: str, key: str, label: str = "How to read it") -> None:
    """Popover that explains the table, its protocol and how to read it."""
    with st.popover(label, key=key):
        st.markdown(text)
        if words := explained(text):
            st.caption(words)


def show_published(table: Table, key: str, label: str, row: str | None = None) -> None:
    """Popover with published numbers that are not drawn, and why not; above it, those that are of `row`."""
    notes = []
    for group in published_groups(table):
        if group.differences and row in group.numbers:
            st.caption(plain_text(undrawn_note(group)))
        elif group.differences:
            notes.append(undrawn_note(group))
    if other := published_on_other_data(table):
        notes.append(other)
    if notes:
        with st.popover(label, key=key, type="tertiary"):
            for note in notes:
                st.markdown(plain_text(note))


def choose_column(table: Table) -> str:
    """Draw the choice of the column that is shown in detail below; none where there is one column."""
    if len(table.columns) == 1:
        return table.columns[0]
    chosen = st.segmented_control(
        f"{table.column_title}, in detail below",
        table.columns,
        default=table.columns[0],
        required=True,
        wrap=True,
        key="column",
        bind="query-params",
    )
    return chosen if chosen in table.columns else table.columns[0]


def show_numbers(state: TableState, column: str, key: str) -> None:
    """Live summary of a column in one line, and the table of accuracies, the recorded ones below in small."""
    show_table_line(key, summary_line, state, column=column)
    headings, *rows = table_lines(state.results)
    lines = [with_recorded(state, row) for row in rows]
    st.html(html_table(headings, lines))
    shape = data_shape(state.table.dataset)
    left = left_out(None if shape is None else shape.test)
    st.caption(
        "Test accuracy in percent, mean ± standard deviation over all networks of the number "
        f"({STD_MEANING}), with how many independent sets, and networks trained on each. {left}"
        + f" Test networks: {protocol_name(state.table.protocol)}."
        + (f" Networks on all real images: {epochs}." if (epochs := whole_set_epochs(state.table)) else "")
    )
    if sources := published_sources(state.table):
        st.caption(plain_text(sources))
    for note in above_whole_set_notes(state.results):
        st.caption(plain_text(note))
    recorded = None if state.recorded is None else state.recorded.results
    beside = any(
        _recorded_entry(state, row, each) for row in state.table.rows for each in state.table.columns
    )
    same_data = recorded is not None and recorded.table.dataset == state.table.dataset
    if recorded is not None and same_data and not beside:
        difference = recorded_difference(recorded.table, state.table)
        st.caption(plain_text(f"Recorded accuracies are of other settings. {difference}".strip()))


def with_recorded(state: TableState, line: Sequence[str]) -> list[Cell]:
    """Row of the table of accuracies, below each in small the recorded one with both n and the published one.

    A recorded accuracy that was computed otherwise is left out.
    """
    row, *accuracies = line
    table = state.table
    same = same_images_text(state.results, row)
    cells: list[Cell] = [(row, same) if same else row]
    for column, accuracy in zip(table.columns, accuracies, strict=True):
        entry = _recorded_entry(state, row, column)
        small = [] if entry is None else [f"recorded {entry.mean_text} % ({entry.counts_text})"]
        if (published := published_beside(table, row, column)) is not None:
            small.append(f"published {mean_text(published.value, published.std)}")
        cells.append((accuracy, "; ".join(small)) if small else accuracy)
    return cells


def _recorded_entry(state: TableState, row: str, column: str) -> TableEntry | None:
    """Recorded accuracy of a row and column; None where there is none, or it was computed otherwise."""
    recorded = None if state.recorded is None else state.recorded.results
    if recorded is None or not same_computation(recorded.table, state.table, row, column):
        return None
    return entry_of(recorded, row, column)


def published_sources(table: Table) -> str:
    """Sentence on where the published numbers beside a table's are printed; empty where there are none."""
    rows: dict[str, dict[str, None]] = {}
    for row in table.rows:
        for column in table.columns:
            if (published := published_beside(table, row, column)) is not None:
                rows.setdefault(published.source, {})[row] = None
    if not rows:
        return ""
    sources = "; ".join(f"{', '.join(names)}: {source}" for source, names in rows.items())
    data = DATA_TITLES[published_data(table.dataset) or ""]
    return (
        f"Published numbers of {data}: {sources}. They are of other settings, mostly larger: the paper's "
        "page names the differences."
    )


def show_images(state: TableState, column: str, key: str, *, heading: str = "", caption: str = "") -> None:
    """Image grid of the sets that the networks of a column are trained on; damaged ones are named."""
    grid, problems = images_grid(state.results, column, state.runs_root)
    if grid is not None:
        if heading:
            st.subheader(heading, anchor=False)
        if caption:
            st.caption(caption)
        show_image_grid(key, grid)
    for problem in problems:
        st.caption(plain_text(sentence(problem)))
