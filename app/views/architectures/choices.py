"""Choices of the Architectures page: preset, data set, rows, columns, norm, sizes; all bound to the address.

Each preset has choices of its own, because its sizes are its own; the same choices always give the same
table.
"""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import streamlit as st

from app.data.available import available_datasets, known_facts, read_facts
from app.data.facts import dataset_entry
from app.setup.own_folder import allow_reading, show_reading_permission
from app.text.escaping import plain_text
from dmcore.config import NetworkName, Norm
from dmcore.config.formatting import grouped, sentence
from dmcore.experiments.presets import PRESETS, DataFacts, PresetName, override_preset, preset
from dmcore.experiments.table import Table
from dmcore.experiments.table3 import (
    LAPTOP_LEARNERS,
    LAPTOP_TESTERS,
    LEARNERS,
    NAMES,
    PAPER,
    SIZES,
    table3,
)
from dmcore.runs.runs_root import list_runs

NormChoice = Norm | Literal["own"]
NORMS: tuple[NormChoice, ...] = ("own", *get_args(Norm))
NORM_NAMES = {"own": "each its own", "none": "none"}
USUAL_DATA = "digits"
PLACEHOLDER_DATA = DataFacts(USUAL_DATA, "", (1, 8, 8), 1)
"""Data set for which the choices are drawn while none is known."""
MAX_REPEATS, MAX_SEEDS, MAX_ITERATIONS = 100, 20, 10**6


@dataclass(frozen=True)
class ArchitectureChoices:
    """Choices of the page, with their table and its command line."""

    data: DataFacts
    preset: PresetName = "laptop"
    images_per_class: int = 10
    learners: tuple[NetworkName, ...] = LAPTOP_LEARNERS
    testers: tuple[NetworkName, ...] = LAPTOP_TESTERS
    norm: NormChoice = "own"
    repeats: int = 2
    seeds: int = 1
    iterations: int | None = None
    """Of each condensation; None: the preset's."""
    epochs: int | None = None
    """Of each test network; None: the preset's."""

    @property
    def table(self) -> Table:
        """Table of these choices: the one that `command` runs."""
        usual = usual_choices(self.preset, self.data)
        chosen_preset = override_preset(
            preset(self.preset, self.data),
            seeds=None if self.seeds == usual.seeds else self.seeds,
            repeats=None if self.repeats == usual.repeats else self.repeats,
            iterations=self.iterations,
            epochs=self.epochs,
        )
        return table3(self.data, chosen_preset, self.learners, self.testers, self.norm, self.images_per_class)

    @property
    def command(self) -> str:
        """Command that runs the same table in a terminal; what is the preset's is left out."""
        usual = usual_choices(self.preset, self.data)
        words = ["dmcore", "experiment", "table3", "--preset", self.preset, "--dataset", self.data.name]
        for name in FLAGS:
            value = getattr(self, name)
            if value != getattr(usual, name):
                text = ",".join(value) if isinstance(value, tuple) else str(value)
                words += [f"--{name.replace('_', '-')}", text]
        return shlex.join(words)


FLAGS = ("images_per_class", "learners", "testers", "norm", "seeds", "repeats", "iterations", "epochs")


def usual_choices(name: PresetName, data: DataFacts) -> ArchitectureChoices:
    """Choices that a preset stands for."""
    chosen_preset, paper = preset(name, data), name == "paper"
    return ArchitectureChoices(
        data,
        name,
        SIZES[name],
        PAPER if paper else LAPTOP_LEARNERS,
        PAPER if paper else LAPTOP_TESTERS,
        "batch" if paper else "own",
        chosen_preset.repeats,
        len(chosen_preset.seeds) if paper else 1,
    )


