"""Selections from a table's results for figures and texts: points, whole-set accuracies, rows, counts."""

from dataclasses import dataclass

from dmcore.experiments.results import Results, TableEntry, entry_of
from dmcore.experiments.table import Table

LEARNED_METHODS = ("dm", "run")
"""Methods of sets that are learned, not selected from the real images."""


@dataclass(frozen=True)
class AccuracyPoint:
    """Accuracy of a row and column that has a number: mean, deviation and single networks."""

    row: str
    column: str
    entry: TableEntry

    @property
    def networks(self) -> tuple[tuple[int, float], ...]:
        """For each network the number of its independent set, from 0, and its percent."""
        sets = enumerate(self.entry.by_set)
        return tuple((number, percent) for number, percents in sets for percent in percents)


def accuracy_points(results: Results) -> list[AccuracyPoint]:
    """Accuracies of all compared rows, row by row; the whole set's come from `whole_set_accuracies`."""
    return [
        AccuracyPoint(row, column, entry)
        for row in compared_rows(results.table)
        for column in results.table.columns
        if (entry := entry_of(results, row, column)) is not None
    ]


def whole_set_accuracies(results: Results) -> dict[str, float]:
    """Mean accuracy in percent of networks trained on all real images, by column."""
    return {
        column: entry.mean
        for row in whole_rows(results.table)
        for column in results.table.columns
        if (entry := entry_of(results, row, column)) is not None
    }


def whole_rows(table: Table) -> tuple[str, ...]:
    """Rows of networks trained on all real images."""
    whole = {cell.row for cell in table.cells if cell.recipe.method == "whole"}
    return tuple(row for row in table.rows if row in whole)


def compared_rows(table: Table) -> tuple[str, ...]:
    """Rows of networks trained on a few images: all but `whole_rows`."""
    whole = whole_rows(table)
    return tuple(row for row in table.rows if row not in whole)


def reference_row(table: Table) -> str | None:
    """Row that the others are compared with: the first of a learned set; None where there is none."""
    learned = {cell.row for cell in table.cells if cell.recipe.method in LEARNED_METHODS}
    return next((row for row in table.rows if row in learned), None)


def column_images_per_class(table: Table, column: str) -> int:
    """Images per class of a column whose cells all have the same number of them."""
    return next(cell.recipe.images_per_class for cell in table.cells if cell.column == column)


def tested_networks(results: Results) -> int:
    """Number of networks tested so far, all cells together."""
    return sum(len(result.network_results) for result in results.cell_results.values())
