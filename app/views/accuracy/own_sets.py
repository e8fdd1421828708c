"""Sets of images on disk that can be compared: which there are, what they are called, which belong together.

Sets that differ in nothing but the seed are independent sets of one row. Must not import torch, must
not draw.
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
    """A set of a run, with the iterations whose images are kept."""

    run: RunFolder
    one: SetDescription
    kept: tuple[int, ...]
    label: str

    @property
    def name(self) -> str:
        """How choices and addresses name it."""
        return f"{self.run.id}{BEFORE_SET}{self.one.name}"


@dataclass(frozen=True)
class AskedSet:
    """A set as an address names it."""

    name: str
    iteration: int | None
    """None: the newest that is kept."""


def offered_sets(runs: Sequence[RunFolder], dataset: str) -> dict[str, OfferedSet]:
    """Every set with images, by name; those of the data set first."""
    titles = run_titles(runs)
    ordered = sorted(runs, key=lambda run: run.description.data.name != dataset)
    found: dict[str, OfferedSet] = {}
    for run in ordered:
        try:
            sets = [(one, tuple(run.snapshots(one.name))) for one in run.sets]
        except (ValueError, OSError):  # deleted or damaged meanwhile: the Runs page says so
            continue
        for one, kept in sets:
            if kept:
                label = titles[run.id]
                label += f": {set_title(run, one)}" if len(sets) > 1 else ""
                label += f" ({run.description.data.title})" if run.description.data.name != dataset else ""
                offered = OfferedSet(run, one, kept, label)
                found[offered.name] = offered
    return found


def of_text(text: str) -> list[AskedSet]:
    """What an address asks for: `RUN:SET@ITERATION,…`; what it says wrong is left out."""
    found: dict[str, AskedSet] = {}
    for part in text.split(BETWEEN_SETS):
        name, _, iteration = part.partition(BEFORE_ITERATION)
        if BEFORE_SET in name:
            usable = iteration.isdecimal() and len(iteration) < 12
            found[name] = AskedSet(name, int(iteration) if usable else None)
    return list(found.values())


def as_text(asked: Sequence[AskedSet]) -> str:
    """The same for an address."""
    return BETWEEN_SETS.join(
        one.name if one.iteration is None else f"{one.name}{BEFORE_ITERATION}{one.iteration}" for one in asked
    )


def pinned(asked: AskedSet, offered: OfferedSet) -> AskedSet:
    """At an iteration that is kept: the asked one, or the newest."""
    fits = asked.iteration in offered.kept
    return asked if fits else replace(asked, iteration=offered.kept[-1])


def own_sets(asked: Sequence[AskedSet], offered: Mapping[str, OfferedSet]) -> list[ComparedSet]:
    """Those that are there, in the rows that they belong to."""
    there = [(pinned(one, offered[one.name]), offered[one.name]) for one in asked if one.name in offered]
    rows: dict[object, list[tuple[AskedSet, OfferedSet]]] = {}
    for one, offer in there:
        rows.setdefault(_alike(offer, one.iteration), []).append((one, offer))
    names: dict[object, str] = {}
    for key, members in rows.items():
        names[key] = _free(_row_name(members), list(names.values()))
    return [
        ComparedSet(
            run=offer.run.id,
            set=offer.one.name,
            iteration=one.iteration or 0,
            images_per_class=offer.one.images_per_class,
            row=names[_alike(offer, one.iteration)],
        )
        for one, offer in there
    ]


def _alike(offer: OfferedSet, iteration: int | None) -> object:
    """The same for independent sets of one thing."""
    run, selection = offer.run, offer.one.selection
    if run.config is not None:
        return (
            run.config.model_copy(update={"seed": 0}),
            offer.one.name,
            iteration,
            run.description.data.name,
        )
    if selection is not None:
        data, size = run.description.data.name, offer.one.images_per_class
        training = selection.training and selection.training.model_copy(update={"seed": 0})
        return (selection.method, training, size, data)
    return offer.name


def _row_name(members: Sequence[tuple[AskedSet, OfferedSet]]) -> str:
    asked, offer = members[0]
    config = offer.run.config
    name = offer.label.removeprefix(f"{offer.run.description.data.title}, ")
    if len(members) > 1:
        name = re.sub(r", seed \d+", "", name)
    if config is not None and asked.iteration is not None and asked.iteration != config.iterations:
        name += f", iteration {grouped(asked.iteration)}"
    return capitalised(name) if len(members) == 1 else f"{capitalised(name)}, {counted(len(members), 'seed')}"


def _free(name: str, taken: Sequence[str]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name} ({number})"
    return free
