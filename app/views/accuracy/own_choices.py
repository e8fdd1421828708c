"""Choosing one's own comparison: sets of runs at kept iterations, baselines beside them, test networks.

The sets stand in the address as `sets=RUN:SET@ITERATION,…`, always with their iteration, so that a run at
work does not change the table. Must not import torch.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from app.data.available import AvailableDataset
from app.text.escaping import plain_text
from app.views.accuracy.own_sets import AskedSet, OfferedSet, as_text, of_text, offered_sets, own_sets, pinned
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
NO_SET = "Choose at least one set of images: of a run that is finished, or at work."


@dataclass(frozen=True)
class Own:
    """What the choices give."""

    table: Table | None
    command: str = ""
    notes: tuple[str, ...] = ()
    missing: str = ""


def choose_own(
    runs: Sequence[RunFolder], data: AvailableDataset, name: PresetName, labels: Mapping[str, str]
) -> Own:
    """Draw the choices; what they give. `labels` are what the data sets are called in their field."""
    offered = offered_sets(runs, data.facts.name)
    if not offered:
        return Own(None, missing=NO_RUNS)
    usual = preset(name, data.facts)
    with st.container(key="own_sets_row", horizontal=True, vertical_alignment="bottom", gap="small"):
        asked, gone = _choose_sets(offered, labels)
        with st.popover("Sizes", key="own_sizes"):
            asked = _choose_iterations(asked, offered)
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
    with st.container(key="own_choices", horizontal=True, vertical_alignment="bottom", gap="small"):
        beside = st.multiselect(
            "Beside them, as many real images",
            [*(METHOD_NAMES[one] for one in SELECTIONS), WHOLE],
            default=list(USUAL_BASELINES),
            key="beside",
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
    choices = (st.session_state["own_sets"], *beside, "", *tested, repeats, seeds, name, data.label)
    before: tuple[object, Own] | None = st.session_state.get("own_made")
    if gone and before is not None and before[0] == choices:  # deleted meanwhile: the table stays
        deleted = [f"{plain_text(one)} was deleted: what has arrived of it stays." for one in gone]
        return replace(before[1], notes=(*deleted, *before[1].notes))
    chosen = override_preset(usual, seeds=seeds, repeats=repeats)
    own = make_own(own_sets(asked, offered), offered, data, chosen, beside, tested)
    if not gone:
        st.session_state["own_made"] = (choices, own)
    notes = [f"{plain_text(one)} is not here any more: it was taken out." for one in gone]
    return replace(own, notes=(*notes, *own.notes))


def make_own(
    sets: Sequence[ComparedSet],
    offered: Mapping[str, OfferedSet],
    data: AvailableDataset,
    chosen: Preset,
    beside: Sequence[str],
    tested: Sequence[str],
) -> Own:
    """The table of these choices; names as the choices have them."""
    if not sets:
        return Own(None, missing=NO_SET)
    first = offered[f"{sets[0].run}:{sets[0].set}"]
    networks = {
        NETWORK_NAMES[network]: spec_of(network, first.run, chosen)
        for network in NETWORK_NAMES
        if NETWORK_NAMES[network] in tested
    }
    ceiling = spec_of("convnet", first.run, chosen)
    training = chosen.training.model_validate({**chosen.training.model_dump(), **ceiling.model_dump()})
    baselines = [one for one in SELECTIONS if METHOD_NAMES[one] in beside]
    try:
        table = own_table(
            data.facts, replace(chosen, training=training), sets, baselines, networks, WHOLE in beside
        )
    except ValueError as refusal:
        return Own(None, missing=str(refusal))
    named = ",".join(network for network in NETWORK_NAMES if NETWORK_NAMES[network] in tested)
    how = ["--dataset", data.facts.name, "--networks", named, "--repeats", str(chosen.repeats)]
    how += ["--epochs", str(chosen.protocol.epochs)]
    commands = [
        shlex.join(["dmcore", "evaluate", f"{one.run}:{one.set}", "--iteration", str(one.iteration), *how])
        for one in sets
    ]
    return Own(table, "\n".join(commands))


def spec_of(network: NetworkName, first: RunFolder, chosen: Preset) -> NetworkSpec:
    """A test network: the first run's own where it is of this architecture, else of the preset's size."""
    if first.config is not None and first.config.network == network:
        return first.config.network_spec()
    return chosen.network if network == "convnet" else NetworkSpec(network=network)


def _choose_sets(
    offered: Mapping[str, OfferedSet], labels: Mapping[str, str]
) -> tuple[list[AskedSet], list[str]]:
    """The sets of the address, else those that the session had here before; and those that are gone."""
    state = st.session_state
    state["own_sets"] = st.query_params.get(ADDRESS, state.get("own_sets", ""))
    asked = of_text(state["own_sets"])
    there = [pinned(one, offered[one.name]) for one in asked if one.name in offered]
    gone = [one.name for one in asked if one.name not in offered]

    def take() -> None:
        before = {one.name: one for one in of_text(state["own_sets"])}
        chosen = state["own_chosen"]
        _keep([before.get(one, AskedSet(one, offered[one].kept[-1])) for one in chosen])
        if chosen and not before and (label := labels.get(offered[chosen[0]].run.description.data.name)):
            state["data"] = label  # the first set brings its data set along

    state["own_chosen"] = [one.name for one in there]
    st.multiselect(
        "Sets of images",
        list(offered),
        format_func=lambda one: offered[one].label if one in offered else one,
        placeholder="Choose sets of your runs",
        key="own_chosen",
        on_change=take,
        help="The first is compared with all others. Runs that differ in nothing but the seed are one row.",
    )
    _keep([pinned(one, offered[one.name]) if one.name in offered else one for one in asked])
    return there, gone


def _choose_iterations(asked: list[AskedSet], offered: Mapping[str, OfferedSet]) -> list[AskedSet]:
    """At which moment each set is judged: a field for every set that has several."""
    several = [one for one in asked if len(offered[one.name].kept) > 1]
    if not several:
        return asked

    def take(name: str) -> None:
        chosen = st.session_state[f"own_at_{name}"]
        _keep(
            [
                replace(one, iteration=chosen) if one.name == name else one
                for one in of_text(st.session_state["own_sets"])
            ]
        )

    for one in several:
        offer = offered[one.name]
        st.session_state[f"own_at_{one.name}"] = one.iteration
        st.selectbox(
            f"Iteration of {plain_text(offer.label)}",
            offer.kept[::-1],
            format_func=partial(_moment, offer.kept[-1]),
            key=f"own_at_{one.name}",
            on_change=take,
            args=(one.name,),
        )
    return asked


def _moment(newest: int, iteration: int) -> str:
    return f"{grouped(iteration)}, the newest" if iteration == newest else grouped(iteration)


def _keep(asked: Sequence[AskedSet]) -> None:
    text = as_text(asked)
    st.session_state["own_sets"] = text
    if text:
        st.query_params[ADDRESS] = text
    else:
        st.query_params.pop(ADDRESS, None)
