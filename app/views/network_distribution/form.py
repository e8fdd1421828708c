"""Form of the page Random or trained?: widgets for its choices, all bound to the address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.data.available import AvailableDataset
from app.data.folders import cache_root
from app.views.network_distribution.choices import DistributionChoices, parse_sources
from dmcore.config.formatting import grouped, sentence
from dmcore.config.network_source import FORMS
from dmcore.embedding.pool_index import PoolIndex, find_index
from dmcore.experiments.presets import PRESETS, PresetName
from dmcore.experiments.table import Table
from dmcore.experiments.table4 import POOL

PER_CLASS = (1, 2, 5, 10, 20, 50)
SOURCES = "sources"


@dataclass(frozen=True)
class DistributionForm:
    """Result of the form: choices, pool index, and why there is no table, if so."""

    choices: DistributionChoices
    index: PoolIndex | None
    """Index of the pool; None where no network of it is finished."""
    refusal: str = ""
    """Why there is no table, in a sentence."""

    @property
    def table(self) -> Table | None:
        """Table of the choices; None where they are refused."""
        return None if self.refusal else self.choices.table(self.index)

    @property
    def command(self) -> str:
        """Command line that runs the same table."""
        return self.choices.command(self.index)


def choose_distribution(row: DeltaGenerator, offered: Mapping[str, AvailableDataset]) -> DistributionForm:
    """Draw the form, most of it in `row`."""
    with row:
        name: PresetName | None = st.segmented_control(
            "Preset",
            PRESETS,
            default="laptop",
            required=True,
            key="table4_preset",
            bind="query-params",
            help="laptop: small networks, few iterations and the quick protocol: minutes. paper: the "
            f"published sizes, and a pool of {POOL['paper'][0]} networks: for a GPU.",
        )
        label = st.selectbox(
            "Data set",
            list(offered),
            key="table4_data",
            bind="query-params",
            width=190,
            help="Those on this machine, and those of runs. Networks are tested on its test images.",
        )
        data = offered[label] if label in offered else next(iter(offered.values()))
        sources = st.container(width="stretch", key="table4_sources")
        with st.popover("Sizes", key="table4_sizes"):
            chosen = _choose_sizes(DistributionChoices(data.facts, name or "laptop"))
    if not data.on_disk:
        st.caption(
            f"{data.label} is not on this machine: a run of it, started on the Watch page, downloads it."
        )
    pool = chosen.pool_request
    index = find_index(pool.dataset, pool.config, cache_root())
    with sources:  # drawn after the sizes, which decide the pool that bands are of
        source_texts = _choose_sources(chosen, index)
    most = data.most_per_class
    requested = chosen.images_per_class or chosen.preset_images_per_class
    if too_many := [count for count in requested if count > most]:
        refusal = f"Not every class of {data.label} surely has {grouped(too_many[0])} images: choose fewer."
        return DistributionForm(chosen, index, refusal)
    try:
        return DistributionForm(replace(chosen, sources=parse_sources(source_texts)), index)
    except ValueError as error:
        return DistributionForm(chosen, index, sentence(str(error)))


def _choose_sources(chosen: DistributionChoices, index: PoolIndex | None) -> list[str]:
    """Texts of the chosen rows; none for the default ones."""
    default = [str(source) for source in chosen.default_rows(index)]
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


def _choose_sizes(start: DistributionChoices) -> DistributionChoices:
    preset = start.resolved_preset
    networks, steps = POOL[start.preset]
    images = st.multiselect(
        "Images per class: the columns",
        PER_CLASS,
        placeholder=f"{', '.join(map(str, start.preset_images_per_class))}, as the preset",
        key="per_class",
        bind="query-params",
        help="Sets of several sizes are learned together, on the same real images.",
    )
    return replace(
        start,
        images_per_class=tuple(sorted(images)),
        seeds=_open_number(
            *("seeds", "Independent sets of each source", 20, len(preset.seeds)),
            "Each from a seed of its own, all sources from the same seeds. A verdict needs 3.",
        ),
        repeats=_open_number(
            *("repeats", "Networks trained on each set", 100, preset.repeats),
            "Repeats of one set: they tell its accuracy better, and nothing about another set.",
        ),
        iterations=_open_number(
            *("iterations", "Iterations of each condensation", 10**6, preset.condense.iterations),
            "The same for every source.",
        ),
        epochs=_open_number(
            *("epochs", "Epochs of each test network", 10**6, preset.protocol.epochs),
            "Passes over the learned set.",
        ),
        width=_open_number(
            *("width", "Filters of each layer", 1024, preset.network.width),
            "Of all networks: those of the pool, the embedding ones, and those that are tested.",
        ),
        pool_networks=_open_number(
            *("pool_networks", "Networks of the pool", 1000, networks),
            "Each trained from another random start. More of them fill bands better.",
        ),
        pool_steps=_open_number(
            *("pool_steps", "Updates of each of them", 10**6, steps),
            "States are saved on the way, evenly in log time, for accuracies rise steeply at first.",
        ),
    )


def _open_number(name: str, label: str, most: int, preset: int, help_text: str) -> int | None:
    """Number input that is empty for the preset's value; None then."""
    number = st.number_input(
        label,
        min_value=1,
        max_value=most,
        value=None,
        placeholder=f"{grouped(preset)}, as the preset",
        key=f"table4_{name}",
        bind="query-params",
        help=help_text,
    )
    return None if number is None or number == preset else int(number)
