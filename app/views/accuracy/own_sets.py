"""Sets of images on disk that can be compared: their names, labels and rows; sets in the address.

Sets that differ in nothing but the seed are independent sets of one row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from app.text.set_labels import run_titles, set_title
from dmcore.config.formatting import capitalised, counted, grouped
from dmcore.experiments.own_table import ComparedSet
from dmcore.runs.description import SetDescription
from dmcore.runs.folder import RunFolder

BETWEEN_SETS, BEFORE_SET, BEFORE_ITERATION = ",", ":", "@"


@dataclass(frozen=True)
class OfferedSet:
    """Set of a run that can be compared, with the iterations whose images are stored."""

    run: RunFolder
    description: SetDescription
    iterations: tuple[int, ...]
    label: str

    @property
    def name(self) -> str:
        """`RUN:SET`, in choices and addresses."""
        return f"{self.run.id}{BEFORE_SET}{self.description.name}"


@dataclass(frozen=True)
class RequestedSet:
    """Set named in an address."""

    name: str
    iteration: int | None
    """None: the newest that is stored."""


def offered_sets(runs: Sequence[RunFolder], dataset: str) -> dict[str, OfferedSet]:
    """Every set with images, by name; those of the data set first."""
    titles = run_titles(runs)
    ordered = sorted(runs, key=lambda run: run.description.data.name != dataset)
    by_name: dict[str, OfferedSet] = {}
    for run in ordered:
        try:
            sets = [(description, tuple(run.snapshots(description.name))) for description in run.sets]
        except (ValueError, OSError):  # deleted or damaged meanwhile: the Runs page says so
            continue
        for description, iterations in sets:
            if iterations:
                label = titles[run.id]
                label += f": {set_title(run, description)}" if len(sets) > 1 else ""
                label += f" ({run.description.data.title})" if run.description.data.name != dataset else ""
                offered = OfferedSet(run, description, iterations, label)
                by_name[offered.name] = offered
    return by_name


def parse_sets(text: str) -> list[RequestedSet]:
    """Sets of an address `RUN:SET@ITERATION,…`; what is malformed is left out."""
    sets: dict[str, RequestedSet] = {}
    for part in text.split(BETWEEN_SETS):
        name, _, iteration = part.partition(BEFORE_ITERATION)
        if BEFORE_SET in name:
            usable = iteration.isdecimal() and len(iteration) < 12
            sets[name] = RequestedSet(name, int(iteration) if usable else None)
    return list(sets.values())


def sets_query(sets: Sequence[RequestedSet]) -> str:
    """Inverse of `parse_sets`."""
    return BETWEEN_SETS.join(
        item.name if item.iteration is None else f"{item.name}{BEFORE_ITERATION}{item.iteration}"
        for item in sets
    )


def pin_iteration(requested: RequestedSet, offered: OfferedSet) -> RequestedSet:
    """The set at an iteration that is stored: the requested one, or the newest."""
    fits = requested.iteration in offered.iterations
    return requested if fits else replace(requested, iteration=offered.iterations[-1])


def compared_sets(requested: Sequence[RequestedSet], offered: Mapping[str, OfferedSet]) -> list[ComparedSet]:
    """Requested sets that exist, each with its row of the table."""
    existing = [
        (pin_iteration(item, offered[item.name]), offered[item.name])
        for item in requested
        if item.name in offered
    ]
    rows: dict[object, list[tuple[RequestedSet, OfferedSet]]] = {}
    for item, offered_set in existing:
        rows.setdefault(_row_key(offered_set, item.iteration), []).append((item, offered_set))
    names: dict[object, str] = {}
    for key, members in rows.items():
        names[key] = _unused_name(_row_name(members), list(names.values()))
    return [
        ComparedSet(
            run=offered_set.run.id,
            set=offered_set.description.name,
            iteration=item.iteration or 0,
            images_per_class=offered_set.description.images_per_class,
            row=names[_row_key(offered_set, item.iteration)],
        )
        for item, offered_set in existing
    ]


def _row_key(offered_set: OfferedSet, iteration: int | None) -> object:
    """Equal for independent sets of one row: those that differ in the seed alone."""
    run, selection = offered_set.run, offered_set.description.selection
    if run.config is not None:
        return (
            run.config.model_copy(update={"seed": 0}),
            offered_set.description.name,
            iteration,
            run.description.data.name,
        )
    if selection is not None:
        data, size = run.description.data.name, offered_set.description.images_per_class
        training = selection.training and selection.training.model_copy(update={"seed": 0})
        return (selection.method, training, size, data)
    return offered_set.name


def _row_name(members: Sequence[tuple[RequestedSet, OfferedSet]]) -> str:
    requested, offered_set = members[0]
    config = offered_set.run.config
    name = offered_set.label.removeprefix(f"{offered_set.run.description.data.title}, ")
    if len(members) > 1:
        name = re.sub(r", seed \d+", "", name)
    if config is not None and requested.iteration is not None and requested.iteration != config.iterations:
        name += f", iteration {grouped(requested.iteration)}"
    return capitalised(name) if len(members) == 1 else f"{capitalised(name)}, {counted(len(members), 'seed')}"


def _unused_name(name: str, taken: Sequence[str]) -> str:
    number, unused = 1, name
    while unused in taken:
        number += 1
        unused = f"{name} ({number})"
    return unused
