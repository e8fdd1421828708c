"""Choices of one's own comparison: sets of runs at stored iterations, baselines, test networks.

The address stores the sets as `sets=RUN:SET@ITERATION,…`, always with their iteration, so that a running run
does not change the table.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from app.components.query_params import write_param
from app.components.widget_keys import adopt_old_query_param
from app.data.available import AvailableDataset
from app.text.escaping import plain_text
from app.views.accuracy.own_sets import (
    OfferedSet,
    RequestedSet,
    compared_sets,
    offered_sets,
    parse_sets,
    pin_iteration,
    sets_query,
)
from dmcore.config import NetworkName, NetworkSpec
from dmcore.config.formatting import grouped
from dmcore.experiments.own_table import ComparedSet, own_table
from dmcore.experiments.presets import Preset, PresetName, override_preset, preset
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import NAMES as METHOD_NAMES
from dmcore.experiments.table1 import SELECTIONS
from dmcore.experiments.table3 import NAMES as NETWORK_NAMES
from dmcore.runs.folder import RunFolder

ADDRESS = "sets"
WHOLE = METHOD_NAMES["whole"]
USUAL_BASELINES = (METHOD_NAMES["random"],)
NO_RUNS = "There is no set of images on disk yet: start a run on the Watch page, then compare it here."
NO_SET = "Choose at least one set of images: of a run that is finished, or running."


@dataclass(frozen=True)
class OwnTable:
    """Table of one's own sets, with its command lines; why there is none."""

    table: Table | None
    command: str = ""
    notes: tuple[str, ...] = ()
    missing: str = ""


def choose_own_table(
    runs: Sequence[RunFolder], data: AvailableDataset, name: PresetName, labels: Mapping[str, str]
) -> OwnTable:
    """Draw the choices; the table that they give. `labels`: of the data sets in their field."""
    offered = offered_sets(runs, data.facts.name)
    if not offered:
        return OwnTable(None, missing=NO_RUNS)
    usual = preset(name, data.facts)
    with st.container(key="accuracy_own_sets_row", horizontal=True, vertical_alignment="bottom", gap="small"):
        requested, gone = _choose_sets(offered, labels)
        with st.popover("Sizes", key="accuracy_own_sizes"):
            requested = _choose_iterations(requested, offered)
            repeats = st.number_input(
                "Networks trained on each set",
                min_value=1,
                max_value=100,
                value=None,
                placeholder=f"{usual.repeats}, as the preset",
                key="repeats",
                bind="query-params",
                help="Repeats of one set: they tell its accuracy better, and nothing about another set.",
            )
            seeds = st.number_input(
                "Seeds of the real images",
                min_value=1,
                max_value=20,
                value=None,
                placeholder=f"{len(usual.seeds)}, as the preset",
                key="seeds",
                bind="query-params",
                help="Independent sets of each way of choosing. A verdict needs 3 on each side.",
            )
    with st.container(key="accuracy_own_choices", horizontal=True, vertical_alignment="bottom", gap="small"):
        methods = [*(METHOD_NAMES[method] for method in SELECTIONS), WHOLE]
        adopt_old_query_param("beside", "own_baselines", methods)
        baselines = st.multiselect(
            "Compared with as many real images",
            methods,
            default=list(USUAL_BASELINES),
            key="own_baselines",
            bind="query-params",
            help="Chosen from the training images, as many of each class as the sets have. "
            "Whole set: a network on all of them, as the ceiling.",
        )
        tested = st.multiselect(
            "Tested with",
            list(NETWORK_NAMES.values()),
            default=[NETWORK_NAMES["convnet"]],
            key="tested",
            bind="query-params",
            help="Networks that are trained on the images. The ConvNet is that of the first run.",
        )
    choices = (st.session_state["own_sets"], *baselines, "", *tested, repeats, seeds, name, data.label)
    previous: tuple[object, OwnTable] | None = st.session_state.get("own_made")
    if gone and previous is not None and previous[0] == choices:  # deleted meanwhile: the table stays
        deleted = [
            f"{plain_text(gone_name)} was deleted: what has arrived of it stays." for gone_name in gone
        ]
        return replace(previous[1], notes=(*deleted, *previous[1].notes))
    chosen_preset = override_preset(usual, seeds=seeds, repeats=repeats)
    own = build_own_table(compared_sets(requested, offered), offered, data, chosen_preset, baselines, tested)
    if not gone:
        st.session_state["own_made"] = (choices, own)
    notes = [f"{plain_text(gone_name)} is not here any more: it was taken out." for gone_name in gone]
    return replace(own, notes=(*notes, *own.notes))


