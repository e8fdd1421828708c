"""Parts of the Accuracy page: the figure, the table of numbers, verdicts, training curves and images."""

from collections.abc import Sequence

import streamlit as st

from app.components.html_table import html_table
from app.components.image_grid import show_image_grid
from app.components.live_figure import show_live_figure
from app.components.live_line import show_live_line
from app.components.page_links import WATCH_PAGE
from app.data.folders import runs_root
from app.run.addresses import table_address
from app.run.run_view import stored_iterations
from app.tables.live import RELATIVE, live_accuracy, live_training, summary_line
from app.tables.method_images import images_grid
from app.tables.numbers import column_verdicts, identical_set_notes, number_rows, verdict_sentence
from app.tables.points import reference_row
from app.tables.published import published_notes
from app.tables.state import TableState, table_id
from app.tables.texts import VERDICT_MARKS, VERDICT_MEANING, help_text, table_size_text
from app.text.escaping import plain_text
from app.views.accuracy.choices import FIGURE5, MEANING, OWN, ChosenTable
from dmcore.config.formatting import capitalised, sentence
from dmcore.runs.folder import RunFolder


def show_help(chosen: ChosenTable) -> None:
    """Popover that explains the comparison, its protocol and how to read it."""
    with st.popover("How to read this", key="accuracy_help"):
        st.markdown(help_text(MEANING[chosen.comparison], chosen.table))


def show_notes(chosen: ChosenTable) -> None:
    """What to know about the choices, a caption each."""
    for note in chosen.notes:
        st.caption(note)


def show_missing_table(chosen: ChosenTable, runs: Sequence[RunFolder]) -> None:
    """Why the choices give no table, and what to do next."""
    st.info(plain_text(sentence(chosen.missing)))
    no_images = chosen.comparison == OWN and not any(map(stored_iterations, runs))
    if no_images and st.button("Go to Watch", key="accuracy_go_to_watch", type="primary"):
        st.switch_page(WATCH_PAGE)


def show_not_begun(state: TableState) -> None:
    """What running the table will compute, while it has no numbers."""
    if state.status == "not started":
        st.info(
            f"There are no numbers yet: {table_size_text(state.table)}. They arrive one by one; what is "
            "known from other tables is there at once."
        )


def show_figure(state: TableState, chosen: ChosenTable) -> None:
    """Live figure of the accuracies, which gains points as networks finish, and the published numbers."""
    query: dict[str, str] = {}
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
        query = {"scale": RELATIVE} if scale == RELATIVE else {}
    show_live_figure("accuracy_figure", live_accuracy(state, query))
    notes = published_notes(state.results)
    for note in notes:
        if reference_row(state.table) in note.rows:
            st.caption(plain_text(note.text))
    others = [note for note in notes if reference_row(state.table) not in note.rows]
    if others:
        with st.popover("Other published numbers", key="accuracy_published_numbers", type="tertiary"):
            for note in others:
                st.markdown(plain_text(note.text))


def show_numbers(state: TableState, column: str) -> None:
    """Live answer in one line, and the table of accuracies."""
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


def show_verdicts(state: TableState, column: str) -> None:
    """Verdict of our method against each other one, a sentence each."""
    results = state.results
    verdicts = column_verdicts(results, column)
    if not verdicts:
        st.caption("No verdict yet: each compares what was learned with one of the other ways.")
    for other, verdict in verdicts:
        text = capitalised(verdict_sentence(results, column, other, verdict))
        outcome, rest = text[: len(verdict.outcome)], text[len(verdict.outcome) :]
        st.markdown(f"{VERDICT_MARKS[verdict.outcome]} **{outcome}**{plain_text(rest)}")
    if verdicts:
        st.caption(VERDICT_MEANING)
    for note in identical_set_notes(results, column):
        st.caption(plain_text(note))


def show_training_curves(state: TableState, column: str) -> None:
    """Live figure of the networks' accuracies while they are trained."""
    show_live_figure("accuracy_training", live_training(state, {"column": column}))
    st.caption(
        "While they learn: the first network of each set, tested on a part of the test images; dotted: "
        "the one that is being trained. The axis of passes is logarithmic."
    )


def show_images(state: TableState, column: str) -> None:
    """Image grid of the sets that the networks of a column are trained on; damaged ones are named."""
    grid, troubles = images_grid(state.results, column, runs_root())
    if grid is not None:
        st.subheader("What they learn from", anchor=False)
        show_image_grid("accuracy_images", grid)
    for trouble in troubles:
        st.caption(plain_text(sentence(trouble)))
