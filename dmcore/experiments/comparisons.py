"""Which rows of a table are compared, and what the comparison says: over independent sets, with both n.

Networks trained on one set are repeats of one sample, so a set counts once. Must not import torch.
"""

from dataclasses import dataclass

from dmcore.config.network_source import RANDOM
from dmcore.experiments.results import Entry, Results, entry_of
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import NAMES
from dmcore.experiments.table2 import NORMS
from dmcore.experiments.verdicts import Verdict, sets_needed, verdict


@dataclass(frozen=True)
class RowComparison:
    """One row against another in one column."""

    row: str
    other: str
    column: str
    verdict: Verdict

    @property
    def sentence(self) -> str:
        """All of it, for people; what each side has is the mean of its sets' mean accuracies."""
        said = f"{self.row} against {self.other}, {self.column}: {self.verdict.sentence}"
        needed = None if self.verdict.outcome != "not resolved" else sets_needed(self.verdict)
        return (
            said if needed is None else f"{said} A gap of this size takes about {needed} sets on each side."
        )


def compared_row(table: Table) -> str | None:
    """The row that is held against the others; None where a table compares no rows (table 3)."""
    if table.name == "own":
        return table.rows[0]
    named = {"table2": NORMS["batch"], "table4": RANDOM.name}.get(table.name, NAMES["dm"])
    return named if named in table.rows else None


def compare_rows(results: Results) -> tuple[RowComparison, ...]:
    """Every comparison that has numbers on both sides. All real images are no competitor."""
    table, row = results.table, compared_row(results.table)
    if row is None:
        return ()
    found = []
    for column in table.columns:
        ours = entry_of(results, row, column)
        for other in table.rows:
            theirs = entry_of(results, other, column)
            if ours is not None and theirs is not None and other not in (row, NAMES["whole"]):
                found.append(RowComparison(row, other, column, verdict_between(ours, theirs)))
    return tuple(found)


def verdict_between(ours: Entry, theirs: Entry) -> Verdict:
    """By the means of independent sets; against what no seed changes, as against a number."""
    return verdict(ours.set_means, theirs.set_means, higher_is_better=True, fixed=theirs.fixed)
