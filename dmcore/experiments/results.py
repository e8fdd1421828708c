"""What a table's places hold so far, as one JSON file below the runs root; and a cell's mean, std and both n.

The cells themselves are kept by content (`dmcore.training.result_cache`); this file is for readers.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict

from dmcore.experiments.table import Place, Table
from dmcore.files.atomic import storage_trouble_named, write_atomically

FOLDER = "tables"


class Kept(BaseModel):
    """A frozen value of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class KeptCell(Kept):
    """One network."""

    repeat: int
    accuracy: float
    """Percent."""
    curve: tuple[tuple[int, float], ...] = ()
    """(epoch, percent of a fixed part of the test images)."""
    file: str = ""
    """Where its confusion matrix is kept, below the cache root; empty for a network on the whole set."""


class Filled(Kept):
    """One place."""

    digest: str = ""
    """Differs where the images do: places with one digest hold one set."""
    run: str = ""
    """The run whose images were judged; empty for the whole set."""
    set: str = ""
    iteration: int = 0
    images: int = 0
    """How many were trained on."""
    said: str = ""
    """What the images are, in a sentence."""
    cells: tuple[KeptCell, ...] = ()
    failure: str = ""
    """Why it has no number, in a sentence with a remedy."""


class Results(Kept):
    """The file."""

    table: Table
    filled: dict[int, Filled]
    """By the place's number."""
    notes: tuple[str, ...] = ()
    """What to know about the numbers."""
    data: str = ""
    """Digest of the data set that they are of; empty in files of older versions."""


@dataclass(frozen=True)
class Entry:
    """What stands in one cell of the table."""

    mean: float
    """Percent, over all networks."""
    std: float
    """Percent, over all networks, ddof 0, as published."""
    set_means: tuple[float, ...]
    """Percent, for each independent set: what verdicts rest on."""
    networks: int
    """In all."""
    fixed: bool = False
    """Whether several seeds gave the same one set: nothing in it is drawn."""

    @property
    def sets(self) -> int:
        """Independent sets."""
        return len(self.set_means)


def results_file(runs_root: Path, table: Table) -> Path:
    """Where the results of a table are."""
    return runs_root / FOLDER / f"{table.name}-{table.key}.json"


def read_results(runs_root: Path, table: Table, data: str = "") -> Results:
    """What is there; nothing filled where there is none, or a damaged file.

    With the digest of a data set nothing is there either where the file's numbers are of other data.
    """
    found = read_results_file(results_file(runs_root, table))
    if found is None or found.table.key != table.key or (data and found.data not in ("", data)):
        return Results(table=table, filled={})
    return found


def read_results_file(file: Path) -> Results | None:
    """What one file holds; None where it is not there, or damaged."""
    try:
        return Results.model_validate_json(file.read_bytes())
    except (OSError, ValueError):
        return None


def write_results(runs_root: Path, results: Results) -> None:
    """Keep them.

    Raises:
        StorageError: the disk is full or refuses.
    """
    file = results_file(runs_root, results.table)
    with storage_trouble_named(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(file, results.model_dump_json().encode())


def filled_elsewhere(file: Path) -> bool:
    """Whether a process fills the table of this file now; to be asked by one that does not."""
    lock = file.with_suffix(".lock")
    if not lock.exists():
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that only its owner may write to
        return False


def wanted(place: Place) -> int:
    """How many networks a place is to have."""
    return 1 if place.recipe.method == "whole" else place.repeats


def complete(place: Place, filled: Filled | None) -> bool:
    """Whether all networks of a place are there."""
    return filled is not None and not filled.failure and len(filled.cells) >= wanted(place)


def entry_of(results: Results, row: str, column: str) -> Entry | None:
    """Mean, std and both n of one cell of the table; None while it has no network.

    Places that hold the same images are one set: the mean image at 1 per class is the same for every seed.
    """
    by_set: dict[str, dict[object, float]] = {}
    seeds = set()
    for index in results.table.at(row, column):
        filled = results.filled.get(index)
        for cell in filled.cells if filled is not None else ():
            key = cell.file or (index, cell.repeat)
            seeds.add(results.table.places[index].recipe.seed)
            by_set.setdefault(filled.digest if filled else "", {})[key] = cell.accuracy
    if not by_set:
        return None
    every = [accuracy for one in by_set.values() for accuracy in one.values()]
    means = tuple(math.fsum(one.values()) / len(one) for one in by_set.values())
    fixed = len(by_set) == 1 < len(seeds)
    return Entry(float(np.mean(every)), float(np.std(every)), means, len(every), fixed)


def failures(results: Results) -> Mapping[str, str]:
    """Why places have no number, by row and column."""
    return {
        f"{place.row}, {place.column}": filled.failure
        for index, place in enumerate(results.table.places)
        if (filled := results.filled.get(index)) is not None and filled.failure
    }
