"""Choices of the Architectures page: preset, data set, rows, columns, norm, sizes; all bound to the address.

Each preset has choices of its own, because its sizes are its own; the same choices always give the same
table.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import streamlit as st

from app.components.states import show_empty
from app.data.available import available_datasets, known_facts, missing_data_note, read_facts
from app.setup.own_folder import allow_reading, show_reading_permission
from app.tables.cost import settle_time_choice, show_time_choice
from app.tables.form import ChosenTable, NumberField, choose_preset, choose_title
from app.text.escaping import plain_text
from dmcore.config.formatting import counted, grouped, sentence
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.presets import DataFacts, PresetName, preset
from dmcore.experiments.table3 import LEARNER_NAMES, NAMES, NORM_NAMES, Table3Config
from dmcore.experiments.table_config import PROTOCOL
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

USUAL_DATA = "digits"
"""Not `DEFAULT_DATASET`: VGG and ResNet at its 28×28 pixels are slow on a laptop."""
PLACEHOLDER_DATA = DataFacts(USUAL_DATA, "", (1, 8, 8), 1)
"""Data set for which the choices are drawn while none is known."""
MAX_ITERATIONS = 10**6
Name = TypeVar("Name", bound=str)
NUMBER_WIDTH = 98
"""CSS pixels."""


def choose_architectures(runs_root: Path) -> ChosenTable[Table3Config] | None:
    """Draw the choices; None after a sentence on what is missing."""
    settle_time_choice("table3_time")
    name = choose_preset(
        "table3_preset",
        "A laptop's: small networks, few iterations, short tests, some minutes on two cores. The "
        "paper's: 20\u202f000 iterations, 5 sets of each row, 20 networks of 1\u202f000 epochs in each cell, "
        "for a GPU.",
    )
    data = _choose_data(list_runs(runs_root))
    if name == "paper" and (note := missing_data_note(Table3Config.usual_dataset[name])):
        st.caption(note)
    config = Table3Config(preset=name).resolved(data or PLACEHOLDER_DATA)
    changes = {
        "learners": _networks("Rows: learned on", f"{name}_rows", LEARNER_NAMES, config.learners),
        "testers": _networks("Columns: tested on", f"{name}_columns", NAMES, config.testers),
        "norm": st.selectbox(
            "Normalisation of all networks",
            list(NORM_NAMES),
            index=list(NORM_NAMES).index(config.norm or "own"),
            format_func=NORM_NAMES.__getitem__,
            key=f"{name}_norm",
            bind="query-params",
            help="Each its own: ConvNet, VGG and ResNet instance norm, AlexNet none. The paper's table has "
            "batch norm everywhere. MLP and LeNet have none.",
        ),
        **_choose_sizes(name, config),
    }
    if data is None:
        return None
    if not changes["learners"] or not changes["testers"]:
        show_empty("architectures_networks", "Choose at least one row and one column.")
        return None
    config = config.model_copy(update=changes).left_open(data)
    try:
        table = config.table(data)
    except ValueError as refusal:
        st.warning(plain_text(sentence(str(refusal))))
        return None
    widgets = {"seeds": "sets", "repeats": "networks", "iterations": "iterations", "epochs": "epochs"}
    show_time_choice("table3_time", config, data, {field: f"{name}_{key}" for field, key in widgets.items()})
    sets = len({cell.recipe.group_key for cell in table.cells})
    networks = sum(cell.repeats for cell in table.cells)
    st.caption(
        f"That is {counted(sets, 'condensation')} and {grouped(networks)} networks of "
        f"{grouped(table.protocol.epochs)} epochs{' without augmentation' * (table.protocol.augment == ())}."
    )
    return ChosenTable(config, data, table, config.command_line)


def _choose_sizes(name: PresetName, usual: Table3Config) -> dict[str, object]:
    """Draw the numbers of a preset, which have keys of its own."""
    sizes = NumberField(
        *(f"{name}_images", "images_per_class", "Per class", 1000),
        "Images of each class in a learned set.",
    )
    seeds = NumberField(
        *(f"{name}_sets", "seeds", "Sets per row", 20),
        "Independent sets of images of each row, from seeds 0, 1, …: each is a condensation of its own.",
    )
    repeats = NumberField(
        *(f"{name}_networks", "repeats", "Networks", 100),
        "Fresh networks trained on each set in each cell: repeats of one set.",
    )
    left_open = (
        NumberField(
            *(f"{name}_iterations", "iterations", "Iterations of each condensation", MAX_ITERATIONS),
            "Left open, those of the preset.",
        ),
        NumberField(
            *(f"{name}_epochs", "epochs", "Epochs of each test network", MAX_ITERATIONS),
            f"Left open, those of the preset: {grouped(preset(name, PLACEHOLDER_DATA).protocol.epochs)}.",
        ),
    )
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        size = sizes.choose(usual.images_per_class[0], width=NUMBER_WIDTH)
        changes: dict[str, object] = {
            "images_per_class": () if size is None else (size,),
            "seeds": seeds.choose(usual.seeds, width=NUMBER_WIDTH),
            "repeats": repeats.choose(usual.repeats, width=NUMBER_WIDTH),
        }
    with st.expander("More sizes", key="architectures_more"):
        changes["protocol"] = choose_title(f"{name}_protocol", PROTOCOL)
        return changes | {field.name: field.choose(placeholder="the preset's") for field in left_open}


def _choose_data(runs: Sequence[RunFolder]) -> DataFacts | None:
    """Data set field; None after a sentence on what is wrong with it."""
    key = "table3_data"
    if key not in st.session_state and key not in st.query_params:
        st.session_state[key] = USUAL_DATA
    current = st.session_state.get(key, st.query_params.get(key))
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
        show_empty("architectures_data", "Choose a data set, or type the path of an image folder or a zip.")
        return None
    if name not in (*names, *CATALOGUE) and not show_reading_permission(name):
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


def _networks(label: str, key: str, names: Mapping[Name, str], usual: Sequence[Name]) -> tuple[Name, ...]:
    chosen = st.pills(
        label,
        list(names),
        selection_mode="multi",
        default=list(usual),
        format_func=names.__getitem__,
        wrap=True,
        key=key,
        bind="query-params",
        help="MLP and LeNet are for testing only: they have no features to match in."
        if "lenet" in names
        else "Each learns sets of images of its own, by DM: a condensation for each. By DSA only a ConvNet "
        "does, as in the paper; it takes longer.",
    )
    return tuple(network for network in names if network in chosen)
