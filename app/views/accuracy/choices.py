"""Choices of the Accuracy page: a table of the paper, or one of one's own sets.

All of them are in the address, and the same choices give the same table.
"""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.data.available import AvailableDataset, available_datasets
from app.tables.form import (
    ChosenTable,
    NumberField,
    choose_dataset,
    choose_images_per_class,
    choose_numbers,
    choose_preset,
    not_on_disk_note,
)
from app.views.accuracy.own_choices import NETWORKS, choose_own_table
from dmcore.config.formatting import grouped
from dmcore.experiments.own_table import OwnTableConfig
from dmcore.experiments.registry import EXPERIMENTS
from dmcore.experiments.table1 import NAMES, MethodName
from dmcore.experiments.table_config import TableConfig
from dmcore.runs.folder import RunFolder

COMPARISONS = {config.label: config for config in EXPERIMENTS.values() if config.figure in ("dots", "sizes")}
"""Experiments of this page by what the choice and the URL call them."""
TABLE1 = next(iter(COMPARISONS))
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1250)
"""Images per class that are offered."""
NUMBERS = (
    NumberField(
        *("seeds", "seeds", "Independent sets of each method", 20),
        "Each from a seed of its own. A verdict needs 3.",
    ),
    NETWORKS,
)


def choose_table(row: DeltaGenerator, runs: Sequence[RunFolder]) -> ChosenTable:
    """Draw the choices, the first of them in `row`; the table that they give."""
    offered = available_datasets(runs)
    with row:
        comparison = st.segmented_control(
            "Compare",
            list(COMPARISONS),
            default=TABLE1,
            required=True,
            wrap=True,
            key="compare",
            bind="query-params",
            help="Tables and a figure of the paper, made anew here; or any sets of images that you have.",
        )
        preset = choose_preset(
            "preset",
            "laptop: small networks, few iterations and the quick protocol of 200 epochs: minutes. "
            "paper: the published sizes and 1\u202f000 epochs: for a GPU.",
        )
        data = choose_dataset("data", offered)
        config = COMPARISONS[comparison or TABLE1](preset=preset, dataset=data.facts.name)
        if config.has_command:
            config = _choose_sizes(config, data)
    if config.has_command:
        chosen = paper_table(config, data)
    else:
        labels = {dataset.facts.name: label for label, dataset in offered.items()}
        chosen = choose_own_table(runs, OwnTableConfig(preset=preset, dataset=config.dataset), data, labels)
    note = not_on_disk_note(data)
    return replace(chosen, notes=(*chosen.notes, note)) if note else chosen


def paper_table(config: TableConfig, data: AvailableDataset) -> ChosenTable:
    """Table of the paper for a data set, without the sizes that not every class has."""
    requested = config.resolved(data.facts).images_per_class
    sizes = tuple(sorted(size for size in requested if size <= data.most_per_class))
    if not sizes:
        missing = f"No class of {data.label} surely has {requested[0]} images: choose fewer images per class."
        return ChosenTable(config, data.facts, missing=missing)
    notes: tuple[str, ...] = ()
    if len(sizes) < len(requested):
        left = ", ".join(grouped(size) for size in sorted(set(requested) - set(sizes)))
        notes = (f"Left out: {left} per class, more than each class of {data.label} surely has.",)
        config = config.model_copy(update={"images_per_class": sizes})
    return ChosenTable(config, data.facts, config.table(data.facts), config.command_line, notes)


def _choose_sizes(start: TableConfig, data: AvailableDataset) -> TableConfig:
    usual = start.resolved(data.facts)
    usual_methods: tuple[MethodName, ...] = getattr(usual, "methods", ())
    changes: dict[str, object] = {}
    with st.popover("Sizes", key="accuracy_sizes"):
        changes["images_per_class"] = choose_images_per_class("sizes", "Images per class", SIZES, usual)
        if usual_methods:
            titles = st.multiselect(
                "Methods",
                list(NAMES.values()),
                placeholder=", ".join(NAMES[method] for method in usual_methods),
                key="methods",
                bind="query-params",
                help="Random, herding, forgetting and DM are the paper's; the others are ours.",
            )
            changes["methods"] = tuple(method for method, title in NAMES.items() if title in titles)
        changes |= choose_numbers(NUMBERS, usual)
    return start.model_copy(update=changes)
