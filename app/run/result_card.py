"""Result card of a run: test accuracy of condensed images, of as many random real ones, and of all real ones.

Every number says how it was obtained: mean ± std, over how many networks, by which protocol.
"""

import streamlit as st

from app.components.html_table import html_table
from app.data.stored_results import evaluation_results, results_at
from app.jobs.run_presets import evaluates_at_once
from app.run.classifier_panel import show_classifier
from app.setup.person import person_hash
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress
from dmcore.runs.results.prediction import prediction_sentence
from dmcore.runs.results.summary import (
    accuracy_table,
    evaluated_elsewhere,
    protocol_sentences,
    training_text,
)


def show_result_card(
    run: RunFolder, iteration: int, progress: EvaluationProgress | None, *, will_be_evaluated: bool = False
) -> None:
    """Draw the table of accuracies with its protocol; a progress bar while networks are trained."""
    results = results_at(run, iteration)
    testing = progress is not None and progress.fraction < 1
    prediction = prediction_sentence(run, results, person_hash(), pending=testing or will_be_evaluated)
    elsewhere = evaluated_elsewhere(evaluation_results(run), results)
    if not results and progress is None:
        if prediction:
            st.markdown(prediction)
        if elsewhere:
            st.caption(f"**How good are they?** {elsewhere}")
        elif will_be_evaluated:
            st.caption(
                "**How good are they?** At the end networks are trained on these images alone, tested on "
                "real images nobody trained on, and compared with as many random real images."
            )
        return
    with st.container(border=True, key="result_card"):
        st.markdown("**How good are they?** Test accuracy of networks trained on these images alone")
        if progress is not None and testing:
            text = f"Now on {training_text(run, progress)}"
            st.progress(progress.epoch / progress.epochs, text=text)
        if prediction:
            st.markdown(f"**{prediction}**")
        st.html(html_table(*accuracy_table(run, results, progress)))
        if elsewhere:
            st.caption(elsewhere)
        for sentence in protocol_sentences(run, results, testing):
            st.caption(sentence)
    evaluated = any(result.kind == "condensed" for result in results)
    if evaluated and (progress is None or progress.fraction >= 1):
        show_classifier(run, iteration, at_once=run.config is not None and evaluates_at_once(run.config))
