"""Choices of the page Race, all of them in the address: the same choices always give the same race."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from pydantic import ValidationError
from streamlit.delta_generator import DeltaGenerator

from app.data.available import AvailableDataset
from app.tables.form import NumberField, choose_dataset
from dmcore.config.formatting import grouped, sentence
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.experiments.figure4.config import NAMES, Figure4Config
from dmcore.experiments.verdicts import MIN_RUNS

USUAL = Figure4Config()
NUMBERS = (
    NumberField(
        *("race_seeds", "seeds", "Races", 20),
        f"Each from a seed of its own. A verdict needs {MIN_RUNS}.",
    ),
    NumberField(
        *("race_repeats", "repeats", "Networks that test each set", 100),
        "The same for all methods. More of them tell an accuracy better and take longer.",
    ),
    NumberField(
        *("race_epochs", "epochs", "Epochs of each of them", 10**6),
        "Passes over the learned set.",
    ),
    NumberField(
        *("race_width", "width", "Filters of each layer", 1024),
        "Of all networks: those that images are learned with, and those that are tested.",
    ),
    NumberField(
        *("race_real", "real_batch", "Real images per class", 10**4),
        "In an iteration of DM, and in a matching step of DC and DSA.",
    ),
)


@dataclass(frozen=True)
class ChosenRace:
    """Race that the form gives, or why there is none."""

    config: Figure4Config | None
    notes: tuple[str, ...] = ()
    """What to know about the data set, in sentences."""
    missing: str = ""
    """Why there is no race, with what to do."""


def choose_race(row: DeltaGenerator, offered: Mapping[str, AvailableDataset]) -> ChosenRace:
    """Draw the form in `row`; the race that it gives."""
    with row:
        data = choose_dataset("race_data", offered)
        names = st.pills(
            "Methods",
            list(NAMES.values()),
            default=[NAMES[method] for method in USUAL.methods],
            selection_mode="multi",
            key="race_methods",
            bind="query-params",
            help="DM: distribution matching. DC: gradient matching. DSA: the same with augmentation.",
        )
        images = st.selectbox(
            "Images per class",
            list(PUBLISHED_LOOPS),
            index=list(PUBLISHED_LOOPS).index(USUAL.images_per_class),
            key="race_images",
            bind="query-params",
            width=140,
            help="Those for which DC's and DSA's loops are published.",
        )
        seconds = st.number_input(
            "Seconds each",
            min_value=1,
            max_value=10**7,
            value=USUAL.seconds,
            step=60,
            key="race_seconds",
            bind="query-params",
            width=150,
            help="Condensing of each method, on its own clock. Tests come on top.",
        )
        with st.popover("More", key="race_more"):
            chosen = {
                field.name: number
                for field in NUMBERS
                if (number := field.choose(placeholder=grouped(getattr(USUAL, field.name)))) is not None
            }
    values = {
        "dataset": data.facts.name,
        "methods": [method for method, name in NAMES.items() if name in (names or ())],
        "images_per_class": images,
        "seconds": int(seconds),
        **chosen,
    }
    if images > data.most_per_class:
        missing = f"Not every class of {data.label} surely has {images} images: choose fewer."
        return ChosenRace(None, data.notes, missing)
    try:
        return ChosenRace(Figure4Config.model_validate(values), data.notes)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        return ChosenRace(None, data.notes, sentence(message))
