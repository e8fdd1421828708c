"""Results of a table as one JSON file below the runs root: of each cell, or why it has none.

The networks' results are cached by content (`dmcore.training.result_cache`); this file is for readers.
Its JSON keys are those of older versions: `filled`, `cells` and `said`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ConfigDict, Field

from dmcore.config import NetworkSpec
from dmcore.experiments.table import Cell, Recipe, Table
from dmcore.files.atomic import storage_errors_explained
from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record

FOLDER = "tables"
NetworkKey = tuple[str | tuple[str, int], NetworkSpec, int]
"""Images that a network was trained on, its architecture and its number."""


class ResultsModel(Record):
    """Frozen part of the results file, constructed by field names and stored by their aliases."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True
    )


class NetworkResult(ResultsModel):
    """Test accuracy of one network of a cell."""

    repeat: int
    accuracy: float
    """Percent."""
    curve: tuple[tuple[int, float], ...] = ()
    """(epoch, percent of a fixed part of the test images)."""
    file: str = ""
    """File of the cached result, with the confusion matrix, below the cache root; empty for the whole set."""


class CellResult(ResultsModel):
    """Result of one cell: which images were tested, and the accuracy of each network."""

    digest: str = ""
    """Of the images: cells with the same digest hold the same set."""
    run: str = ""
    """Id of the run whose images were tested; empty for the whole set."""
    set: str = ""
    iteration: int = 0
    images: int = 0
    """Number of training images."""
    description: str = Field(default="", alias="said")
    """Sentence on what the images are."""
    network_results: tuple[NetworkResult, ...] = Field(default=(), alias="cells")
    failure: str = ""
    """Sentence on why the cell has no result, with a remedy; else empty."""


class Results(ResultsModel):
    """Content of the results file of a table."""

    table: Table
    cell_results: dict[int, CellResult] = Field(alias="filled")
    """By the cell's index in the table."""
    notes: tuple[str, ...] = ()
    """What a reader should know about the numbers."""
    data: str = ""
    """Digest of the data set; empty in files of older versions."""

    @property
    def complete_cells(self) -> int:
        """Number of cells that have all their networks."""
        return sum(
            complete(cell, self.cell_results.get(index)) for index, cell in enumerate(self.table.cells)
        )

    @property
    def failed_cells(self) -> int:
        """Number of cells whose computation failed, with a reason."""
        return sum(bool(result.failure) for result in self.cell_results.values())

    @property
    def tested_networks(self) -> int:
        """Number of networks tested so far, all cells together."""
        return sum(len(result.network_results) for result in self.cell_results.values())

    @property
    def networks(self) -> frozenset[NetworkKey]:
        """Networks tested so far, each once, however many cells have it."""
        return frozenset(
            network
            for index, result in self.cell_results.items()
            for network in self._networks_of(index, len(result.network_results))
        )

    def _networks_of(self, index: int, count: int) -> Iterator[NetworkKey]:
        """The first networks of a cell: equal for cells whose networks train on the same images.

        These are told by their digest once they were chosen. Networks on all real images differ by the seed.
        """
        cell, result = self.table.cells[index], self.cell_results.get(index)
        digest = result.digest if result is not None and cell.recipe.method != "whole" else ""
        return ((digest or cell.set_key, cell.network, number) for number in range(count))

    def is_row_complete(self, row: str) -> bool:
        """Whether all cells of a row have all their networks: its images are not needed any more."""
        cells = enumerate(self.table.cells)
        return all(complete(cell, self.cell_results.get(index)) for index, cell in cells if cell.row == row)

    @property
    def network_counts(self) -> tuple[int, int]:
        """Number of networks tested, and of all that are needed; those of failed cells do not count.

        Networks that several cells share count once: those on all real images, and on images that several
        methods chose alike, which shows when they were chosen.
        """
        cells = enumerate(self.table.cells)
        sound = [index for index, _ in cells if not self.cell_results.get(index, CellResult()).failure]
        needed = {
            network
            for index in sound
            for network in self._networks_of(index, networks_needed(self.table.cells[index]))
        }
        return len(self.networks & needed), len(needed)

    def at(self, row: str, column: str) -> list["CellResult"]:
        """Results so far of the cells of a row and column, one for each independent set."""
        indices = self.table.at(row, column)
        return [self.cell_results[index] for index in indices if index in self.cell_results]


