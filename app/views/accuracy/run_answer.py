"""What is known of a run before its comparison is run: its own test, and the recorded table beside it.

The comparison takes independent sets and minutes; a run that was tested at its end can be told of at once.
"""

from collections.abc import Sequence

import streamlit as st

from app.data.method_accuracies import recorded_accuracies, recorded_table1
from app.data.recorded import recorded_hidden
from app.data.stored_results import evaluation_results, results_at
from app.jobs.manager import JobManager
from app.run.accuracy_rows import AccuracyRow, accuracy_rows, interval
from app.run.controls import show_evaluate_buttons
from app.run.result_card import sources_sentence
from app.run.result_rows import NAMES, result_rows, result_rows_html
from app.run.run_view import latest_view
from app.tables.state import TableState
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from dmcore.config.formatting import counted
from dmcore.experiments.own_table import OwnTableConfig
from dmcore.experiments.report.notes import table_size_text
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import run_verdict

UNTESTED = "Its images were not tested yet."


def show_run_answer(manager: JobManager, config: OwnTableConfig, runs: Sequence[RunFolder]) -> None:
    """Draw the answer of the run that all compared sets are of; nothing where there are several runs."""
    ids = {compared.run for compared in config.sets}
    run = next((run for run in runs if {run.id} == ids), None)
    if run is None:
        return
    at_work = manager.job_of_run(run.id) is not None

    def answer() -> None:
        if at_work and manager.job_of_run(run.id) is None:
            st.rerun()  # with what is left to do
        _show_run(manager, run)

    st.fragment(run_every=1.0 if at_work else None)(answer)()
    if not at_work:
        show_evaluate_buttons(manager, run)


def comparison_offer(state: TableState) -> str:
    """What the comparison of own sets adds to the test of the run, as Markdown."""
    return (
        "**Surer**: more networks, other ways to choose real images, and a verdict. **Run this table**, "
        f"{table_size_text(state.table)}: its numbers arrive one by one."
    )


def _show_run(manager: JobManager, run: RunFolder) -> None:
    """Verdict, rows of the run's own test, and those that were recorded on its data."""
    view = latest_view(manager, run)
    verdict = run_verdict(run, evaluation_results(run))
    sentence = UNTESTED if verdict is None else f"{verdict.sentence} {verdict.scope} {verdict.advice}".strip()
    st.markdown(f"**{plain_text(run.description.title or run.id)}**: {plain_text(sentence)}")
    rows = result_rows(run, view.iteration, view.evaluation)
    size = min((described.images_per_class for described in run.sets), default=0)
    recorded = [] if recorded_hidden() else _recorded_rows(run, size)
    st.html(result_rows_html(run, rows))
    sources = plain_text(sources_sentence(run, rows, results_at(run, view.iteration)))
    st.caption(f"{interval(run.description.data.test_count)} {sources}")
    if recorded and (table := recorded_table1(run.description.data.name)) is not None:
        source = plain_text(provenance_text(table.provenance))
        st.markdown(f"**Recorded**, {counted(size, 'image')} per class, at the settings of Table 1")
        st.html(accuracy_rows(recorded, revealed=True, card=True))
        st.caption(f"{source}. {plain_text(draws_text(rows, recorded))}".strip())


def draws_text(rows: Sequence[AccuracyRow], recorded: Sequence[AccuracyRow]) -> str:
    """Why two numbers for random real images differ, in a sentence; empty where there is only one."""
    own, table = (
        next((row.accuracy for row in each if row.method == "random_real" and row.accuracy), None)
        for each in (rows, recorded)
    )
    if own is None or table is None or own.recorded:
        return ""
    return (
        f"Two numbers for random real images: {own.text} is of this run's own draws ({own.counts_text}), "
        f"{table.text} of those of the table ({table.counts_text}). Which images are drawn makes the "
        "difference."
    )


def _recorded_rows(run: RunFolder, size: int) -> list[AccuracyRow]:
    known = recorded_accuracies(run.description.data.name, size)
    return [AccuracyRow(method, NAMES[method], "", accuracy) for method, accuracy in known.items()]
