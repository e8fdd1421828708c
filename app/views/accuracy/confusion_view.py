"""On demand: accuracy of each class and the confusion matrix of one cell of a table.

Must not import torch.
"""

import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.data.folders import cache_root
from app.jobs.manager import JobManager
from app.tables.points import compared_rows, reference_row
from app.tables.state import TableState, table_id
from app.text.escaping import plain_text
from app.views.accuracy.confusion_plot import class_figure, confusion_figure, confusion_sentence
from app.views.accuracy.confusions import confusion_of
from dmcore.config.formatting import counted
from dmcore.experiments.results import entry_of

HEIGHT, FOR_CLASS, AROUND = 430, 26, 90
"""CSS pixels."""


def show_confusion(manager: JobManager, state: TableState, column: str) -> None:
    """A fold that is read and drawn only while it is open."""
    rows = [row for row in compared_rows(state.table) if entry_of(state.results, row, column) is not None]
    if not rows:
        return
    fold = st.expander("Which classes are confused", key="confusion", on_change="rerun", bind="query-params")
    if not fold.open:
        return
    with fold:
        ours = reference_row(state.table)
        row = st.selectbox(
            f"Trained on ({column})",
            rows,
            index=rows.index(ours) if ours in rows else 0,
            key="confusion_row",
            help="Summed over all networks that were trained on its sets.",
        )
        found = confusion_of(state.results, row, column, manager.runs_root, cache_root())
        if found is None:
            st.info("The files of these networks are not in the cache any more: fill the table again.")
            return
        answers = counted(int(found.counts.sum()), "answer")
        st.markdown(
            plain_text(
                f"{confusion_sentence(found.counts, found.names)} From {answers} of "
                f"{counted(found.networks, 'network')}."
            )
        )
        if found.lacking:
            st.caption(f"Left out: {counted(found.lacking, 'network')} whose file is gone from the cache.")
        said = confusion_sentence(found.counts, found.names)
        revision, view = found.networks, f"{table_id(state.table)}/{row}/{column}"
        with st.container(key="confusion_row_of_two"):
            left, right = st.columns([2, 3], gap="medium")
        height = max(HEIGHT, AROUND + FOR_CLASS * min(20, len(found.names)))
        with left:
            bars = class_figure(found.counts, found.names)
            show_live_figure("confusion_bars", LiveFigure(bars, revision, f"By class. {said}", height, view))
        with right:
            matrix = confusion_figure(found.counts, found.names)
            show_live_figure("confusion_matrix", LiveFigure(matrix, revision, said, height, view))
