"""Choices of the Accuracy page: a table of the paper, or one of one's own sets.

All of them are in the address, and the same choices give the same table.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.data.available import AvailableDataset, available_datasets
from app.views.accuracy.own_choices import choose_own_table
from dmcore.config.formatting import grouped
from dmcore.experiments import figure5, table1, table2
from dmcore.experiments.presets import Preset, PresetName, override_preset, preset
from dmcore.experiments.table import Table
from dmcore.runs.folder import RunFolder

TABLE1, TABLE2, FIGURE5, OWN = "Table 1", "Table 2", "Figure 5", "my runs"
COMPARISONS = (TABLE1, TABLE2, FIGURE5, OWN)
NAMES = {TABLE1: "table1", TABLE2: "table2", FIGURE5: "figure5"}
"""Names on the command line."""
USUAL_SIZES: Mapping[str, Mapping[str, tuple[int, ...]]] = {
    TABLE1: table1.SIZES,
    TABLE2: table2.SIZES,
    FIGURE5: figure5.SIZES,
}
SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1250)
"""Images per class that are offered."""
MEANING = {
    TABLE1: "Distribution matching against real images that are chosen in other ways, as many of each class.",
    TABLE2: "The same condensation with instance norm and with batch norm, learned and tested alike.",
    FIGURE5: "How accuracy grows with the images per class, learned and drawn at random.",
    OWN: "Any sets of images on disk, against as many real images, evaluated with the networks you choose.",
}
MAX_SEEDS, MAX_REPEATS = 20, 100


@dataclass(frozen=True)
class TableSizes:
    """Requested size of a table of the paper; what is left open is the preset's."""

    preset: PresetName = "laptop"
    images_per_class: tuple[int, ...] = ()
    methods: tuple[str, ...] = ()
    seeds: int | None = None
    repeats: int | None = None


@dataclass(frozen=True)
class ChosenTable:
    """Table that the choices give, with its command line; why there is none."""

    comparison: str
    table: Table | None
    command: str = ""
    """The same in a terminal."""
    notes: tuple[str, ...] = ()
    """What to know about the choices, in sentences."""
    missing: str = ""
    """Why there is no table, with what to do."""


def choose_table(row: DeltaGenerator, runs: Sequence[RunFolder]) -> ChosenTable:
    """Draw the choices, the first of them in `row`; the table that they give."""
    offered = available_datasets(runs)
    with row:
        comparison = st.segmented_control(
            "Compare",
            COMPARISONS,
            default=TABLE1,
            required=True,
            wrap=True,
            key="compare",
            bind="query-params",
            help="Tables and a figure of the paper, made anew here; or any sets of images that you have.",
        )
        name: PresetName | None = st.segmented_control(
            "Preset",
            ("laptop", "paper"),
            default="laptop",
            required=True,
            key="preset",
            bind="query-params",
            help="laptop: small networks, few iterations and the quick protocol of 200 epochs: minutes. "
            "paper: the published sizes and 1\u202f000 epochs: for a GPU.",
        )
        label = st.selectbox(
            "Data set",
            list(offered),
            key="data",
            bind="query-params",
            width=190,
            help="Those on this machine, and those of runs. Networks are tested on its test images.",
        )
        data = offered[label] if label in offered else next(iter(offered.values()))
        if comparison != OWN:
            sizes = _choose_sizes(comparison or TABLE1, name or "laptop", data)
    if comparison == OWN:
        labels = {dataset.facts.name: label for label, dataset in offered.items()}
        own = choose_own_table(runs, data, name or "laptop", labels)
        chosen = ChosenTable(OWN, own.table, own.command, own.notes, own.missing)
    else:
        chosen = paper_table(comparison or TABLE1, data, sizes)
    if not data.on_disk:
        note = f"{data.label} is not on this machine: a run of it, started on the Watch page, downloads it."
        chosen = replace(chosen, notes=(*chosen.notes, note))
    return chosen


