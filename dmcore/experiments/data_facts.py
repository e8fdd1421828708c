"""Facts of a data set for a table: from the catalogue, from a run of it, or from the loaded images."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.presets import DataFacts

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.runs.folder import RunFolder


def catalogue_facts(name: str) -> DataFacts | None:
    """Facts of a named data set from the catalogue, without loading it; None for a path."""
    entry = CATALOGUE.get(name)
    return None if entry is None else DataFacts(name, entry.title, entry.shape, entry.train_count)


def facts_from_runs(name: str, runs: Iterable["RunFolder"]) -> DataFacts | None:
    """Facts of the data set at a path from the first run of it; None where no run has counted its images."""
    for run in runs:
        data = run.description.data
        if data.name == name and data.train_count:
            shape = (data.channels, data.height, data.width)
            return DataFacts(name, data.title or name, shape, data.train_count)
    return None


def facts_of(dataset: "DataSet") -> DataFacts:
    """Facts of a loaded data set."""
    return DataFacts(dataset.name, dataset.title, dataset.shape, len(dataset.train))
