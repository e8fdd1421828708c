"""Data sets that a table can be made of: those on this machine, those of runs on disk, and any typed path.

`available_datasets` lists them for every page of tables. The Accuracy pages offer all of them by label; the
Architectures page offers the names of those that can be opened here, and takes a typed path beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.data.dataset_cache import open_dataset
from app.data.folders import data_root, datasets
from dmcore.data.catalogue import CATALOGUE, canonical_name, is_there
from dmcore.experiments.presets import DataFacts, catalogue_facts, facts_from_runs, facts_of
from dmcore.runs.folder import RunFolder

SURE_SHARE = 0.9
"""Of a class's average number of images, for one's own data: the smallest class may have fewer."""


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
        if self.facts.name in CATALOGUE:
            return CATALOGUE[self.facts.name].smallest_class
        return max(1, int(SURE_SHARE * self.facts.train_count / max(1, self.classes)))

    @property
    def notes(self) -> tuple[str, ...]:
        """What to do about a data set that is not on this machine, in a sentence; none for one that is."""
        download = "is not on this machine: a run of it, started on the Watch page, downloads it."
        return () if self.on_disk else (f"{self.label} {download}",)

    def can_be_opened(self) -> bool:
        """Look on the disk: whether its images are here, downloaded or at their path."""
        if self.facts.name in CATALOGUE:
            return self.on_disk
        return is_there(self.facts.name)


def available_datasets(runs: Sequence[RunFolder]) -> dict[str, AvailableDataset]:
    """List the data sets on this machine and those of runs, by label; named ones first, in catalogue order.

    Args:
        runs: newest first. Those that do not record how many training images they had are left out.
    """
    used = {run.description.data.name: len(run.description.data.class_names) for run in reversed(runs)}
    available: dict[str, AvailableDataset] = {}
    for entry in datasets():
        facts = catalogue_facts(entry.name)
        if facts is not None and (entry.on_disk or entry.name in used):
            available[entry.title] = AvailableDataset(facts, entry.title, entry.classes, entry.on_disk)
    for name in dict.fromkeys(run.description.data.name for run in runs):
        facts = facts_from_runs(name, runs)
        if facts is not None and name and name not in CATALOGUE:
            label = facts.title if facts.title not in available else f"{facts.title} ({name})"
            available[label] = AvailableDataset(facts, label, used[name])
    return available


def missing_data_note(name: str) -> str:
    """How to get the data set of the paper's numbers, in a sentence; empty where it is on this machine."""
    entry = next((entry for entry in datasets() if entry.name == name), None)
    if entry is None or entry.on_disk:
        return ""
    return (
        f"The paper's numbers are of {entry.title}, which is not on this machine: a run of it, started on "
        f"the Watch page, or `dmcore prepare {name}` in a terminal downloads it."
    )


def known_facts(name: str, runs: Sequence[RunFolder]) -> DataFacts | None:
    """Facts of a data set from the catalogue or a run, without opening it; None where it must be read first.

    Raises:
        ValueError: a named data set that is not on this machine, with the remedy.
    """
    for entry in datasets():
        if entry.name == name and not entry.on_disk:
            raise ValueError(
                f"{entry.title} is not on this machine: `dmcore prepare {name}` in a terminal fetches it, "
                "or choose another data set"
            )
    return catalogue_facts(name) or facts_from_runs(canonical_name(name), runs)


def read_facts(name: str) -> DataFacts:
    """Open a data set and return its facts; imports torch, and may take a while the first time.

    Raises:
        ValueError: nothing at the path, or no problem to learn; with the remedy.
    """
    return facts_of(open_dataset(canonical_name(name), data_root()))
