"""Confusion of one cell of a table, on demand: accuracy of each class and the confusion matrix."""

import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.components.states import show_empty
from app.data.folders import cache_root
from app.jobs.manager import JobManager
from app.tables.state import TableState, table_id
from app.text.escaping import plain_text
from app.views.accuracy.confusion_plot import class_figure, confusion_figure
from dmcore.config.formatting import counted
from dmcore.experiments.confusion import cell_confusion
from dmcore.experiments.report.entries import entry_of

HEIGHT, FOR_CLASS, AROUND = 430, 26, 90
"""CSS pixels."""


def show_confusion(manager: JobManager, state: TableState, column: str) -> None:
    """Expander with bars and confusion matrix, of what ran here; files are read only while it is open."""
    if state.is_recorded:  # the networks' files do not come with the program
        return
    rows = [row for row in state.table.compared_rows if entry_of(state.results, row, column) is not None]
    if not rows:
        return
    expander = st.expander(
        "Which classes are confused", key="confusion", on_change="rerun", bind="query-params"
    )
    if not expander.open:
        return
    with expander:
        reference = state.table.learned_row
        row = st.selectbox(
            f"Trained on ({column})",
            rows,
            index=rows.index(reference) if reference in rows else 0,
            key="accuracy_confusion_row",
            help="Summed over all networks that were trained on its sets.",
        )
        confusion = cell_confusion(state.results, row, column, manager.runs_root, cache_root())
        if confusion is None:
            show_empty(
                "accuracy_confusion",
                "The files of these networks are not in the cache any more: run the table again.",
            )
            return
        answers = counted(int(confusion.counts.sum()), "answer")
        st.markdown(
            plain_text(f"{confusion.sentence} From {answers} of {counted(confusion.networks, 'network')}.")
        )
        if confusion.missing:
            st.caption(
                f"Left out: {counted(confusion.missing, 'network')} whose file is gone from the cache."
            )
        summary = confusion.sentence
        revision, view = confusion.networks, f"{table_id(state.table)}/{row}/{column}"
        with st.container(key="accuracy_confusion_columns"):
            left, right = st.columns([2, 3], gap="medium")
        height = max(HEIGHT, AROUND + FOR_CLASS * min(20, len(confusion.names)))
        with left:
            bars = class_figure(confusion)
            show_live_figure(
                "accuracy_confusion_bars",
                LiveFigure(bars, revision, f"By class. {summary}", height, view=view),
            )
        with right:
            matrix = confusion_figure(confusion)
            show_live_figure(
                "accuracy_confusion_matrix", LiveFigure(matrix, revision, summary, height, view=view)
            )
