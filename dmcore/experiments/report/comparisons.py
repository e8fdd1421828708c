"""Comparison of the rows of a table by t-tests over independent sets, with the verdicts as sentences.

Networks trained on one set are repeats of one sample, so a set counts once. Printed numbers are those of the
table, mean ± deviation over all networks; the means of the sets, which the test rests on, are told apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, counted
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.report.entries import NO_NUMBER, TableEntry, entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import NAMES
from dmcore.experiments.verdicts import (
    SIGNIFICANCE_LEVEL,
    Outcome,
    Verdict,
    holm,
    missing_evidence,
    p_text,
    sets_needed,
    verdict,
)

TestedImages = tuple[str, frozenset[str], frozenset[str]]
"""Column and the digests of the sets of both sides."""
MOST_LISTED = 6
"""Means that a sentence lists; of more only the range."""
SEEMING: dict[Outcome, str] = {"holds": "seems to hold", "reversed": "seems reversed"}
"""What an outcome is called that is so on its own, but not after Holm's correction for the whole table."""


@dataclass(frozen=True)
class RowComparison:
    """Verdict on one row against another in one column."""

    ours: TableEntry
    theirs: TableEntry
    """Of the other row, in the same column."""
    p_holm: float | None = None
    """p by Holm's correction for all comparisons of the table; None without a verdict, or for one alone."""
    together: int = 1
    """Comparisons that `p_holm` is corrected for."""

    @cached_property
    def verdict(self) -> Verdict:
        """Test of the means of independent sets; of a set that no seed changes, of its networks."""
        theirs = self.theirs.by_set[0] if self.theirs.fixed else self.theirs.set_means
        return verdict(self.ours.set_means, theirs, higher_is_better=True, fixed=self.theirs.fixed)

    @property
    def kept(self) -> bool:
        """Whether the outcome, where it is resolved, is so after Holm's correction, too."""
        return self.p_holm is None or self.p_holm < SIGNIFICANCE_LEVEL

    @property
    def outcome(self) -> str:
        """Outcome of the verdict: 'holds'; 'seems to hold' where the correction does not keep it."""
        outcome = self.verdict.outcome
        return outcome if self.kept else SEEMING.get(outcome, outcome)

    @property
    def difference(self) -> float:
        """Ours minus theirs, in points: of the means that are tested."""
        ours, theirs = self.verdict.ours_mean, self.verdict.theirs_mean
        assert ours is not None
        assert theirs is not None
        return ours - theirs

    @property
    def counts_text(self) -> str:
        """What was compared: '3 and 3 sets', '3 sets and 2 networks'."""
        ours, theirs = self.verdict.ours_n, self.verdict.theirs_n
        if self.verdict.fixed:
            return f"{counted(ours, 'set')} and {counted(theirs, 'network')}"
        return f"{ours} and {counted(theirs, 'set')}"

    @property
    def spreads_text(self) -> str:
        """How far these lie apart, the standard deviation of each side: '± 0.3 and ± 6.6'."""
        stds = (self.verdict.ours_std, self.verdict.theirs_std)
        return " and ".join(NO_NUMBER if std is None else f"±{NO_BREAK_SPACE}{std:.1f}" for std in stds)

    @property
    def sentence(self) -> str:
        """The comparison with its test, as sentences for people."""
        needed = None if self.verdict.outcome != "not resolved" else sets_needed(self.verdict)
        more = "" if needed is None else f" A gap of this size takes about {needed} sets on each side."
        what = f"{self.ours.row} against {self.theirs.row}, {self.ours.column}"
        return f"{what}. {self.verdict_sentence} {self.test_sentence}{self._spread}{more}{self._correction}"

    @property
    def _correction(self) -> str:
        """' Corrected for all 6 comparisons … (Holm): p = 0.11.'; empty where nothing is resolved."""
        if self.p_holm is None or self.together < 2 or self.verdict.outcome == "not resolved":
            return ""
        chance = "" if self.kept else ", so it may be chance"
        number = p_text(self.p_holm)
        return f" Corrected for all {self.together} comparisons of the table (Holm): {number}{chance}."

    @property
    def verdict_sentence(self) -> str:
        """'Holds: DM, 71.5 ± 1.0 % over 9 networks of 3 sets, is above Random, … (p = 0.035).'."""
        verdict, gap = self.verdict, self.difference
        relation = "equals" if not gap else "is above" if gap > 0 else "is below"
        reason = self.missing or ("" if verdict.p is None else p_text(verdict.p))
        return (
            f"{capitalised(self.outcome)}: {_side_text(self.ours)}, {relation} {_side_text(self.theirs)}"
            f"{f' ({reason})' if reason else ''}."
        )

    @property
    def test_sentence(self) -> str:
        """The test and its samples: 'Welch's t-test between the means of 3 sets (…) and of 3 sets (…).'."""
        ours, theirs = self.ours, self.theirs
        sample = f"the means of {counted(ours.sets, 'set')} ({_listed(ours.set_means)})"
        if theirs.fixed:
            test = (
                f"Welch's t-test between {sample} and {counted(theirs.networks, 'network')} "
                f"({_listed(theirs.accuracies)}): {theirs.row} is one set that no seed changes, so that its "
                "networks are compared one by one"
            )
        else:
            others = f"of {counted(theirs.sets, 'set')} ({_listed(theirs.set_means)})"
            test = f"Welch's t-test between {sample} and {others}"
        return f"{test}."

    @property
    def _spread(self) -> str:
        """' They spread by ± 0.3 and ± 6.6 (…).': what makes a difference of a size more or less certain."""
        if None in (self.verdict.ours_std, self.verdict.theirs_std):
            return ""
        return f" They spread by {self.spreads_text} (standard deviation, divisor n − 1)."

    @property
    def missing(self) -> str:
        """What a verdict needs that is not there, as `missing_evidence`; empty if all is."""
        return missing_evidence(self.verdict, "independent set")

    @property
    def tested_images(self) -> TestedImages:
        """Column and images of both sides: rows of different methods may have chosen the same."""
        ours, theirs = ((each.digests or frozenset({each.row})) for each in (self.ours, self.theirs))
        return self.ours.column, ours, theirs


