"""What a table's results hold, as the figures and sentences of the Accuracy page need it. Must not draw."""

from dataclasses import dataclass

from dmcore.experiments.results import Entry, Results, entry_of
from dmcore.experiments.table import Table

LEARNED_METHODS = ("dm", "run")
"""Recipes of sets that are not selections of real images."""


@dataclass(frozen=True)
class AccuracyPoint:
    """One cell of the table that has a number."""

    row: str
    column: str
    entry: Entry
    networks: tuple[tuple[int, float], ...]
    """For each network the number of its independent set, from 0, and its percent."""


def accuracy_points(results: Results) -> list[AccuracyPoint]:
    """The cells that have a number, row by row; the whole set stands in `whole_set_accuracies`."""
    found = []
    for row in compared_rows(results.table):
        for column in results.table.columns:
            entry = entry_of(results, row, column)
            if entry is not None:
                found.append(AccuracyPoint(row, column, entry, _networks(results, row, column)))
    return found


def whole_set_accuracies(results: Results) -> dict[str, float]:
    """Percent that networks on all real images reach, by column."""
    found = {}
    for row in whole_rows(results.table):
        for column in results.table.columns:
            entry = entry_of(results, row, column)
            if entry is not None:
                found[column] = entry.mean
    return found


def whole_rows(table: Table) -> tuple[str, ...]:
    """Rows of networks on all real images."""
    whole = {one.row for one in table.cells if one.recipe.method == "whole"}
    return tuple(row for row in table.rows if row in whole)


def compared_rows(table: Table) -> tuple[str, ...]:
    """All other rows."""
    whole = whole_rows(table)
    return tuple(row for row in table.rows if row not in whole)


def reference_row(table: Table) -> str | None:
    """The row that the others are compared with: the first that was learned; None where none was."""
    learned = {one.row for one in table.cells if one.recipe.method in LEARNED_METHODS}
    return next((row for row in table.rows if row in learned), None)


def column_images_per_class(table: Table, column: str) -> int:
    """Images per class of a column whose places have one number of them."""
    return next(one.recipe.images_per_class for one in table.cells if one.column == column)


def tested_networks(results: Results) -> int:
    """Networks that have arrived, all places together."""
    return sum(len(one.network_results) for one in results.cell_results.values())


def _networks(results: Results, row: str, column: str) -> tuple[tuple[int, float], ...]:
    """Places with the same images are one set, and what two of them share is one network."""
    sets: dict[str, int] = {}
    found: dict[object, tuple[int, float]] = {}
    for index in results.table.at(row, column):
        filled = results.cell_results.get(index)
        if filled is None or not filled.network_results:
            continue
        number = sets.setdefault(filled.digest, len(sets))
        for cell in filled.network_results:
            found[cell.file or (index, cell.repeat)] = (number, cell.accuracy)
    return tuple(found.values())
