"""Numbers of a table as texts: cells, summary of a column, and a verdict for each method.

Verdicts rest on the means of independent sets, however many networks were trained on each.
"""

from statistics import fmean

from app.plots.parts import mean_text
from app.tables.points import whole_set_accuracies
from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, counted
from dmcore.experiments.comparisons import RowComparison, compare_rows
from dmcore.experiments.results import Results, TableEntry, entry_of
from dmcore.experiments.verdicts import MIN_RUNS, Verdict

NO_NUMBER = "–"


def cell_text(entry: TableEntry | None) -> str:
    """Format the accuracy of a row and column: '79.4 ± 0.4 % (3 sets × 2 networks)'."""
    if entry is None:
        return NO_NUMBER
    number = f"{mean_text(entry)} %".replace(" ", NO_BREAK_SPACE)
    each, rest = divmod(entry.networks, entry.sets)
    counts = _counts(entry) if rest else f"{counted(entry.sets, 'set')} × {counted(each, 'network')}"
    return f"{number} ({counts.replace(' ', NO_BREAK_SPACE)})"


def number_rows(results: Results) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the printed table."""
    table = results.table
    headings = [table.row_title, *table.columns]
    rows = []
    for row in table.rows:
        entries = [entry_of(results, row, column) for column in table.columns]
        if row in table.compared_rows:
            rows.append([row, *map(cell_text, entries)])
        else:
            rows.append([row, *map(whole_set_text, entries)])
    return headings, rows


def whole_set_text(entry: TableEntry | None) -> str:
    """Format the accuracy on all real images: there is one set of them, so only networks are counted."""
    if entry is None:
        return NO_NUMBER
    text = f"{mean_text(entry)} % ({counted(entry.networks, 'network')})"
    return text.replace(" ", NO_BREAK_SPACE)


def column_summary(results: Results, column: str) -> list[str]:
    """Summary of a column so far, in a few parts: ours, the best of the others, the whole set."""
    table = results.table
    ours = table.learned_row
    rows = table.compared_rows
    entries = {row: entry for row in rows if (entry := entry_of(results, row, column)) is not None}
    parts = []
    if ours in entries:
        parts.append(f"{ours}: {_percent(entries[ours])}")
    others = {row: entry.mean for row, entry in entries.items() if row != ours}
    if others:
        best = max(others, key=others.__getitem__)
        which = "best of the others" if ours in entries else "best so far"
        parts.append(f"{which if len(rows) > 2 else 'beside it'}, {best}: {_percent(entries[best])}")
    whole = whole_set_accuracies(results).get(column)
    if whole is not None:
        parts.append(f"all real images: {whole:.1f}{NO_BREAK_SPACE}%")
    return parts


def column_verdicts(results: Results, column: str) -> list[RowComparison]:
    """Verdicts of ours against each other method of a column that has a number."""
    ours = results.table.learned_row
    comparisons = compare_rows(results, ours) if ours is not None else ()
    return [comparison for comparison in comparisons if comparison.column == column]


def verdict_sentence(comparison: RowComparison) -> str:
    """Verdict as a sentence: 'Holds: DM, 79.4 ± 0.3 % (3 sets, …), is above Random, … (p = 0.002).'."""
    verdict, gap = comparison.verdict, fmean(comparison.ours.set_means) - fmean(comparison.theirs.set_means)
    relation = "equals" if not gap else "is above" if gap > 0 else "is below"
    ours = _side_text(comparison.row, comparison.ours, verdict.ours_std)
    theirs = _side_text(comparison.other, comparison.theirs, verdict.theirs_std)
    return f"{capitalised(verdict.outcome)}: {ours}, {relation} {theirs}{_test_text(verdict)}."


def identical_set_notes(results: Results, column: str) -> list[str]:
    """Notes on rows whose seeds all gave the same images: these are one set."""
    table = results.table
    notes = []
    for row in table.compared_rows:
        entry = entry_of(results, row, column)
        tested = [result for result in results.at(row, column) if result.network_results]
        if entry is not None and len(tested) > entry.sets:
            seeds = counted(len(tested), "seed")
            notes.append(f"{row} gives the same images for {seeds}: nothing is drawn, so it is one set.")
    return notes


def _side_text(row: str, entry: TableEntry, std: float | None) -> str:
    spread = "" if std is None else f" ± {std:.1f}"
    number = f"{fmean(entry.set_means):.1f}{spread} %".replace(" ", NO_BREAK_SPACE)
    return f"{row}, {number} ({_counts(entry)})"


def _test_text(verdict: Verdict) -> str:
    """The test that a verdict rests on and its p, or why there is none."""
    p = "" if verdict.p is None else "p < 0.001" if verdict.p < 0.001 else f"p = {verdict.p:.2g}"
    if p and verdict.fixed and verdict.ours_n >= MIN_RUNS:
        return f" (Student's t-test against a set that no seed changes, {p})"
    if min(verdict.ours_n, verdict.theirs_n) < MIN_RUNS:
        return f"; a verdict needs {MIN_RUNS} independent sets on each side"
    return f" (Welch's t-test, {p})" if p else ""


def _counts(entry: TableEntry) -> str:
    return f"{counted(entry.sets, 'set')}, {counted(entry.networks, 'network')}"


def _percent(entry: TableEntry) -> str:
    return f"{entry.mean:.1f}{NO_BREAK_SPACE}%"
