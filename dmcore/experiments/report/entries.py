"""Entries of a table: mean, deviation and both numbers n of a row and column, and the texts of them.

Networks trained on one set are repeats of one sample, so sets and networks are counted apart.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from dmcore.config.formatting import NO_BREAK_SPACE, counted, mean_text
from dmcore.experiments.results import Results

NO_NUMBER = "–"


@dataclass(frozen=True)
class TableEntry:
    """Mean, std and both n of a row and column: an entry of the printed table."""

    row: str
    column: str
    by_set: tuple[tuple[float, ...], ...]
    """Percent of each network, by independent set."""
    fixed: bool = False
    """Whether several seeds gave the same set: the method draws nothing at random."""
    whole: bool = False
    """Whether the networks were trained on all real images, of which there is one set."""
    digests: frozenset[str] = frozenset()
    """Of the sets: rows with equal ones hold the same images; empty where they are not known."""

    @cached_property
    def accuracies(self) -> tuple[float, ...]:
        """Percent of every network."""
        return tuple(accuracy for accuracies in self.by_set for accuracy in accuracies)

    @cached_property
    def mean(self) -> float:
        """Percent, over all networks."""
        return float(np.mean(self.accuracies))

    @cached_property
    def std(self) -> float:
        """Percent, over all networks, ddof 0, as published."""
        return float(np.std(self.accuracies))

    @cached_property
    def set_means(self) -> tuple[float, ...]:
        """Percent, for each independent set: the samples of a verdict's test."""
        return tuple(math.fsum(accuracies) / len(accuracies) for accuracies in self.by_set)

    @property
    def networks(self) -> int:
        """Number of networks of all sets together."""
        return len(self.accuracies)

    @property
    def sets(self) -> int:
        """Number of independent sets."""
        return len(self.by_set)

    @property
    def networks_per_set(self) -> int | None:
        """Number of networks of each set; None where the sets have different numbers of them."""
        each, rest = divmod(self.networks, self.sets)
        return None if rest else each

    @property
    def mean_text(self) -> str:
        """Mean and deviation: '79.4 ± 0.4'; of one network there is no deviation."""
        return mean_text(self.mean, self.std if self.networks > 1 else None)

    @property
    def counts_text(self) -> str:
        """Both numbers n: '3 sets, 6 networks'."""
        return f"{counted(self.sets, 'set')}, {counted(self.networks, 'network')}"

    @property
    def sizes_text(self) -> str:
        """Both numbers n: '9 networks (3 sets × 3)'; '2 sets, 5 networks' where they are not as many each."""
        each = self.networks_per_set
        if each is None:
            return self.counts_text
        return f"{counted(self.networks, 'network')} ({counted(self.sets, 'set')} × {each})"

    @property
    def over_text(self) -> str:
        """What mean and deviation are over: 'over 9 networks of 3 sets'."""
        return f"over {counted(self.networks, 'network')} of {counted(self.sets, 'set')}"

    @property
    def description(self) -> str:
        """Row and column, the mean, and of how many networks, a line each."""
        return f"{self.row}, {self.column}\n{self.mean_text} %\n{self.counts_text}"

    @property
    def percent(self) -> str:
        """Mean in percent: '79.4 %'."""
        return f"{self.mean:.1f}{NO_BREAK_SPACE}%"


def entry_of(results: Results, row: str, column: str) -> TableEntry | None:
    """Mean, std and both n of a row and column; None while no network is tested.

    Cells with the same images are one set: the mean image at 1 per class is the same for every seed.
    """
    by_set: dict[str, dict[object, float]] = {}
    seeds = set()
    for index in results.table.at(row, column):
        result = results.cell_results.get(index)
        for network in result.network_results if result is not None else ():
            key = network.file or (index, network.repeat)
            seeds.add(results.table.cells[index].recipe.seed)
            by_set.setdefault(result.digest if result else "", {})[key] = network.accuracy
    if not by_set:
        return None
    accuracies = tuple(tuple(networks.values()) for networks in by_set.values())
    fixed, whole = len(by_set) == 1 < len(seeds), row not in results.table.compared_rows
    digests = frozenset() if "" in by_set else frozenset(by_set)
    return TableEntry(row, column, accuracies, fixed, whole, digests)


def known_entries(
    results: Results, rows: Sequence[str] | None = None, columns: Sequence[str] | None = None
) -> list[TableEntry]:
    """Entries that have a number, row by row; of all rows or columns, where these are left open."""
    rows = results.table.rows if rows is None else rows
    columns = results.table.columns if columns is None else columns
    entries = (entry_of(results, row, column) for row in rows for column in columns)
    return [entry for entry in entries if entry is not None]


def compared_entries(results: Results) -> list[TableEntry]:
    """Entries of all compared rows that have a number; the whole set's are `whole_set_accuracies`."""
    return known_entries(results, results.table.compared_rows)


def whole_set_accuracies(results: Results, columns: Sequence[str] | None = None) -> dict[str, float]:
    """Mean accuracy in percent of networks trained on all real images, by column; of all, if left open."""
    rows = [row for row in results.table.rows if row not in results.table.compared_rows]
    return {entry.column: entry.mean for entry in known_entries(results, rows, columns)}


def cell_text(entry: TableEntry | None) -> str:
    """Format an entry for people: '79.4 ± 0.4 % (3 sets × 2 networks)'; of the whole set only networks."""
    if entry is None:
        return NO_NUMBER
    if entry.whole:
        text = f"{entry.mean_text} % ({counted(entry.networks, 'network')})"
        return text.replace(" ", NO_BREAK_SPACE)
    counts = entry.counts_text
    if entry.networks_per_set is not None:
        counts = f"{counted(entry.sets, 'set')} × {counted(entry.networks_per_set, 'network')}"
    return " ".join(text.replace(" ", NO_BREAK_SPACE) for text in (f"{entry.mean_text} %", f"({counts})"))


def column_summary(results: Results, column: str) -> list[str]:
    """Summary of a column so far, in a few parts: ours, the best of the others, the whole set."""
    ours, rows = results.table.learned_row, results.table.compared_rows
    entries = {entry.row: entry for entry in known_entries(results, rows, [column])}
    parts = []
    if ours in entries:
        parts.append(f"{ours}: {entries[ours].percent}")
    others = [entry for row, entry in entries.items() if row != ours]
    if others:
        best = max(others, key=lambda entry: entry.mean)
        which = "best of the others" if ours in entries else "best so far"
        parts.append(f"{which if len(rows) > 2 else 'beside it'}, {best.row}: {best.percent}")
    whole = whole_set_accuracies(results, [column]).get(column)
    if whole is not None:
        parts.append(f"all real images: {whole:.1f}{NO_BREAK_SPACE}%")
    return parts


def describe_accuracies(entries: Sequence[TableEntry], ceilings: Mapping[str, float]) -> str:
    """Alternative text of a figure of accuracies: one sentence for readers who do not see it.

    Args:
        entries: those drawn.
        ceilings: percent of networks trained on all real images, by column.
    """
    if not entries:
        return "Test accuracy in percent: no network has arrived yet."
    means = [f"{entry.row}, {entry.column}: {entry.mean:.1f}" for entry in entries]
    whole = "".join(f"; all real images {level:.1f}" for level in dict.fromkeys(ceilings.values()))
    return f"Test accuracy in percent: {', '.join(means)}{whole}."
