"""Selections from a table's results for figures and texts: points, and accuracies of the whole set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.plots.parts import mean_text
from dmcore.config.formatting import counted
from dmcore.experiments.results import Results, TableEntry, entry_of


@dataclass(frozen=True)
class AccuracyPoint:
    """Accuracy of a row and column that has a number: mean, deviation and single networks."""

    row: str
    column: str
    entry: TableEntry

    @property
    def text(self) -> str:
        """What is said of a mean: row and column, the mean, and of how many networks."""
        counts = f"{counted(self.entry.sets, 'set')}, {counted(self.entry.networks, 'network')}"
        return f"{self.row}, {self.column}\n{mean_text(self.entry)} %\n{counts}"

    @property
    def networks(self) -> tuple[tuple[int, float], ...]:
        """For each network the number of its independent set, from 0, and its percent."""
        sets = enumerate(self.entry.by_set)
        return tuple((number, percent) for number, percents in sets for percent in percents)


def accuracy_points(results: Results) -> list[AccuracyPoint]:
    """Accuracies of all compared rows, row by row; the whole set's come from `whole_set_accuracies`."""
    return [
        AccuracyPoint(row, column, entry)
        for row in results.table.compared_rows
        for column in results.table.columns
        if (entry := entry_of(results, row, column)) is not None
    ]


def whole_set_accuracies(results: Results) -> dict[str, float]:
    """Mean accuracy in percent of networks trained on all real images, by column."""
    return {
        column: entry.mean
        for row in results.table.rows
        for column in results.table.columns
        if row not in results.table.compared_rows and (entry := entry_of(results, row, column)) is not None
    }


def describe_accuracies(points: Sequence[AccuracyPoint], ceilings: Mapping[str, float]) -> str:
    """Alternative text of a figure of accuracies: one sentence for readers who do not see it."""
    if not points:
        return "Test accuracy in percent: no network has arrived yet."
    means = [f"{point.row}, {point.column}: {point.entry.mean:.1f}" for point in points]
    whole = "".join(f"; all real images {level:.1f}" for level in dict.fromkeys(ceilings.values()))
    return f"Test accuracy in percent: {', '.join(means)}{whole}."