def results_file(runs_root: Path, table: Table) -> Path:
    """Path of a table's results file."""
    return runs_root / FOLDER / results_name(table)


def results_name(table: Table) -> str:
    """Name of a table's results file."""
    return f"{table.name}-{table.key}.json"


def read_results(runs_root: Path, table: Table, data: str = "") -> Results:
    """Read a table's stored results; no cell results if the file is missing, damaged or of another table.

    A note names the damage. Given the digest of a data set, results of other data are ignored too.
    """
    try:
        stored = read_results_file(results_file(runs_root, table))
    except FileNotFoundError:
        return Results(table=table, cell_results={})
    except DamagedFileError as damage:
        return Results(table=table, cell_results={}, notes=(str(damage),))
    if stored.table.key != table.key or (data and stored.data not in ("", data)):
        return Results(table=table, cell_results={})
    return stored


def read_results_file(file: Path) -> Results:
    """Read one results file.

    Raises:
        FileNotFoundError: there is no such file.
        DamagedFileError: it is damaged.
    """
    return read_record(Results, file, "run the table again: its numbers are taken from the cache")


def stored_results(runs_root: Path, name: str) -> list[Results]:
    """All stored results of the tables of an experiment; damaged files are passed over."""
    stored = []
    for file in sorted((runs_root / FOLDER).glob(f"{name}-*.json")):
        with suppress(OSError, DamagedFileError):
            stored.append(read_results_file(file))
    return stored


def with_shared_cells(results: Results, others: Iterable[Results]) -> Results:
    """Results of a table with the cells that other tables have, too: what they tested is not tested again."""
    table, cells = results.table, dict(results.cell_results)
    known: dict[tuple[Recipe, NetworkSpec], CellResult] = {}
    for other in others:
        if (other.table.dataset, other.table.protocol) == (table.dataset, table.protocol):
            for index, result in other.cell_results.items():
                cell = other.table.cells[index]
                key = cell.recipe, cell.network
                if len(result.network_results) > len(known.get(key, CellResult()).network_results):
                    known[key] = result
    for index, cell in enumerate(table.cells):
        shared = known.get((cell.recipe, cell.network))
        if shared is not None and not complete(cell, cells.get(index)):
            cells[index] = shared
    return results.model_copy(update={"cell_results": cells})


def write_results(runs_root: Path, results: Results) -> None:
    """Write the results file atomically.

    Raises:
        StorageError: the disk is full or refuses.
    """
    file = results_file(runs_root, results.table)
    with storage_errors_explained(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_record(file, results)


def is_run_elsewhere(file: Path) -> bool:
    """Whether another process runs the table of this file now; for a process that does not run it itself."""
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


def networks_needed(cell: Cell) -> int:
    """Number of networks that a complete cell has."""
    return 1 if cell.recipe.method == "whole" else cell.repeats


def complete(cell: Cell, result: CellResult | None) -> bool:
    """Whether a cell has the results of all its networks."""
    return result is not None and not result.failure and len(result.network_results) >= networks_needed(cell)


def failures(results: Results) -> Mapping[str, str]:
    """Reasons why cells have no result, by row and column."""
    return {
        f"{row}, {column}": reason
        for reason, rows in failures_by_reason(results).items()
        for row, columns in rows.items()
        for column in columns
    }


def failures_by_reason(results: Results) -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Reasons why cells have no result, each with its rows and their columns."""
    reasons: dict[str, dict[str, list[str]]] = {}
    for index, cell in enumerate(results.table.cells):
        result = results.cell_results.get(index)
        if result is not None and result.failure:
            columns = reasons.setdefault(result.failure, {}).setdefault(cell.row, [])
            if cell.column not in columns:
                columns.append(cell.column)
    return reasons
