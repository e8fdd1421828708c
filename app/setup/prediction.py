"""Prediction of the accuracy before a run starts; it is stored with the run and compared with its results."""

import streamlit as st

from app.data.folders import dataset_entry
from dmcore.config import MethodConfig
from dmcore.config.formatting import grouped

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


def show_prediction_slider(config: MethodConfig) -> None:
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


def prediction_question(config: MethodConfig) -> str:
    """Label of the slider: 'A network that sees only these 10 images will score'."""
    counts = sorted({spec.images_per_class for spec in config.all_sets()})
    entry = dataset_entry(config.dataset)
    images = "these images" if entry is None else f"these {grouped(counts[0] * entry.classes)} images"
    which = f" ({counts[0]} per class)" if len(counts) > 1 else ""
    return f"A network that sees only {images}{which} will score"