def build_own_table(
    sets: Sequence[ComparedSet],
    offered: Mapping[str, OfferedSet],
    data: AvailableDataset,
    chosen_preset: Preset,
    baselines: Sequence[str],
    tested: Sequence[str],
) -> OwnTable:
    """Table of these choices; methods and networks by their titles."""
    if not sets:
        return OwnTable(None, missing=NO_SET)
    first = offered[f"{sets[0].run}:{sets[0].set}"]
    networks = {
        NETWORK_NAMES[network]: spec_of(network, first.run, chosen_preset)
        for network in NETWORK_NAMES
        if NETWORK_NAMES[network] in tested
    }
    ceiling = spec_of("convnet", first.run, chosen_preset)
    training = chosen_preset.training.model_validate(
        {**chosen_preset.training.model_dump(), **ceiling.model_dump()}
    )
    methods = [method for method in SELECTIONS if METHOD_NAMES[method] in baselines]
    try:
        table = own_table(
            data.facts, replace(chosen_preset, training=training), sets, methods, networks, WHOLE in baselines
        )
    except ValueError as refusal:
        return OwnTable(None, missing=str(refusal))
    network_names = ",".join(network for network in NETWORK_NAMES if NETWORK_NAMES[network] in tested)
    options = [
        "--dataset",
        data.facts.name,
        "--networks",
        network_names,
        "--repeats",
        str(chosen_preset.repeats),
    ]
    options += ["--epochs", str(chosen_preset.protocol.epochs)]
    commands = [
        shlex.join(
            [
                "dmcore",
                "evaluate",
                f"{compared.run}:{compared.set}",
                "--iteration",
                str(compared.iteration),
                *options,
            ]
        )
        for compared in sets
    ]
    return OwnTable(table, "\n".join(commands))


def spec_of(network: NetworkName, first: RunFolder, chosen_preset: Preset) -> NetworkSpec:
    """Test network: the first run's own where it is of this architecture, else of the preset's size."""
    if first.config is not None and first.config.network == network:
        return first.config.network_spec()
    return chosen_preset.network if network == "convnet" else NetworkSpec(network=network)


def _choose_sets(
    offered: Mapping[str, OfferedSet], labels: Mapping[str, str]
) -> tuple[list[RequestedSet], list[str]]:
    """Sets of the address, else those that the session had before; and the names of those that are gone."""
    state = st.session_state
    state["own_sets"] = st.query_params.get(ADDRESS, state.get("own_sets", ""))
    named = parse_sets(state["own_sets"])
    requested = [pin_iteration(item, offered[item.name]) for item in named if item.name in offered]
    gone = [item.name for item in named if item.name not in offered]

    def take() -> None:
        before = {item.name: item for item in parse_sets(state["own_sets"])}
        chosen = state["accuracy_own_sets"]
        _store_sets([before.get(name, RequestedSet(name, offered[name].iterations[-1])) for name in chosen])
        if chosen and not before and (label := labels.get(offered[chosen[0]].run.description.data.name)):
            state["data"] = label  # the first set brings its data set along

    state["accuracy_own_sets"] = [item.name for item in requested]
    st.multiselect(
        "Sets of images",
        list(offered),
        format_func=lambda name: offered[name].label if name in offered else name,
        placeholder="Choose sets of your runs",
        key="accuracy_own_sets",
        on_change=take,
        help="The first is compared with all others. Runs that differ in nothing but the seed are one row.",
    )
    _store_sets([pin_iteration(item, offered[item.name]) if item.name in offered else item for item in named])
    return requested, gone


def _choose_iterations(
    requested: list[RequestedSet], offered: Mapping[str, OfferedSet]
) -> list[RequestedSet]:
    """Field for the iteration of each set that has several."""
    several = [item for item in requested if len(offered[item.name].iterations) > 1]
    if not several:
        return requested

    def take(name: str) -> None:
        chosen = st.session_state[f"accuracy_own_at_{name}"]
        _store_sets(
            [
                replace(item, iteration=chosen) if item.name == name else item
                for item in parse_sets(st.session_state["own_sets"])
            ]
        )

    for item in several:
        offered_set = offered[item.name]
        st.session_state[f"accuracy_own_at_{item.name}"] = item.iteration
        st.selectbox(
            f"Iteration of {plain_text(offered_set.label)}",
            offered_set.iterations[::-1],
            format_func=partial(_iteration_label, offered_set.iterations[-1]),
            key=f"accuracy_own_at_{item.name}",
            on_change=take,
            args=(item.name,),
        )
    return requested


def _iteration_label(newest: int, iteration: int) -> str:
    return f"{grouped(iteration)}, the newest" if iteration == newest else grouped(iteration)


def _store_sets(requested: Sequence[RequestedSet]) -> None:
    text = sets_query(requested)
    st.session_state["own_sets"] = text
    write_param(ADDRESS, text)