def choose_architectures(runs_root: Path) -> ArchitectureChoices | None:
    """Draw the choices; None after a sentence on what is missing."""
    name = st.segmented_control(
        "Preset",
        PRESETS,
        default="laptop",
        required=True,
        key="table3_preset",
        bind="query-params",
        help="A laptop's: small networks, few iterations, short tests, some minutes on two cores. The "
        "paper's: 20\u202f000 iterations, 5 sets of each row, 20 networks of 1\u202f000 epochs in each cell, "
        "for a GPU.",
    )
    data = _choose_data(runs_root)
    usual = usual_choices(name, data or PLACEHOLDER_DATA)
    learners = _networks("Rows: learned on", f"{name}_rows", LEARNERS, usual.learners)
    testers = _networks("Columns: tested on", f"{name}_columns", tuple(NAMES), usual.testers)
    norm = st.selectbox(
        "Normalisation of all networks",
        NORMS,
        index=NORMS.index(usual.norm),
        format_func=lambda norm: NORM_NAMES.get(norm, f"{norm} norm"),
        key=f"{name}_norm",
        bind="query-params",
        help="Each its own: ConvNet, VGG and ResNet instance norm, AlexNet none. The paper's table has batch "
        "norm everywhere. MLP and LeNet have none.",
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        size = _number(
            "Per class",
            f"{name}_images",
            1,
            1000,
            usual.images_per_class,
            "Images of each class in a learned set.",
        )
        seeds = _number(
            "Sets per row",
            f"{name}_sets",
            1,
            MAX_SEEDS,
            usual.seeds,
            "Independent sets of images of each row, from seeds 0, 1, …: each is a condensation of its own.",
        )
        repeats = _number(
            "Networks",
            f"{name}_networks",
            1,
            MAX_REPEATS,
            usual.repeats,
            "Fresh networks trained on each set in each cell: repeats of one set.",
        )
    with st.expander("More sizes", key="architectures_more"):
        iterations = _optional_number(
            "Iterations of each condensation", f"{name}_iterations", "Left open, those of the preset."
        )
        epochs = _optional_number(
            "Epochs of each test network",
            f"{name}_epochs",
            f"Left open, those of the preset: {grouped(preset(name, PLACEHOLDER_DATA).protocol.epochs)}.",
        )
    if data is None:
        return None
    if not learners or not testers:
        st.info("Choose at least one row and one column.")
        return None
    chosen = ArchitectureChoices(
        data, name, size, learners, testers, norm, repeats, seeds, iterations, epochs
    )
    try:
        table = chosen.table
    except ValueError as refusal:
        st.warning(plain_text(sentence(str(refusal))))
        return None
    sets = len(learners) * seeds
    networks = sum(cell.repeats for cell in table.cells)
    st.caption(
        f"That is {grouped(sets)} {'condensation' if sets == 1 else 'condensations'} and "
        f"{grouped(networks)} networks of {grouped(table.protocol.epochs)} epochs."
    )
    return chosen


def _choose_data(runs_root: Path) -> DataFacts | None:
    """Data set field; None after a sentence on what is wrong with it."""
    key = "table3_data"
    if key not in st.session_state and key not in st.query_params:
        st.session_state[key] = USUAL_DATA
    current = st.session_state.get(key, st.query_params.get(key))
    runs = list_runs(runs_root)
    names = [data.facts.name for data in available_datasets(runs).values() if data.can_be_opened()]
    name = st.selectbox(
        "Data set",
        list(dict.fromkeys([*names, *([current] if current else [])])),
        index=None,
        placeholder="Choose, or type a path",
        accept_new_options=True,
        key=key,
        bind="query-params",
        on_change=lambda: allow_reading(st.session_state[key]),
        help="One that is on this machine, one that a run was made from, or the path of an image folder or a "
        "zip of one: type it.",
    )
    if not name:
        st.info("Choose a data set, or type the path of an image folder or a zip of one.")
        return None
    if name not in names and dataset_entry(name) is None and not show_reading_permission(name):
        return None
    try:
        facts = known_facts(name, runs)
        if facts is None:
            with st.spinner("Reading the images …"):
                facts = read_facts(name)
    except ValueError as error:
        st.warning(plain_text(sentence(str(error))))
        return None
    _, height, width = facts.shape
    st.caption(
        plain_text(f"{facts.title}: {grouped(facts.train_count)} training images of {height}×{width}.")
    )
    return facts


def _networks(
    label: str, key: str, options: Sequence[NetworkName], usual: Sequence[NetworkName]
) -> tuple[NetworkName, ...]:
    chosen = st.pills(
        label,
        options,
        selection_mode="multi",
        default=list(usual),
        format_func=lambda network: NAMES[network],
        wrap=True,
        key=key,
        bind="query-params",
        help="MLP and LeNet are for testing only: they have no features to match in."
        if "lenet" in options
        else "Each learns sets of images of its own: a condensation for each.",
    )
    return tuple(network for network in options if network in chosen)


def _number(label: str, key: str, low: int, high: int, usual: int, help_: str) -> int:
    number = st.number_input(
        label,
        min_value=low,
        max_value=high,
        value=usual,
        key=key,
        bind="query-params",
        help=help_,
        width=98,
    )
    return int(number)


def _optional_number(label: str, key: str, help_: str) -> int | None:
    number = st.number_input(
        label,
        min_value=1,
        max_value=MAX_ITERATIONS,
        value=None,
        placeholder="the preset's",
        key=key,
        bind="query-params",
        help=help_,
    )
    return None if number is None else int(number)
