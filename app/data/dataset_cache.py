"""LRU cache of opened data sets: the real images of a run, read once and shared by every view.

Torch is imported with the first data set that is opened.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.data.folders import data_root
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.data.images import DataSet

CACHED_DATASETS = 2
"""Data sets that stay in memory."""


@lru_cache(maxsize=CACHED_DATASETS)
def open_dataset(name: str, root: Path) -> "DataSet":
    """Load a data set that is on this machine; nothing is downloaded.

    Raises:
        ValueError: unknown, missing or damaged, with the remedy.
    """
    from dmcore.data.load import load_dataset

    return load_dataset(name, root)


def dataset_of(run: RunFolder) -> "DataSet":
    """Load the real images that a run condenses.

    Raises:
        ValueError: they are not on this machine, or no longer the same, with the remedy.
    """
    stored = run.description.data
    if not stored.name:
        raise ValueError(f"run {run.id} does not say which real images it was condensed from")
    dataset = open_dataset(stored.name, data_root())
    if stored.digest is not None and _digest(stored.name, data_root()) != stored.digest:
        raise ValueError(f"{stored.name} has other training images now than run {run.id} was made from")
    return dataset


@lru_cache(maxsize=CACHED_DATASETS)
def _digest(name: str, root: Path) -> str:
    return open_dataset(name, root).train_digest
