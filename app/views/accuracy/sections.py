"""Sections that only the Accuracy page has: its figure, verdicts on learned images, training curves."""

from collections.abc import Sequence

import streamlit as st

from app.components.html_table import html_table
from app.components.live_figure import show_live_figure
from app.components.page_links import WATCH_PAGE, open_page
from app.components.states import show_empty
from app.tables.form import ChosenTable
from app.tables.live import live_training
from app.tables.state import TableState
from app.tables.texts import VERDICT_MEANING
from app.tables.verdict_table import show_verdicts
from app.text.escaping import plain_text
from dmcore.config.formatting import sentence
from dmcore.experiments.report.comparisons import column_verdicts
from dmcore.experiments.report.notes import identical_set_notes
from dmcore.experiments.report.scores import SCORE_HEADINGS, SCORES_MEANING, scores
from dmcore.experiments.table_config import TableConfig
from dmcore.runs.folder import RunFolder

NO_VERDICT = "No verdict yet: each compares what was learned with one of the other ways."


def show_missing_table(chosen: ChosenTable[TableConfig], runs: Sequence[RunFolder]) -> None:
    """Why the choices give no table, and what to do next."""
    no_images = not chosen.config.has_command and not any(run.snapshots() for run in runs)
    text = plain_text(sentence(chosen.missing))
    if show_empty("accuracy_table", text, "Go to Watch" if no_images else ""):
        open_page(WATCH_PAGE)


def show_column_verdicts(state: TableState, column: str) -> None:
    """Verdict of our method against each other one, a line each."""
    verdicts = column_verdicts(state.results, column)
    show_verdicts(verdicts)
    st.caption(VERDICT_MEANING if verdicts else NO_VERDICT)
    for note in identical_set_notes(state.results, column):
        st.caption(plain_text(note))


def show_training_curves(state: TableState, column: str) -> None:
    """Live figure of the networks' accuracies while they are trained."""
    show_live_figure("accuracy_training", live_training(state, {"column": column}))
    st.caption(
        "While they learn: the first network of each set, tested on a part of the test images; dotted: "
        "the one that is being trained. The axis of passes is logarithmic."
    )


def show_scores(state: TableState, column: str) -> None:
    """Scores of the field for the rows of a column; nothing without random and all real images to compare."""
    found = [each for each in scores(state.results) if each.column == column]
    if not found:
        return
    with st.expander("Scores of the field: IOR, HLR, LRS", key="accuracy_scores"):
        st.html(
            html_table((state.table.row_title, *SCORE_HEADINGS), [(each.row, *each.texts) for each in found])
        )
        st.caption(plain_text(SCORES_MEANING))
