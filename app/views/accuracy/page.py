"""The Accuracy page: is the condensed set any good? Networks trained on it, beside other ways to few images.

The choices give a table, the thread fills it, and the figures follow it by themselves; when networks have
arrived the script runs once more for the numbers, verdicts and images. Must not import torch.
"""

import streamlit as st

from app.components.html_table import html_table
from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.page_links import WATCH_PAGE
from app.components.styles import WATCH_STYLE
from app.data.folders import runs_root
from app.jobs.manager import get_manager
from app.run.addresses import table_address
from app.run.run_view import stored_iterations
from app.tables.controls import choose_column, show_table_controls
from app.tables.images import images_grid
from app.tables.live import RELATIVE, live_accuracy, live_training, summary_line
from app.tables.numbers import column_verdicts, identical_set_notes, number_rows, verdict_sentence
from app.tables.points import reference_row
from app.tables.published import published_notes
from app.tables.state import TableState, table_id, table_state
from app.tables.texts import VERDICT_MARKS, INTRODUCTION, VERDICT_MEANING, help_text, table_size_text
from app.text.escaping import plain_text
from app.views.accuracy.choices import FIGURE5, MEANING, OWN, Chosen, choose
from app.views.accuracy.confusion_view import show_confusion
from dmcore.config.formatting import capitalised, sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs


def show_accuracy() -> None:
    """Draw the page."""
    manager = get_manager()
    st.html(WATCH_STYLE)
    runs = list_runs(runs_root())
    st.markdown(INTRODUCTION)
    row = st.container(key="accuracy_choices", horizontal=True, vertical_alignment="bottom", gap="small")
    chosen = choose(row, runs)
    with row, st.popover("How to read this", key="accuracy_help"):
        st.markdown(help_text(MEANING[chosen.comparison], chosen.table))
    for note in chosen.notes:
        st.caption(note)
    if chosen.table is None:
        _show_lacking(chosen, runs)
        return
    state = table_state(manager, chosen.table)
    show_table_controls(manager, state, chosen.command)
    if state.word == "not begun":
        st.info(
            f"Nothing is filled yet: {table_text(chosen.table)}. Numbers arrive one by one; what is known "
            "from other tables is there at once."
        )
    _show_figure(state, chosen)
    if not state.results.cell_results:
        return
    column = choose_column(chosen.table)
    _show_numbers(state, column)
    with st.container(key="watch_row"):
        left, right = st.columns(2, gap="medium")
    with left:
        _show_verdicts(state, column)
    with right:
        show_live_figure("accuracy_training", live_training(state, {"column": column}))
        st.caption(
            "While they learn: the first network of each set, tested on a part of the test images; dotted: "
            "the one that is being trained. The axis of passes is logarithmic."
        )
    _show_images(state, column)
    show_confusion(manager, state, column)


def _show_lacking(chosen: Chosen, runs: list[RunFolder]) -> None:
    st.info(plain_text(sentence(chosen.lacks)))
    nothing = chosen.comparison == OWN and not any(map(stored_iterations, runs))
    if nothing and st.button("Go to Watch", key="go_to_watch", type="primary"):
        st.switch_page(WATCH_PAGE)


def _show_figure(state: TableState, chosen: Chosen) -> None:
    """The one figure that fills while networks finish."""
    asked: dict[str, str] = {}
    if chosen.comparison == FIGURE5:
        scale = st.segmented_control(
            "Scale",
            ("absolute", RELATIVE),
            default="absolute",
            required=True,
            key="scale",
            bind="query-params",
            label_visibility="collapsed",
            help="Relative: in percent of what networks on all real images reach, as the paper has it.",
        )
        asked = {"scale": RELATIVE} if scale == RELATIVE else {}
    show_live_figure("accuracy_figure", live_accuracy(state, asked))
    notes = published_notes(state.results)
    for note in notes:
        if reference_row(state.table) in note.rows:
            st.caption(plain_text(note.text))
    others = [note for note in notes if reference_row(state.table) not in note.rows]
    if others:
        with st.popover("Other published numbers", key="published_numbers", type="tertiary"):
            for note in others:
                st.markdown(plain_text(note.text))


def _show_numbers(state: TableState, column: str) -> None:
    results = state.results
    show_live_line(
        "accuracy_answer",
        summary_line(state, {"column": column}),
        source=table_address(table_id(state.table), "answer", column=column),
    )
    st.html(html_table(*number_rows(results)))
    st.caption(
        "Test accuracy in percent, mean ± standard deviation over all networks; how many independent "
        "sets, and networks trained on each."
    )


def _show_verdicts(state: TableState, column: str) -> None:
    """Ours against each other method, a sentence each."""
    results = state.results
    found = column_verdicts(results, column)
    if not found:
        st.caption("No verdict yet: each compares what was learned with one of the other ways.")
    for other, one in found:
        said = capitalised(verdict_sentence(results, column, other, one))
        word, rest = said[: len(one.outcome)], said[len(one.outcome) :]
        st.markdown(f"{MARKS[one.outcome]} **{word}**{plain_text(rest)}")
    if found:
        st.caption(VERDICT_MEANING)
    for said in identical_set_notes(results, column):
        st.caption(plain_text(said))


def _show_images(state: TableState, column: str) -> None:
    grid, troubles = images_grid(state.results, column, runs_root())
    if grid is not None:
        st.subheader("What they learn from", anchor=False)
        show_image_grid("accuracy_images", grid)
    for trouble in troubles:
        st.caption(plain_text(sentence(trouble)))