def compared_row(table: Table) -> str | None:
    """Row that is compared with all others; None for a table without comparisons (table 3)."""
    row = experiment_of(table).compared_row
    if row is None:
        return table.rows[0]
    return row if row in table.rows else None


def compare_rows(results: Results, row: str | None = None) -> tuple[RowComparison, ...]:
    """Compare `row`, by default `compared_row`, with all others that have results, except the whole set.

    Each has its `p_holm`, for all of them together.
    """
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
    return corrected(comparisons)


def column_verdicts(results: Results, column: str) -> list[RowComparison]:
    """Comparisons of the compared row with each other method of a column that has a number.

    A table without one of its own compares its first learned row.
    """
    named = experiment_of(results.table).compared_row
    ours = named if named in results.table.rows else results.table.learned_row
    comparisons = compare_rows(results, ours) if ours is not None else ()
    return [comparison for comparison in comparisons if comparison.ours.column == column]


def corrected(comparisons: Sequence[RowComparison]) -> tuple[RowComparison, ...]:
    """The comparisons with Holm's correction for all of them; rows with the same images are one."""
    tested = {
        each.tested_images: each.verdict.p
        for each in comparisons
        if not each.missing and each.verdict.p is not None
    }
    p_holm = dict(zip(tested, holm(list(tested.values())), strict=True))
    return tuple(
        replace(each, p_holm=p_holm.get(each.tested_images), together=len(tested)) for each in comparisons
    )


def comparisons_note(comparisons: Sequence[RowComparison]) -> str:
    """What many comparisons beside each other mean, as a sentence or two; empty where the table has only one.

    Each is judged on its own, as the tables of the field are read. With the usual three sets Holm's
    correction leaves a gap of twenty points unresolved (Fashion-MNIST, one image per class, against random
    real images: p = 0.035), so that it says more about n than about methods. What it does not keep is named.
    """
    judged = [each for each in comparisons if each.p_holm is not None and each.together > 1]
    if not judged:
        return ""
    text = (
        f"{judged[0].together} comparisons in this table{_repeated_text(comparisons)}, each judged on its "
        "own: by chance alone, about one in twenty looks certain."
    )
    resolved = [each for each in judged if each.verdict.outcome != "not resolved"]
    if not resolved:
        return text
    several = len({each.ours.column for each in comparisons}) > 1
    lost = [
        f"{each.theirs.row} ({each.theirs.column})" if several else each.theirs.row
        for each in resolved
        if not each.kept
    ]
    kept = f"too uncertain against {', '.join(lost)}" if lost else "all that is certain here stays so"
    return f"{text} All judged together (Holm's correction): {kept}."


def _repeated_text(comparisons: Sequence[RowComparison]) -> str:
    """' (Herding and k-center, 1 per class, have the same images)', where rows are; else empty."""
    rows: dict[TestedImages, list[str]] = {}
    for each in comparisons:
        if not each.missing:
            rows.setdefault(each.tested_images, []).append(each.theirs.row)
    texts = [
        f"{', '.join(first)} and {last}, {images[0]}, have the same images"
        for images, (*first, last) in rows.items()
        if first
    ]
    return f" ({'; '.join(texts)})" if texts else ""


def _side_text(entry: TableEntry) -> str:
    number = f"{entry.mean_text} %".replace(" ", NO_BREAK_SPACE)
    return f"{entry.row}, {number} {entry.over_text}"


def _listed(percents: Sequence[float]) -> str:
    if len(percents) > MOST_LISTED:
        return f"{min(percents):.1f} to {max(percents):.1f}"
    return ", ".join(f"{percent:.1f}" for percent in percents)
