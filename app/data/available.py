"""The data sets that a table can be made of: those on this machine, and those of runs on disk.

Must not import torch, must not draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.data.folders import datasets
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.presets import DataFacts
from dmcore.runs.folder import RunFolder

SURE_SHARE = 0.9
"""Of a class's average number of images: the smallest class of a data set may have fewer."""


@dataclass(frozen=True)
class OfferedData:
    """One of them."""

    facts: DataFacts
    label: str
    """What the choice and the address call it: no two are called the same."""
    classes: int
    on_disk: bool = True
    """False for a named data set that has still to be downloaded."""

    @property
    def most_per_class(self) -> int:
        """Images per class that every class surely has."""
        each = self.facts.train_count / max(1, self.classes)
        return max(1, int(each if self.facts.name in CATALOGUE and each >= 1000 else SURE_SHARE * each))


def offered_data(runs: Sequence[RunFolder]) -> dict[str, OfferedData]:
    """By label; named data sets first, in the catalogue's order."""
    used = {run.description.data.name for run in runs}
    found: dict[str, OfferedData] = {}
    for entry in datasets():
        if entry.on_disk or entry.name in used:
            facts = DataFacts(entry.name, entry.title, entry.shape, entry.train_count)
            found[entry.title] = OfferedData(facts, entry.title, entry.classes, entry.on_disk)
    for run in runs:
        data = run.description.data
        known = {one.facts.name for one in found.values()}
        if not data.name or data.name in known or data.name in CATALOGUE or data.train_count is None:
            continue
        title = data.title or data.name
        label = title if title not in found else f"{title} ({data.name})"
        shape = (data.channels, data.height, data.width)
        facts = DataFacts(data.name, title, shape, data.train_count)
        found[label] = OfferedData(facts, label, len(data.class_names))
    return found
