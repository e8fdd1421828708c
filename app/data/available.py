"""Data sets that a table can be made of: those on this machine, those of runs on disk, and any typed path.

`available_datasets` lists them for every page of tables. The Accuracy pages offer all of them by label; the
Architectures page offers the names of those that can be opened here, and takes a typed path beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.data.dataset_cache import open_dataset
from app.data.facts import dataset_entry
from app.data.folders import data_root, datasets
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.presets import DataFacts
from dmcore.runs.folder import RunFolder

SURE_SHARE = 0.9
"""Of a class's average number of images: the smallest class of a data set may have fewer."""


@dataclass(frozen=True)
class AvailableDataset:
    """Data set that a table can be made of: its facts, its label and whether it is downloaded."""

    facts: DataFacts
    label: str
    """What the choice and the URL call it; unique in a listing."""
    classes: int
    on_disk: bool = True
    """False for a named data set that has still to be downloaded."""

    @property
    def most_per_class(self) -> int:
        """Images per class that every class surely has."""
        average = self.facts.train_count / max(1, self.classes)
        balanced = self.facts.name in CATALOGUE and average >= 1000
        return max(1, int(average if balanced else SURE_SHARE * average))

    def can_be_opened(self) -> bool:
        """Look on the disk: whether its images are here, downloaded or at their path."""
        if self.facts.name in CATALOGUE:
            return self.on_disk
        return Path(self.facts.name).expanduser().exists()


def available_datasets(runs: Sequence[RunFolder]) -> dict[str, AvailableDataset]:
    """List the data sets on this machine and those of runs, by label; named ones first, in catalogue order.

    Args:
        runs: newest first. Those that do not record how many training images they had are left out.
    """
    used = {run.description.data.name for run in runs}
    available: dict[str, AvailableDataset] = {}
    for entry in datasets():
        if entry.on_disk or entry.name in used:
            facts = DataFacts(entry.name, entry.title, entry.shape, entry.train_count)
            available[entry.title] = AvailableDataset(facts, entry.title, entry.classes, entry.on_disk)
    listed = set(CATALOGUE)
    for run in runs:
        data = run.description.data
        if not data.name or data.name in listed or not data.train_count:
            continue
        listed.add(data.name)
        facts = _facts_of_run(run, data.name)
        label = facts.title if facts.title not in available else f"{facts.title} ({data.name})"
        available[label] = AvailableDataset(facts, label, len(data.class_names))
    return available


def known_facts(name: str, runs: Sequence[RunFolder]) -> DataFacts | None:
    """Facts of a data set from the catalogue or a run, without opening it; None where it must be read first.

    Raises:
        ValueError: a named data set that is not on this machine, with the remedy.
    """
    entry = dataset_entry(name)
    if entry is not None:
        if not entry.on_disk:
            raise ValueError(
                f"{entry.title} is not on this machine: `dmcore prepare {name}` in a terminal fetches it, "
                "or choose another data set"
            )
        return DataFacts(name, entry.title, entry.shape, entry.train_count)
    path = stable_name(name)
    for run in runs:
        if run.description.data.train_count and run.description.data.name in (name, path):
            return _facts_of_run(run, path)
    return None


def read_facts(name: str) -> DataFacts:
    """Open a data set and return its facts; imports torch, and may take a while the first time.

    Raises:
        ValueError: nothing at the path, or no problem to learn; with the remedy.
    """
    path = stable_name(name)
    dataset = open_dataset(path, data_root())
    return DataFacts(path, dataset.title, dataset.shape, len(dataset.train))


def stable_name(name: str) -> str:
    """Absolute path for a path, so that a terminal in any folder runs the same table; else the name."""
    path = Path(name).expanduser()
    return str(path.absolute()) if dataset_entry(name) is None and path.exists() else name


def _facts_of_run(run: RunFolder, name: str) -> DataFacts:
    data = run.description.data
    shape = (data.channels, data.height, data.width)
    return DataFacts(name, data.title or name, shape, data.train_count or 1)
