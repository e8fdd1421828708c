"""Choices of the Accuracy page: a table of the paper, or one of one's own sets.

All of them are in the address, and the same choices give the same table.
"""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.data.available import AvailableDataset, available_datasets
from app.data.folders import runs_root
from app.tables.figures import COMPARISONS
from app.tables.form import (
    ChosenTable,
    NumberField,
    SizesField,
    choose_dataset,
    choose_preset,
    choose_sizes,
)
from app.views.accuracy.own_choices import NETWORKS, PROTOCOL_KEY, choose_own_table
from dmcore.config.formatting import grouped, sentence
from dmcore.experiments.gallery.recorded import nearest_recorded
from dmcore.experiments.own_table import OwnTableConfig
from dmcore.experiments.results import read_results
from dmcore.experiments.table_config import TableConfig
from dmcore.runs.folder import RunFolder

TABLE1 = next(iter(COMPARISONS))
SIZES = SizesField("sizes", "Images per class", (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1250))
NUMBERS = (
    NumberField(
        *("seeds", "seeds", "Independent sets of each method", 20),
        "Each from a seed of its own. A verdict needs 3.",
    ),
    NETWORKS,
)


def choose_table(row: DeltaGenerator, runs: Sequence[RunFolder]) -> ChosenTable[TableConfig]:
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
            (SIZES.key, PROTOCOL_KEY, *(field.key for field in NUMBERS)),
        )
        data = choose_dataset("data", offered)
        experiment = COMPARISONS[comparison or TABLE1]
        config = experiment(preset=preset, dataset=data.facts.name)
        if experiment is not OwnTableConfig:
            config = as_recorded(config, data)
            config = choose_sizes("accuracy_sizes", config, data.facts, SIZES, NUMBERS, "table_time")
    chosen: ChosenTable[TableConfig]
    if experiment is OwnTableConfig:
        labels = {dataset.facts.name: label for label, dataset in offered.items()}
        start = OwnTableConfig(preset=preset, dataset=config.dataset)
        chosen = choose_own_table(runs, start, data, labels)
    else:
        chosen = paper_table(config, data)
    return replace(chosen, notes=(*chosen.notes, *data.notes))


def as_recorded(config: TableConfig, data: AvailableDataset) -> TableConfig:
    """Table with the networks and rows of the recorded one, if nothing else differs: these have numbers.

    Hidden or not, so that hiding changes no table; not where the preset's own table has results already.
    """
    table = paper_table(config, data).table
    entry = None if table is None else nearest_recorded(table)
    if table is None or entry is None or entry.results is None:
        return config
    if read_results(runs_root(), table).cell_results:
        return config
    recorded, usual = entry.results.table, config.resolved(data.facts)
    values: dict[str, object] = {"repeats": max(cell.repeats for cell in recorded.cells)}
    for name, titles in config.titled_fields().items():
        if isinstance(getattr(usual, name), tuple):
            values[name] = tuple(value for value, title in titles.titles.items() if title in recorded.rows)
    other = {name: value for name, value in values.items() if value != getattr(usual, name)}
    start = config.model_copy(update=other)
    same = paper_table(start, data).table
    return start if same is not None and same.key == recorded.key else config


def paper_table(config: TableConfig, data: AvailableDataset) -> ChosenTable[TableConfig]:
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
    try:
        table = config.table(data.facts)
    except ValueError as refusal:  # a size that a method has no published settings for
        return ChosenTable(config, data.facts, missing=sentence(str(refusal)))
    return ChosenTable(config, data.facts, table, config.command_line, notes)
