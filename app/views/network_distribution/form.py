"""Form of the page Random or trained?: widgets for its choices, all bound to the address."""

from collections.abc import Mapping

import streamlit as st
from pydantic import ValidationError
from streamlit.delta_generator import DeltaGenerator

from app.data.available import AvailableDataset
from app.data.folders import cache_root
from app.data.recorded import shown_entries
from app.tables.form import (
    ChosenTable,
    NumberField,
    SizesField,
    choose_dataset,
    choose_preset,
    choose_sizes,
)
from dmcore.config.formatting import grouped, sentence
from dmcore.config.network_source import FORMS, parse_source
from dmcore.embedding.pool_index import find_index
from dmcore.experiments.table4 import Table4Config

PER_CLASS = SizesField("per_class", "Images per class: the columns", (1, 2, 5, 10, 20, 50))
SOURCES = "sources"
NUMBERS = (
    NumberField(
        *("table4_seeds", "seeds", "Independent sets of each source", 20),
        "Each from a seed of its own, all sources from the same seeds. A verdict needs 3.",
    ),
    NumberField(
        *("table4_repeats", "repeats", "Networks trained on each set", 100),
        "Repeats of one set: they tell its accuracy better, and nothing about another set.",
    ),
    NumberField(
        *("table4_iterations", "iterations", "Iterations of each condensation", 10**6),
        "The same for every source.",
    ),
    NumberField(
        *("table4_epochs", "epochs", "Epochs of each test network", 10**6),
        "Passes over the learned set.",
    ),
    NumberField(
        *("table4_width", "width", "Filters of each layer", 1024),
        "Of all networks: those of the pool, the embedding ones, and those that are tested.",
    ),
    NumberField(
        *("table4_pool_networks", "pool_networks", "Networks of the pool", 1000),
        "Each trained from another random start. More of them fill bands better.",
    ),
    NumberField(
        *("table4_pool_steps", "pool_steps", "Updates of each of them", 10**6),
        "States are saved on the way, evenly in log time, for accuracies rise steeply at first.",
    ),
)


def choose_distribution(
    row: DeltaGenerator, offered: Mapping[str, AvailableDataset]
) -> ChosenTable[Table4Config]:
    """Draw the form, most of it in `row`; the configuration with its rows, and the table that it gives."""
    with row:
        preset = choose_preset(
            "table4_preset",
            "laptop: small networks, few iterations and the quick protocol: minutes. paper: the "
            f"published sizes, and a pool of {Table4Config.usual['paper']['pool_networks']} networks: for a "
            "GPU.",
            (PER_CLASS.key, "table4_protocol", *(field.key for field in NUMBERS)),
        )
        data = choose_dataset("table4_data", offered, _recorded_label(offered))
        sources = st.container(width="stretch", key="table4_sources")
        config = Table4Config(preset=preset, dataset=data.facts.name)
        config = choose_sizes("table4_sizes", config, data.facts, PER_CLASS, NUMBERS, "table4_time")
    request = config.pool_request(data.facts)
    index = find_index(request.dataset, request.config, cache_root())
    with sources:  # drawn after the sizes, which decide the pool that bands are of
        texts = _choose_sources([str(source) for source in config.default_sources(data.facts, index)])
    missing = ""
    requested = config.resolved(data.facts).images_per_class
    too_many = [size for size in requested if size > data.most_per_class]
    if too_many:
        missing = f"Not every class of {data.label} surely has {grouped(too_many[0])} images: choose fewer."
    else:
        try:
            config = config.model_copy(update={"sources": Table4Config(sources=tuple(texts)).sources})
        except ValidationError as error:
            first = error.errors()[0]
            missing = sentence(f"“{first['input']}” names no networks: {first['ctx']['error']}")
    config = config.with_rows(data.facts, index)
    table = None if missing else config.table(data.facts)
    command = config.command_for(data.facts, index)
    return ChosenTable(config, data.facts, table, command, data.notes, missing)


def _recorded_label(offered: Mapping[str, AvailableDataset]) -> str:
    """Label of the first data set with recorded results, which the page opens on; empty without any."""
    tables = [entry.results.table for entry in shown_entries() if entry.results is not None]
    recorded = {table.dataset for table in tables if table.name == Table4Config.name}
    return next((label for label, data in offered.items() if data.facts.name in recorded), "")


def _choose_sources(default: list[str]) -> list[str]:
    """Texts of the chosen rows; none for the default ones."""
    selected = st.session_state.get(SOURCES, st.query_params.get_all(SOURCES))
    return st.multiselect(
        "Embedding networks",
        list(dict.fromkeys([*default, *(selected or ())])),
        placeholder=f"Default: {', '.join(parse_source(each).name for each in default)}",
        accept_new_options=True,
        key=SOURCES,
        bind="query-params",
        help=f"The rows. Choose, or type a source and press Enter: {FORMS}. Bands and all are of the pool.",
    )
