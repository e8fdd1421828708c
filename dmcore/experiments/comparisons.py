"""Comparison of the rows of a table by t-tests over independent sets.

Networks trained on one set are repeats of one sample, so a set counts once.
"""

from dataclasses import dataclass
from functools import cached_property

from dmcore.experiments.registry import experiment_of
from dmcore.experiments.results import Results, TableEntry, entry_of
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import NAMES
from dmcore.experiments.verdicts import Verdict, sets_needed, verdict


@dataclass(frozen=True)
class RowComparison:
    """Verdict on one row against another in one column."""

    row: str
    other: str
    column: str
    ours: TableEntry
    """Of `row`."""
    theirs: TableEntry
    """Of `other`."""

    @cached_property
    def verdict(self) -> Verdict:
        """Test of the means of independent sets; an entry that no seed changes counts as a fixed number."""
        means = (self.ours.set_means, self.theirs.set_means)
        return verdict(*means, higher_is_better=True, fixed=self.theirs.fixed)

    @property
    def sentence(self) -> str:
        """The comparison as a sentence for people; each side is the mean of its sets' mean accuracies."""
        text = f"{self.row} against {self.other}, {self.column}: {self.verdict.sentence}"
        needed = None if self.verdict.outcome != "not resolved" else sets_needed(self.verdict)
        return (
            text if needed is None else f"{text} A gap of this size takes about {needed} sets on each side."
        )


def compared_row(table: Table) -> str | None:
    """Row that is compared with all others; None for a table without comparisons (table 3)."""
    row = experiment_of(table).compared_row
    if row is None:
        return table.rows[0]
    return row if row in table.rows else None


def compare_rows(results: Results, row: str | None = None) -> tuple[RowComparison, ...]:
    """Compare `row`, by default `compared_row`, with all others that have results, except the whole set."""
    table = results.table
    row = row or compared_row(table)
    if row is None:
        return ()
    comparisons = []
    for column in table.columns:
        ours = entry_of(results, row, column)
        for other in table.rows:
            theirs = entry_of(results, other, column)
            if ours is not None and theirs is not None and other not in (row, NAMES["whole"]):
                comparisons.append(RowComparison(row, other, column, ours, theirs))
    return tuple(comparisons)