def paper_table(comparison: str, data: AvailableDataset, requested: TableSizes) -> ChosenTable:
    """Table of the paper for a data set."""
    chosen_preset = override_preset(
        preset(requested.preset, data.facts), seeds=requested.seeds, repeats=requested.repeats
    )
    requested_sizes = requested.images_per_class or USUAL_SIZES[comparison][requested.preset]
    sizes = tuple(sorted(size for size in requested_sizes if size <= data.most_per_class))
    notes = []
    if not sizes:
        missing = (
            f"No class of {data.label} surely has {requested_sizes[0]} images: choose fewer images per class."
        )
        return ChosenTable(comparison, None, missing=missing)
    if len(sizes) < len(requested_sizes):
        left = ", ".join(grouped(size) for size in sorted(set(requested_sizes) - set(sizes)))
        notes.append(f"Left out: {left} per class, more than each class of {data.label} surely has.")
    table = _table(comparison, data, chosen_preset, sizes, requested.methods)
    command = command_line(
        comparison, data, requested, sizes if (requested.images_per_class or notes) else ()
    )
    return ChosenTable(comparison, table, command, tuple(notes))


def command_line(comparison: str, data: AvailableDataset, requested: TableSizes, sizes: Sequence[int]) -> str:
    """Command that runs the same table in a terminal; what is the preset's is left out."""
    words = [
        "dmcore",
        "experiment",
        NAMES[comparison],
        "--preset",
        requested.preset,
        "--dataset",
        data.facts.name,
    ]
    if sizes:
        words += ["--images-per-class", ",".join(map(str, sizes))]
    if requested.methods:
        words += ["--methods", ",".join(requested.methods)]
    for flag, value in (("--seeds", requested.seeds), ("--repeats", requested.repeats)):
        words += [] if value is None else [flag, str(value)]
    return shlex.join(words)


def _table(
    comparison: str,
    data: AvailableDataset,
    chosen_preset: Preset,
    sizes: tuple[int, ...],
    methods: Sequence[str],
) -> Table:
    if comparison == TABLE2:
        return table2.table2(data.facts, chosen_preset, sizes)
    if comparison == FIGURE5:
        return figure5.figure5(data.facts, chosen_preset, tuple(methods) or figure5.METHODS, sizes)
    return table1.table1(data.facts, chosen_preset, tuple(methods) or table1.METHODS, sizes)


def _choose_sizes(comparison: str, name: PresetName, data: AvailableDataset) -> TableSizes:
    usual = _table(comparison, data, preset(name, data.facts), USUAL_SIZES[comparison][name], ())
    seeds_usual = len({cell.recipe.seed for cell in usual.cells})
    repeats_usual = max(cell.repeats for cell in usual.cells)
    sizes = ", ".join(map(str, USUAL_SIZES[comparison][name]))
    with st.popover("Sizes", key="accuracy_sizes"):
        images = st.multiselect(
            "Images per class",
            SIZES,
            placeholder=f"{sizes}, as the preset",
            key="sizes",
            bind="query-params",
            help="Sets of several sizes are learned together, on the same real images.",
        )
        methods: list[str] = []
        if comparison != TABLE2:
            titles = {title: method for method, title in table1.NAMES.items()}
            all_methods = figure5.METHODS if comparison == FIGURE5 else table1.METHODS
            chosen_titles = st.multiselect(
                "Methods",
                list(titles),
                placeholder=", ".join(table1.NAMES[method] for method in all_methods),
                key="methods",
                bind="query-params",
                help="Random, herding, forgetting and DM are the paper's; the others are ours.",
            )
            methods = [titles[title] for title in titles if title in chosen_titles]
        seeds = st.number_input(
            "Independent sets of each method",
            min_value=1,
            max_value=MAX_SEEDS,
            value=None,
            placeholder=f"{seeds_usual}, as the preset",
            key="seeds",
            bind="query-params",
            help="Each from a seed of its own. A verdict needs 3.",
        )
        repeats = st.number_input(
            "Networks trained on each set",
            min_value=1,
            max_value=MAX_REPEATS,
            value=None,
            placeholder=f"{repeats_usual}, as the preset",
            key="repeats",
            bind="query-params",
            help="Repeats of one set: they tell its accuracy better, and nothing about another set.",
        )
    return TableSizes(name, tuple(sorted(images)), tuple(methods), seeds, repeats)
