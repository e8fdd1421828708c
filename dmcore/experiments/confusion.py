"""Confusion matrix of a cell of a table, summed over its networks, from the cached result of each network."""

from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.results import Results
from dmcore.runs.runs_root import open_run
from dmcore.training.result_cache_files import read_cached_result


@dataclass(frozen=True)
class CellConfusion:
    """Summed confusion matrix of the networks of a cell."""

    counts: npt.NDArray[np.int64]
    """[true class, predicted class] test images, summed over the networks."""
    names: tuple[str, ...]
    """Of the classes."""
    networks: int
    missing: int
    """Networks whose file is no longer there."""

    @cached_property
    def shares(self) -> npt.NDArray[np.float64]:
        """Percent of each class's test images (row) that were predicted as each class (column)."""
        total = self.counts.sum(axis=1, keepdims=True)
        return np.where(total > 0, 100.0 * self.counts / np.maximum(1, total), 0.0)

    @property
    def sentence(self) -> str:
        """Which class is learned best and worst, and what is taken for what most often."""
        names, right = self.names, self.shares.diagonal()
        best, worst = int(right.argmax()), int(right.argmin())
        wrong = self.shares.copy()
        np.fill_diagonal(wrong, -1.0)
        true, predicted = divmod(int(wrong.argmax()), len(names))
        share = wrong[true, predicted]
        text = f"Best: {names[best]} ({right[best]:.0f} % right); "
        text += f"worst: {names[worst]} ({right[worst]:.0f} %)."
        if len(names) < 2 or share <= 0:
            return text
        return f"{text} Most often confused: {names[true]} is taken for {names[predicted]} in {share:.0f} %."


def cell_confusion(
    results: Results, row: str, column: str, runs_root: Path, cache: Path
) -> CellConfusion | None:
    """Confusion matrix summed over the networks of a cell; None where no file is there."""
    table = results.table
    files: dict[str, npt.NDArray[np.int64]] = {}
    missing = set()
    for index in table.at(row, column):
        cell_result = results.cell_results.get(index)
        for network in cell_result.network_results if cell_result is not None else ():
            if not network.file or network.file in files:
                continue
            cached = read_cached_result(cache / network.file, table.cells[index].network, network.repeat)
            if cached is None:
                missing.add(network.file)
            else:
                files[network.file] = np.array(cached.confusion, dtype=np.int64)
    if not files:
        return None
    counts = np.sum(list(files.values()), axis=0)
    return CellConfusion(counts, class_names(results, len(counts), runs_root), len(files), len(missing))


def class_names(results: Results, classes: int, runs_root: Path) -> tuple[str, ...]:
    """Class names in the order of the test labels: from the data set, else from a run on it."""
    dataset = results.table.dataset
    known = CATALOGUE[dataset].class_names if dataset in CATALOGUE else ()
    for index, cell_result in results.cell_results.items():
        if len(known) == classes:
            break
        if cell_result.run and results.table.cells[index].recipe.method != "run":
            with suppress(ValueError, OSError):
                data = open_run(cell_result.run, runs_root).description.data
                known = data.class_names if data.name == dataset else known
    return known if len(known) == classes else tuple(str(number) for number in range(classes))
