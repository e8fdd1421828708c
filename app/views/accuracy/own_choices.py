"""Choices of one's own comparison: sets of runs at stored iterations, baselines, test networks.

The address stores the sets as `sets=RUN:SET@ITERATION,…`. Those of a run that is being computed are offered
once it has ended: a table of unfinished images would be taken for one of the run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from app.components.query_params import adopt_old_query_param, write_param
from app.data.available import AvailableDataset
from app.run.status import status_of
from app.tables.form import ChosenTable, NumberField, choose_numbers, choose_title
from app.text.escaping import plain_text
from dmcore.config.formatting import grouped
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.own_sets import (
    BEFORE_SET,
    OfferedSet,
    compared_sets,
    offered_sets,
    parse_sets,
    sets_query,
)
from dmcore.experiments.own_table import ComparedSet, OwnTableConfig
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.table1 import NAMES as METHOD_NAMES
from dmcore.experiments.table1 import SELECTIONS
from dmcore.experiments.table3 import NAMES as NETWORK_NAMES
from dmcore.experiments.table_config import PROTOCOL
from dmcore.runs.description import DataDescription
from dmcore.runs.folder import RunFolder

ADDRESS = "sets"
PROTOCOL_KEY = "protocol"
WHOLE = METHOD_NAMES["whole"]
USUAL_BASELINES = (METHOD_NAMES["random"],)
NETWORKS = NumberField(
    *("repeats", "repeats", "Networks trained on each set", 100),
    "Repeats of one set: they tell its accuracy better, and nothing about another set.",
)
SEEDS = NumberField(
    *("seeds", "seeds", "Seeds of the real images", 20),
    "Independent sets of each way of choosing. A verdict needs 3 on each side.",
)
NO_RUNS = "There is no set of images on disk yet: start a run on the Watch page, then compare it here."
ONLY_UNFINISHED = "The run is still being computed: its images can be compared once it has ended."
NO_SET = "Choose at least one set of images of a run that has ended."


def choose_own_table(
    runs: Sequence[RunFolder], start: OwnTableConfig, data: AvailableDataset, labels: Mapping[str, str]
) -> ChosenTable[OwnTableConfig]:
    """Draw the choices; the table that they give.

    Args:
        runs: newest first.
        start: configuration with the preset and the data set.
        data: the data set.
        labels: of the data sets in their field, by name.
    """
    unfinished = {run.id: run for run in runs if (status := status_of(run)) and status.in_progress}
    offered = offered_sets([run for run in runs if run.id not in unfinished], data.facts.name)
    if not offered:
        return ChosenTable(start, data.facts, missing=ONLY_UNFINISHED if unfinished else NO_RUNS)
    with st.container(key="accuracy_own_sets_row", horizontal=True, vertical_alignment="bottom", gap="small"):
        requested = _choose_sets(offered, labels)
        with st.popover("Sizes", key="accuracy_own_sizes"):
            _choose_iterations(requested, offered)
            numbers = choose_numbers((NETWORKS, SEEDS), start, data.facts)
            start = start.model_copy(update={**numbers, "protocol": choose_title(PROTOCOL_KEY, PROTOCOL)})
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
    choices = (sets_query(requested), *baselines, "", *tested, start, data.label)
    missing = [name for name in requested if name not in offered]
    waits = tuple(
        f"{plain_text(run.description.title)} is still being computed: it can be chosen once it has ended."
        for run in unfinished.values()
    )
    gone = [plain_text(name) for name in missing if name.partition(BEFORE_SET)[0] not in unfinished]
    previous: tuple[object, ChosenTable[OwnTableConfig]] | None = st.session_state.get("own_made")
    if gone and previous is not None and previous[0] == choices:  # deleted meanwhile: the table stays
        deleted = [f"{name} was deleted: what has arrived of it stays." for name in gone]
        return replace(previous[1], notes=(*deleted, *waits, *previous[1].notes))
    if other := other_data_text([offered[name] for name in requested if name in offered], data):
        return ChosenTable(start, data.facts, missing=other, notes=waits)
    own = build_own_table(compared_sets(requested, offered), offered, start, data.facts, baselines, tested)
    if not gone:
        st.session_state["own_made"] = (choices, own)
    notes = (f"{name} is not here any more: it was taken out." for name in gone)
    return replace(own, notes=(*notes, *waits))


def other_data_text(chosen: Sequence[OfferedSet], data: AvailableDataset) -> str:
    """Which of the chosen sets has another size of image or other classes than the data set; else empty."""
    for each in chosen:
        own = each.run.description.data
        shape = (own.channels, own.height, own.width)
        other = ["images"] if shape != data.facts.shape else []
        other += ["classes"] if _has_other_classes(own, data) else []
        if other:
            return (
                f"{each.label} cannot be tested on {data.label}: it has other {' and '.join(other)}. "
                f"Choose {own.title} as the data set, or take it out."
            )
    return ""


def _has_other_classes(own: DataDescription, data: AvailableDataset) -> bool:
    """Whether the classes of a set are known to be others than those of a data set; their order is free.

    Classes of an import that are numbered may have any names.
    """
    name, names = data.facts.name, own.class_names
    if len(names) != data.classes:
        return True
    if own.name == name or name not in CATALOGUE:
        return False
    if own.name in CATALOGUE:  # CIFAR-10 and CIFAR-100 have no names there, and no classes of others
        return CATALOGUE[own.name].class_names != CATALOGUE[name].class_names
    known, numbered = CATALOGUE[name].class_names, tuple(map(str, range(data.classes)))
    return bool(known) and names != numbered and sorted(names) != sorted(known)


def build_own_table(
    sets: Sequence[ComparedSet],
    offered: Mapping[str, OfferedSet],
    start: OwnTableConfig,
    data: DataFacts,
    baselines: Sequence[str],
    tested: Sequence[str],
) -> ChosenTable[OwnTableConfig]:
    """Table of these choices; methods and networks by their titles."""
    if not sets:
        return ChosenTable(start, data, missing=NO_SET)
    first = offered[f"{sets[0].run}:{sets[0].set}"].run.config
    changes = {
        "sets": tuple(sets),
        "baselines": tuple(method for method in SELECTIONS if METHOD_NAMES[method] in baselines),
        "networks": tuple(network for network, title in NETWORK_NAMES.items() if title in tested),
        "whole": WHOLE in baselines,
        "learned_with": None if first is None else first.network_spec(),
    }
    config = start.model_copy(update=changes)
    try:
        return ChosenTable(config, data, config.table(data), config.command_line)
    except ValueError as refusal:
        return ChosenTable(config, data, missing=str(refusal))


def _choose_sets(offered: Mapping[str, OfferedSet], labels: Mapping[str, str]) -> dict[str, int | None]:
    """Draw the choice of sets, those of the address or else of the session; each at a stored iteration."""
    state = st.session_state
    requested = parse_sets(st.query_params.get(ADDRESS, state.get("own_sets", "")))
    for name in requested.keys() & offered.keys():
        requested[name] = offered[name].stored(requested[name])

    def take() -> None:
        before, chosen = parse_sets(state["own_sets"]), state["accuracy_own_sets"]
        _store_sets({name: before.get(name) for name in chosen})
        if chosen and not before and (label := labels.get(offered[chosen[0]].run.description.data.name)):
            state["data"] = label  # the first set brings its data set along

    state["accuracy_own_sets"] = [name for name in requested if name in offered]
    st.multiselect(
        "Sets of images",
        list(offered),
        format_func=lambda name: offered[name].label if name in offered else name,
        placeholder="Choose sets of your runs",
        key="accuracy_own_sets",
        on_change=take,
        help="The first is compared with all others. Runs that differ in nothing but the seed are one row.",
    )
    _store_sets(requested)
    return requested


def _choose_iterations(requested: Mapping[str, int | None], offered: Mapping[str, OfferedSet]) -> None:
    """Draw a field for the iteration of each set that has several."""

    def take(name: str) -> None:
        state = st.session_state
        _store_sets({**parse_sets(state["own_sets"]), name: state[f"accuracy_own_at_{name}"]})

    for name, iteration in requested.items():
        if name not in offered or len(offered[name].iterations) == 1:
            continue
        st.session_state[f"accuracy_own_at_{name}"] = iteration
        st.selectbox(
            f"Iteration of {plain_text(offered[name].label)}",
            offered[name].iterations[::-1],
            format_func=partial(_iteration_label, offered[name].iterations[-1]),
            key=f"accuracy_own_at_{name}",
            on_change=take,
            args=(name,),
        )


def _iteration_label(newest: int, iteration: int) -> str:
    return f"{grouped(iteration)}, the newest" if iteration == newest else grouped(iteration)


def _store_sets(requested: Mapping[str, int | None]) -> None:
    text = sets_query(requested)
    st.session_state["own_sets"] = text
    write_param(ADDRESS, text)
