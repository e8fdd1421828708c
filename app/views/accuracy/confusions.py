"""Confusion matrices of a table's cell, summed over all its networks, from the files of those networks.

Must not import torch, must not draw.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.data.folders import datasets, find_run
from app.views.accuracy.confusion_plot import Counts
from dmcore.experiments.results import Results
from dmcore.training.result_cache_files import read_cached_result


@dataclass(frozen=True)
class Confusion:
    """What all networks of a cell answered."""

    counts: Counts
    """[true class, named class] test images, summed over the networks."""
    names: tuple[str, ...]
    networks: int
    lacking: int
    """Networks whose file is no longer there."""


def confusion_of(results: Results, row: str, column: str, runs_root: Path, cache: Path) -> Confusion | None:
    """Summed over the networks of a cell; None where no file is there."""
    table = results.table
    files: dict[str, Counts] = {}
    lacking = set()
    for index in table.at(row, column):
        filled = results.cell_results.get(index)
        for kept in filled.network_results if filled is not None else ():
            if not kept.file or kept.file in files:
                continue
            cell = read_cached_result(cache / kept.file, table.cells[index].network, kept.repeat)
            if cell is None:
                lacking.add(kept.file)
            else:
                files[kept.file] = np.array(cell.confusion, dtype=np.int64)
    if not files:
        return None
    counts = np.sum(list(files.values()), axis=0)
    return Confusion(counts, class_names(results, len(counts), runs_root), len(files), len(lacking))


def class_names(results: Results, classes: int, runs_root: Path) -> tuple[str, ...]:
    """Names in the order of the test images' classes: the data set's, else of a run that was made from it."""
    named = next((one.class_names for one in datasets() if one.name == results.table.dataset), ())
    if len(named) == classes:
        return named
    for index, filled in results.cell_results.items():
        if filled.run and results.table.cells[index].recipe.method != "run":
            try:
                data = find_run(filled.run, runs_root).description.data
            except (ValueError, OSError):
                continue
            if data.name == results.table.dataset and len(data.class_names) == classes:
                return data.class_names
    return tuple(str(number) for number in range(classes))
