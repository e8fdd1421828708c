"""Comparison of the rows of a table by t-tests over independent sets, with the verdicts as sentences.

Networks trained on one set are repeats of one sample, so a set counts once.
"""

from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, mean_text
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import NAMES
from dmcore.experiments.verdicts import MIN_RUNS, Verdict, sets_needed, verdict


@dataclass(frozen=True)
class RowComparison:
    """Verdict on one row against another in one column."""

    ours: TableEntry
    theirs: TableEntry
    """Of the other row, in the same column."""

    @cached_property
    def verdict(self) -> Verdict:
        """Test of the means of independent sets; an entry that no seed changes counts as a fixed number."""
        means = (self.ours.set_means, self.theirs.set_means)
        return verdict(*means, higher_is_better=True, fixed=self.theirs.fixed)

    @property
    def sentence(self) -> str:
        """The comparison as a sentence for people; each side is the mean of its sets' mean accuracies."""
        ours, theirs = self.ours, self.theirs
        text = f"{ours.row} against {theirs.row}, {ours.column}: {self.verdict.sentence}"
        needed = None if self.verdict.outcome != "not resolved" else sets_needed(self.verdict)
        return (
            text if needed is None else f"{text} A gap of this size takes about {needed} sets on each side."
        )

    @property
    def verdict_sentence(self) -> str:
        """The same, outcome first: 'Holds: DM, 79.4 ± 0.3 % (3 sets, …), is above Random, … (p = 0.002).'."""
        verdict, gap = self.verdict, fmean(self.ours.set_means) - fmean(self.theirs.set_means)
        relation = "equals" if not gap else "is above" if gap > 0 else "is below"
        ours, theirs = _side_text(self.ours, verdict.ours_std), _side_text(self.theirs, verdict.theirs_std)
        return f"{capitalised(verdict.outcome)}: {ours}, {relation} {theirs}{_test_text(verdict)}."


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
                comparisons.append(RowComparison(ours, theirs))
    return tuple(comparisons)


def column_verdicts(results: Results, column: str) -> list[RowComparison]:
    """Comparisons of the table's learned row with each other method of a column that has a number."""
    ours = results.table.learned_row
    comparisons = compare_rows(results, ours) if ours is not None else ()
    return [comparison for comparison in comparisons if comparison.ours.column == column]


def _side_text(entry: TableEntry, std: float | None) -> str:
    number = f"{mean_text(fmean(entry.set_means), std)} %".replace(" ", NO_BREAK_SPACE)
    return f"{entry.row}, {number} ({entry.counts_text})"


def _test_text(verdict: Verdict) -> str:
    """The test that a verdict rests on and its p, or why there is none."""
    p = "" if verdict.p is None else "p < 0.001" if verdict.p < 0.001 else f"p = {verdict.p:.2g}"
    if p and verdict.fixed and verdict.ours_n >= MIN_RUNS:
        return f" (Student's t-test against a set that no seed changes, {p})"
    if min(verdict.ours_n, verdict.theirs_n) < MIN_RUNS:
        return f"; a verdict needs {MIN_RUNS} independent sets on each side"
    return f" (Welch's t-test, {p})" if p else ""
