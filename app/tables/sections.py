"""Sections of a table's page: help, what running it computes, published numbers, numbers, verdicts, images.

Every page of tables shows them alike; a page names its widget keys and its texts.
"""

from collections.abc import Iterable, Sequence

import streamlit as st

from app.components.html_table import html_table
from app.components.image_grid import show_image_grid
from app.data.folders import runs_root
from app.tables.controls import show_table_line
from app.tables.live import summary_line
from app.tables.method_images import images_grid
from app.tables.numbers import number_rows
from app.tables.state import TableState
from app.tables.texts import VERDICT_MARKS, table_size_text
from app.text.escaping import plain_text
from dmcore.config.formatting import sentence


def show_help(text: str, key: str, label: str = "How to read it") -> None:
    """Popover that explains the table, its protocol and how to read it."""
    with st.popover(label, key=key):
        st.markdown(text)


def show_not_begun(state: TableState, computed: str = "") -> None:
    """What running the table computes, while it has no numbers; `computed` replaces the usual sentences."""
    if state.status == "not started":
        usual = (
            f"There are no numbers yet: {table_size_text(state.table)}. They arrive one by one; what is "
            "known from other tables is there at once."
        )
        st.info(computed or usual)


def show_published(notes: Sequence[str], key: str, label: str) -> None:
    """Popover with published numbers that are not drawn, and why not."""
    if notes:
        with st.popover(label, key=key, type="tertiary"):
            for note in notes:
                st.markdown(plain_text(note))


def show_numbers(state: TableState, column: str, key: str) -> None:
    """Live summary of a column in one line, and the table of accuracies."""
    show_table_line(key, summary_line, state, column=column)
    st.html(html_table(*number_rows(state.results)))
    st.caption(
        "Test accuracy in percent, mean ± standard deviation over all networks; how many independent "
        "sets, and networks trained on each."
    )


def show_verdicts(verdicts: Iterable[tuple[str, str]]) -> None:
    """Verdicts, each an outcome and a sentence that contains it: the outcome bold, after a dot."""
    for outcome, text in verdicts:
        marked = plain_text(text).replace(outcome, f"**{outcome}**", 1)
        st.markdown(f"{VERDICT_MARKS[outcome.lower()]} {marked}")


def show_images(state: TableState, column: str, key: str, *, heading: str = "", caption: str = "") -> None:
    """Image grid of the sets that the networks of a column are trained on; damaged ones are named."""
    grid, problems = images_grid(state.results, column, runs_root())
    if grid is not None:
        if heading:
            st.subheader(heading, anchor=False)
        if caption:
            st.caption(caption)
        show_image_grid(key, grid)
    for problem in problems:
        st.caption(plain_text(sentence(problem)))
