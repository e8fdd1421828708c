"""Facts of a data set for a table: from the catalogue, from a run of it, or from the loaded images."""

from pathlib import Path
from typing import TYPE_CHECKING

from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.presets import DataFacts

if TYPE_CHECKING:
    from dmcore.data.images import DataSet


def catalogue_facts(name: str) -> DataFacts | None:
    """Facts of a named data set from the catalogue, without loading it; None for a path."""
    entry = CATALOGUE.get(name)
    return None if entry is None else DataFacts(name, entry.title, entry.shape, entry.train_count)


def facts_from_runs(path: str, runs_root: Path) -> DataFacts | None:
    """Facts of the data set at a path from the newest run of it; None without such a run."""
    from dmcore.runs.runs_root import list_runs

    for run in list_runs(runs_root):
        data = run.description.data
        if data.name == path and data.train_count is not None:
            return DataFacts(path, data.title, (data.channels, data.height, data.width), data.train_count)
    return None


def facts_of(dataset: "DataSet") -> DataFacts:
    """Facts of a loaded data set."""
    return DataFacts(dataset.name, dataset.title, dataset.shape, len(dataset.train))
