"""Result card of a run: test accuracy of condensed images and of their alternatives, on one number line.

Every number says how it was obtained: mean ± std, over how many networks, by which protocol.
"""

import streamlit as st

from app.components.html_table import html_table
from app.data.method_accuracies import recorded_table1
from app.data.recorded import recorded_entry_of
from app.data.stored_results import evaluation_results, results_at
from app.jobs.run_presets import trains_at_once
from app.run.accuracy_rows import AccuracyRow, interval
from app.run.classifier_panel import show_classifier
from app.run.result_rows import NAMES, result_rows, result_rows_html
from app.setup.person import person_hash
from app.text.escaping import plain_text
from app.text.provenance import provenance_text
from dmcore.config.formatting import capitalised
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress
from dmcore.runs.results.plain_verdict import run_verdict
from dmcore.runs.results.prediction import prediction_sentence
from dmcore.runs.results.summary import (
    accuracy_table,
    evaluated_elsewhere,
    progress_text,
    protocol_sentences,
    start_results,
)

QUESTION = "**How good are they?**"


def show_result_card(
    run: RunFolder, iteration: int, progress: EvaluationProgress | None, *, will_be_evaluated: bool = False
) -> None:
    """Draw the accuracies on a number line, all numbers below; a progress bar while networks are trained."""
    results = results_at(run, iteration)
    testing = progress is not None and progress.fraction < 1
    prediction = prediction_sentence(run, results, person_hash(), pending=testing or will_be_evaluated)
    elsewhere = evaluated_elsewhere(evaluation_results(run), results)
    rows = result_rows(run, iteration, progress)
    unknown = not any(row.accuracy for row in rows) or bool(elsewhere) or will_be_evaluated
    if not results and progress is None and unknown:
        if prediction:
            st.markdown(prediction)
        if elsewhere:
            st.caption(f"{QUESTION} {elsewhere}")
        elif will_be_evaluated:
            st.caption(
                f"{QUESTION} At the end networks are trained on these images alone, tested on "
                "real images nobody trained on, and compared with as many random real images."
            )
        return
    with st.container(border=True, key="result_card"):
        st.markdown(f"{QUESTION} Test accuracy of networks trained on the learned (condensed) images alone")
        if progress is not None and testing:
            text = f"Now on {progress_text(run, progress)}"
            st.progress(progress.epoch / progress.epochs, text=text)
        if prediction:
            st.markdown(f"**{prediction}**")
        st.html(result_rows_html(run, rows))
        if not testing and iteration == run.iteration():
            show_judgement(run)
        sources = plain_text(sources_sentence(run, rows, results))
        st.caption(f"{interval(run.description.data.test_count)} {sources}")
        if elsewhere:
            st.caption(elsewhere)
        if results or testing:
            _show_all_numbers(run, results, progress, testing=testing)
    evaluated = any(result.kind == "condensed" for result in results)
    if evaluated and (progress is None or progress.fraction >= 1):
        show_classifier(run, iteration, at_once=run.config is not None and trains_at_once(run.config))


def show_judgement(run: RunFolder) -> None:
    """The verdict on the run's last images in the words that stand above the stage, without its numbers."""
    verdict = run_verdict(run, evaluation_results(run))
    if verdict is not None:
        st.markdown(plain_text(f"{capitalised(verdict.judgement)}. {verdict.scope}"))


def sources_sentence(run: RunFolder, rows: list[AccuracyRow], results: tuple[StoredResult, ...]) -> str:
    """Where recorded numbers come from; empty where there are none.

    Those of a recorded run are its own evaluations, from its entry, and others are from table 1.
    """
    table = None if run.config is None else recorded_table1(run.config.dataset)
    entry = recorded_entry_of(run)
    own = {result.kind for result in results} if entry is not None else set()
    methods: dict[str, list[str]] = {}
    for row in rows:
        source = entry if row.method in own else table
        if row.accuracy is not None and row.accuracy.recorded and source is not None:
            names = methods.setdefault(provenance_text(source.provenance), [])
            names += [NAMES[row.method]] if NAMES[row.method] not in names else []
        if row.accuracy is not None and row.accuracy.over_draws is not None and table is not None:
            name = f"{NAMES[row.method]}, several draws"
            names = methods.setdefault(provenance_text(table.provenance), [])
            names += [name] if name not in names else []
    if not methods:
        return ""
    if len(methods) == 1:
        return f"Thin lines: recorded elsewhere, at the same settings. {next(iter(methods))}."
    texts = [f"{', '.join(names)}: {text}." for text, names in methods.items()]
    return f"Thin lines: recorded elsewhere, at the same settings. {' '.join(texts)}"


def _show_all_numbers(
    run: RunFolder, results: tuple[StoredResult, ...], progress: EvaluationProgress | None, *, testing: bool
) -> None:
    """Table of the run's own numbers, with the protocol that each was obtained by."""
    with st.expander("All numbers of this run, and how they were measured"):
        starts = start_results(run, evaluation_results(run))
        st.html(html_table(*accuracy_table(run, results, progress, starts)))
        for sentence in protocol_sentences(run, results, testing):
            st.caption(sentence)
