"""Prediction of the accuracy before a run starts: stored with the run and compared with its results."""

from collections.abc import Sequence

import streamlit as st

from app.data.facts import dataset_entry
from app.setup.person import person_hash
from app.text.set_labels import set_title
from dmcore.config import CondenseConfig
from dmcore.config.formatting import accuracy_text, grouped
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.prediction import AccuracyPrediction, read_prediction

PERCENT = "form_prediction"
"""Key of the slider."""


def show_prediction_switch() -> None:
    """Draw the switch that asks for a prediction before the start."""
    st.toggle(
        "Predict first",
        key="guess_first",
        bind="query-params",
        help="Predict how much a network learns from these few images; the result is compared with it.",
    )


def show_prediction_slider(config: CondenseConfig) -> None:
    """Ask for the prediction, where the switch is on."""
    if st.session_state["guess_first"]:
        st.slider(
            f"{prediction_question(config)} … %",
            min_value=0,
            max_value=100,
            value=50,
            key=PERCENT,
            persist_state="session",
            help="Percent of real test images that it classifies correctly. Stored with the run, and "
            "compared with its result.",
        )


def requested_prediction() -> float | None:
    """Prediction in percent that the next run is started with; None where the switch is off."""
    state = st.session_state
    return float(state[PERCENT]) if state.get("guess_first") and PERCENT in state else None


def prediction_question(config: CondenseConfig) -> str:
    """Label of the slider: 'A network that sees only these 10 images will score'."""
    counts = sorted({spec.images_per_class for spec in config.all_sets()})
    entry = dataset_entry(config.dataset)
    images = "these images" if entry is None else f"these {grouped(counts[0] * entry.classes)} images"
    which = f" ({counts[0]} per class)" if len(counts) > 1 else ""
    return f"A network that sees only {images}{which} will score"


def prediction_sentence(
    run: RunFolder, results: Sequence[StoredResult], *, pending: bool = False
) -> str | None:
    """Compare the prediction with the results; who did not make it reads nothing before there are any.

    Args:
        run: the run.
        results: its results on screen.
        pending: whether more results come by themselves: until then nothing is compared.

    Returns:
        A sentence or two; None without a prediction, or without anything to say to this person.
    """
    prediction = read_prediction(run)
    if prediction is None:
        return None
    own = bool(prediction.person) and prediction.person == person_hash()
    sets = [each for each in run.sets if each.images_per_class == prediction.images_per_class]
    tested = {result.set: result for result in results if result.kind == "condensed"}
    measured = [(each, tested[each.name]) for each in sets if each.name in tested]
    if pending or not measured:
        later = "" if pending else " “Evaluate” shows the result."
        return f"Your prediction: {prediction.accuracy:.0f} %.{later}" if own else None
    comparisons = []
    for each, result in measured:
        which = f"{set_title(run, each)} " if len(run.sets) > 1 else ""
        accuracy = accuracy_text(result.mean, result.std, result.n)
        comparisons.append(f"{which}it is {accuracy}, {_distance_text(result.mean, prediction)}")
    who = "You predicted" if own else "The prediction before the start was"
    rests = _rests_on([result for _, result in measured], len(sets))
    return f"{who} {prediction.accuracy:.0f} %: {'; '.join(comparisons)}.{rests}"


def _rests_on(results: Sequence[StoredResult], sets: int) -> str:
    """Sentence on what is missing of a stopped evaluation; empty where nothing is."""
    tested, wanted = sum(result.n for result in results), sets * results[0].protocol.repeats
    return (
        f" This rests on {tested} of {wanted} networks: the evaluation was stopped."
        if tested < wanted
        else ""
    )


def _distance_text(mean: float, prediction: AccuracyPrediction) -> str:
    points = round(mean) - round(prediction.accuracy)
    if not points:
        return "as predicted"
    return f"{abs(points)} point{'' if abs(points) == 1 else 's'} {'above' if points > 0 else 'below'}"
