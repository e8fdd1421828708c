"""Predict, then reveal: a guess before the start, kept with the run and held against its results.

Must not import torch.
"""

from collections.abc import Sequence

import streamlit as st

from app.data.facts import dataset_entry
from app.jobs.run_presets import evaluates_at_once
from dmcore.config import CondenseConfig
from dmcore.config.formatting import accuracy_text, grouped
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.prediction import AccuracyPrediction, read_prediction


def show_prediction_switch() -> None:
    """The switch that asks for a guess before the start."""
    st.toggle(
        "AccuracyPrediction first",
        key="guess_first",
        bind="query-params",
        help="Guess how much a network learns from these few images; the result is held against it.",
    )


def show_prediction_slider(config: CondenseConfig) -> None:
    """Ask for the guess, where the switch is on."""
    if st.session_state["guess_first"]:
        st.slider(
            f"{question(config)} … %",
            min_value=0,
            max_value=100,
            value=50,
            key="guess",
            persist_state="session",
            help="Percent of real test images that it names rightly. Kept with the run, and held against it.",
        )


def requested_prediction() -> float | None:
    """The guess in percent of whoever presses Start; None where the switch is off."""
    state = st.session_state
    return float(state["guess"]) if state.get("guess_first") and "guess" in state else None


def prediction_question(config: CondenseConfig) -> str:
    """What is to be guessed: 'A network that sees only these 10 images will score'."""
    counts = sorted({one.images_per_class for one in config.all_sets()})
    entry = dataset_entry(config.dataset)
    images = "these images" if entry is None else f"these {grouped(counts[0] * entry.classes)} images"
    which = f" ({counts[0]} per class)" if len(counts) > 1 else ""
    return f"A network that sees only {images}{which} will score"


def prediction_sentence(run: RunFolder, results: Sequence[StoredResult]) -> str | None:
    """The guess beside what came out, as soon as all networks are tested; None where nobody guessed."""
    guess = read_prediction(run)
    if guess is None:
        return None
    told = []
    for one in run.sets:
        if one.images_per_class != guess.images_per_class:
            continue
        found = next((each for each in results if each.kind == "condensed" and each.set == one.name), None)
        if found is None or found.n < found.protocol.repeats:
            unasked = run.config is None or evaluates_at_once(run.config)
            return f"Your guess: {guess.accuracy:.0f} %." + (
                "" if unasked else " “Judge” answers it at the end."
            )
        which = f"{lane_title(run, one)} " if len(run.sets) > 1 else ""
        told.append(
            f"{which}it is {accuracy_text(found.mean, found.std, found.n)}, {_beside(found.mean, guess)}"
        )
    return f"You guessed {guess.accuracy:.0f} %: {'; '.join(told)}."


def _beside(mean: float, guess: AccuracyPrediction) -> str:
    points = round(mean) - round(guess.accuracy)
    if not points:
        return "as you guessed"
    return f"{abs(points)} point{'' if abs(points) == 1 else 's'} {'above' if points > 0 else 'below'}"
