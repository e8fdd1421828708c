"""Form of the page Random or trained?: widgets for its choices, all bound to the address."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.data.available import AvailableDataset
from app.data.folders import cache_root
from app.jobs.pool_request import PoolRequest
from app.tables.form import (
    NumberField,
    choose_dataset,
    choose_images_per_class,
    choose_numbers,
    choose_preset,
    not_on_disk_note,
)
from app.views.network_distribution.choices import parse_sources, pool_request, table_command, with_rows
from dmcore.config.formatting import grouped, sentence
from dmcore.config.network_source import FORMS
from dmcore.embedding.pool_index import PoolIndex, find_index
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.table import Table
from dmcore.experiments.table4 import Table4Config

PER_CLASS = (1, 2, 5, 10, 20, 50)
SOURCES = "sources"
NUMBERS = (
    NumberField(
        *("seeds", "table4_seeds", "Independent sets of each source", 20),
        "Each from a seed of its own, all sources from the same seeds. A verdict needs 3.",
    ),
    NumberField(
        *("repeats", "table4_repeats", "Networks trained on each set", 100),
        "Repeats of one set: they tell its accuracy better, and nothing about another set.",
    ),
    NumberField(
        *("iterations", "table4_iterations", "Iterations of each condensation", 10**6),
        "The same for every source.",
    ),
    NumberField(
        *("epochs", "table4_epochs", "Epochs of each test network", 10**6),
        "Passes over the learned set.",
    ),
    NumberField(
        *("width", "table4_width", "Filters of each layer", 1024),
        "Of all networks: those of the pool, the embedding ones, and those that are tested.",
    ),
    NumberField(
        *("pool_networks", "table4_pool_networks", "Networks of the pool", 1000),
        "Each trained from another random start. More of them fill bands better.",
    ),
    NumberField(
        *("pool_steps", "table4_pool_steps", "Updates of each of them", 10**6),
        "States are saved on the way, evenly in log time, for accuracies rise steeply at first.",
    ),
)


@dataclass(frozen=True)
class DistributionForm:
    """Result of the form: configuration with its rows, pool index, and why there is no table, if so."""

    config: Table4Config
    data: DataFacts
    index: PoolIndex | None
    """Index of the pool; None where no network of it is finished."""
    refusal: str = ""
    """Why there is no table, in a sentence."""

    @property
    def table(self) -> Table | None:
        """Table of the choices; None where they are refused."""
        return None if self.refusal else self.config.table(self.data)

    @property
    def command(self) -> str:
        """Command line that runs the same table."""
        return table_command(self.config, self.data, self.index)

    @property
    def pool_request(self) -> PoolRequest:
        """Request for the pool that rows of trained networks draw from."""
        return pool_request(self.config, self.data)


def choose_distribution(row: DeltaGenerator, offered: Mapping[str, AvailableDataset]) -> DistributionForm:
    """Draw the form, most of it in `row`."""
    with row:
        preset = choose_preset(
            "table4_preset",
            "laptop: small networks, few iterations and the quick protocol: minutes. paper: the "
            f"published sizes, and a pool of {Table4Config.usual['paper']['pool_networks']} networks: for a "
            "GPU.",
        )
        data = choose_dataset("table4_data", offered)
        sources = st.container(width="stretch", key="table4_sources")
        config = Table4Config(preset=preset, dataset=data.facts.name)
        usual = config.resolved(data.facts)
        with st.popover("Sizes", key="table4_sizes"):
            images = choose_images_per_class("per_class", "Images per class: the columns", PER_CLASS, usual)
            changes = {"images_per_class": images, **choose_numbers(NUMBERS, usual)}
    if note := not_on_disk_note(data):
        st.caption(note)
    config = config.model_copy(update=changes)
    pool = pool_request(config, data.facts)
    index = find_index(pool.dataset, pool.config, cache_root())
    with sources:  # drawn after the sizes, which decide the pool that bands are of
        default = [str(source) for source in config.default_sources(data.facts, index)]
        texts = _choose_sources(default)
    most, requested = data.most_per_class, config.images_per_class or usual.images_per_class
    refusal = ""
    if too_many := [count for count in requested if count > most]:
        refusal = f"Not every class of {data.label} surely has {grouped(too_many[0])} images: choose fewer."
    else:
        try:
            config = config.model_copy(update={"sources": parse_sources(texts)})
        except ValueError as error:
            refusal = sentence(str(error))
    return DistributionForm(with_rows(config, data.facts, index), data.facts, index, refusal)


def _choose_sources(default: list[str]) -> list[str]:
    """Texts of the chosen rows; none for the default ones."""
    selected = st.session_state.get(SOURCES, st.query_params.get_all(SOURCES))
    return st.multiselect(
        "Embedding networks",
        list(dict.fromkeys([*default, *(selected or ())])),
        placeholder=f"Default: {', '.join(default)}",
        accept_new_options=True,
        key=SOURCES,
        bind="query-params",
        help=f"The rows. Choose, or type a source and press Enter: {FORMS}. Bands and all are of the pool.",
    )
