"""The choices of the page Random or trained? as widgets, every one bound to the address.

Must not import torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.data.available import OfferedData
from app.data.folders import cache_root
from app.views.network_distribution.choices import DistributionChoices, parse_sources
from dmcore.config.formatting import grouped, sentence
from dmcore.config.network_source import FORMS
from dmcore.embedding.pool_index import PoolIndex, find_index
from dmcore.experiments.presets import PRESETS, PresetName
from dmcore.experiments.table4 import POOL

PER_CLASS = (1, 2, 5, 10, 20, 50)
SOURCES = "sources"


@dataclass(frozen=True)
class DistributionForm:
    """What the choices give."""

    choices: DistributionChoices
    index: PoolIndex | None
    """The pool that is drawn from, as far as it is there."""
    refusal: str = ""
    """Why there is no table, in a sentence."""


def choose_distribution(row: DeltaGenerator, offered: Mapping[str, OfferedData]) -> DistributionForm:
    """Draw the choices, the first of them in `row`."""
    with row:
        name: PresetName | None = st.segmented_control(
            "Sizes of",
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
            help="Those on this machine, and those of runs. Its test images judge.",
        )
        data = offered[label] if label in offered else next(iter(offered.values()))
        sources = st.container(width="stretch", key="table4_sources")
        with st.popover("Sizes", key="table4_sizes"):
            chosen = _choose_sizes(DistributionChoices(data.facts, name or "laptop"))
    if not data.on_disk:
        st.caption(
            f"{data.label} is not on this machine: a run of it, started on the Watch page, downloads it."
        )
    asked = chosen.asked_pool
    index = find_index(asked.dataset, asked.config, cache_root())
    with sources:  # drawn after the sizes, which decide the pool that bands are of
        typed = _choose_sources(chosen, index)
    most = data.most_per_class
    if over := [one for one in chosen.images_per_class or chosen.usual_per_class if one > most]:
        lacks = f"Not every class of {data.label} surely has {grouped(over[0])} images: choose fewer."
        return DistributionForm(chosen, index, lacks)
    try:
        return DistributionForm(replace(chosen, sources=parse_sources(typed)), index)
    except ValueError as refusal:
        return DistributionForm(chosen, index, sentence(str(refusal)))


def _choose_sources(chosen: DistributionChoices, index: PoolIndex | None) -> list[str]:
    """The rows, in words; none for the usual ones."""
    usual = [str(one) for one in chosen.offered(index)]
    held = st.session_state.get(SOURCES, st.query_params.get_all(SOURCES))
    return st.multiselect(
        "Networks that embed: the rows",
        list(dict.fromkeys([*usual, *(held or ())])),
        placeholder=f"As usual: {', '.join(usual)}",
        accept_new_options=True,
        key=SOURCES,
        bind="query-params",
        help=f"Choose, or type one and press Enter: {FORMS}. Bands and all are of the pool.",
    )


def _choose_sizes(start: DistributionChoices) -> DistributionChoices:
    usual = start.sizes
    networks, steps = POOL[start.preset]
    images = st.multiselect(
        "Images per class: the columns",
        PER_CLASS,
        placeholder=f"{', '.join(map(str, start.usual_per_class))}, as the preset",
        key="per_class",
        bind="query-params",
        help="Sets of several sizes are learned together, on the same real images.",
    )
    return replace(
        start,
        images_per_class=tuple(sorted(images)),
        seeds=_open_number(
            *("seeds", "Independent sets of each source", 20, len(usual.seeds)),
            "Each from a seed of its own, all sources from the same seeds. A verdict needs 3.",
        ),
        repeats=_open_number(
            *("repeats", "Networks trained on each set", 100, usual.repeats),
            "Repeats of one set: they tell its accuracy better, and nothing about another set.",
        ),
        iterations=_open_number(
            *("iterations", "Iterations of each condensation", 10**6, usual.condense.iterations),
            "The same for every source.",
        ),
        epochs=_open_number(
            *("epochs", "Epochs of each test network", 10**6, usual.protocol.epochs),
            "Passes over the learned set.",
        ),
        width=_open_number(
            *("width", "Filters of each layer", 1024, usual.network.width),
            "Of all networks: those of the pool, those that embed, those that are tested.",
        ),
        pool_networks=_open_number(
            *("pool_networks", "Networks of the pool", 1000, networks),
            "Each trained from another random start. More of them fill bands better.",
        ),
        pool_steps=_open_number(
            *("pool_steps", "Updates of each of them", 10**6, steps),
            "States are kept on the way, evenly in log time, for accuracies rise steeply at first.",
        ),
    )


def _open_number(name: str, label: str, most: int, preset: int, help_: str) -> int | None:
    """A number that is left open where the preset's is meant."""
    number = st.number_input(
        label,
        min_value=1,
        max_value=most,
        value=None,
        placeholder=f"{grouped(preset)}, as the preset",
        key=f"table4_{name}",
        bind="query-params",
        help=help_,
    )
    return None if number is None or number == preset else int(number)
