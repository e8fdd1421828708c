"""Sets of images on disk that can be compared: their names, labels and rows, and a text that names them.

Sets that differ in nothing but the seed are independent sets of one row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dmcore.config.formatting import capitalised, counted, grouped
from dmcore.experiments.own_table import ComparedSet
from dmcore.runs.description import SetDescription
from dmcore.runs.display.titles import run_titles, set_title
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
        """`RUN:SET`."""
        return f"{self.run.id}{BEFORE_SET}{self.description.name}"

    def stored(self, iteration: int | None) -> int:
        """An iteration that is stored: the requested one, or the newest."""
        return iteration if iteration in self.iterations else self.iterations[-1]


def offered_sets(runs: Sequence[RunFolder], dataset: str) -> dict[str, OfferedSet]:
    """Every set with images, by name; those of the data set first."""
    titles = run_titles(runs)
    ordered = sorted(runs, key=lambda run: run.description.data.name != dataset)
    by_name: dict[str, OfferedSet] = {}
    for run in ordered:
        try:
            sets = [(description, tuple(run.snapshots(description.name))) for description in run.sets]
        except (ValueError, OSError):  # deleted or damaged meanwhile
            continue
        for description, iterations in sets:
            if iterations:
                label = titles[run.id]
                label += f": {set_title(run, description)}" if len(sets) > 1 else ""
                label += f" ({run.description.data.title})" if run.description.data.name != dataset else ""
                offered = OfferedSet(run, description, iterations, label)
                by_name[offered.name] = offered
    return by_name


def parse_sets(text: str) -> dict[str, int | None]:
    """Iterations of the sets in a text `RUN:SET@ITERATION,…`, by name; None: the newest that is stored.

    What is malformed is left out.
    """
    sets: dict[str, int | None] = {}
    for part in text.split(BETWEEN_SETS):
        name, _, iteration = part.partition(BEFORE_ITERATION)
        if BEFORE_SET in name:
            sets[name] = int(iteration) if iteration.isdecimal() and len(iteration) < 12 else None
    return sets


def sets_query(sets: Mapping[str, int | None]) -> str:
    """Inverse of `parse_sets`."""
    return BETWEEN_SETS.join(
        name if iteration is None else f"{name}{BEFORE_ITERATION}{iteration}"
        for name, iteration in sets.items()
    )


def compared_sets(
    requested: Mapping[str, int | None], offered: Mapping[str, OfferedSet]
) -> list[ComparedSet]:
    """Requested sets that exist, each at an iteration that is stored and with its row of the table."""
    existing = {
        name: (offered[name], offered[name].stored(iteration))
        for name, iteration in requested.items()
        if name in offered
    }
    rows: dict[object, list[str]] = {}
    for name, member in existing.items():
        rows.setdefault(_row_key(*member), []).append(name)
    titles: dict[str, str] = {}
    for members in rows.values():
        title = _unused_name(_row_name(*existing[members[0]], len(members)), list(titles.values()))
        titles |= dict.fromkeys(members, title)
    return [
        ComparedSet(
            run=offered_set.run.id,
            set=offered_set.description.name,
            iteration=iteration,
            images_per_class=offered_set.description.images_per_class,
            row=titles[name],
            method="dm" if offered_set.run.config is None else offered_set.run.config.method,
        )
        for name, (offered_set, iteration) in existing.items()
    ]


def _row_key(offered_set: OfferedSet, iteration: int) -> object:
    """Equal for independent sets of one row: those that differ in the seed alone."""
    run, described = offered_set.run, offered_set.description
    data, selection = run.description.data.name, described.selection
    if run.config is not None:
        return run.config.model_copy(update={"seed": 0}), described.name, iteration, data
    if selection is not None:
        training = selection.training and selection.training.model_copy(update={"seed": 0})
        return selection.method, training, described.images_per_class, data
    return offered_set.name


def _row_name(offered_set: OfferedSet, iteration: int, members: int) -> str:
    config = offered_set.run.config
    name = offered_set.label.removeprefix(f"{offered_set.run.description.data.title}, ")
    if members > 1:
        name = re.sub(r", seed \d+", "", name)
    if config is not None and iteration != config.iterations:
        name += f", iteration {grouped(iteration)}"
    return capitalised(name) if members == 1 else f"{capitalised(name)}, {counted(members, 'seed')}"


def _unused_name(name: str, taken: Sequence[str]) -> str:
    number, unused = 1, name
    while unused in taken:
        number += 1
        unused = f"{name} ({number})"
    return unused
