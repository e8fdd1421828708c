"""The table's numbers and what they say, as texts: cells, the answer in a line, a verdict for each method.

Verdicts rest on the means of independent sets, however many networks were trained on each. Must not draw, nor
import torch.
"""

from app.plots.parts import mean_text
from app.tables.points import compared_rows, reference_row, whole_set_accuracies
from dmcore.config.formatting import NO_BREAK_SPACE, counted
from dmcore.experiments.comparisons import verdict_between
from dmcore.experiments.results import Entry, Results, entry_of
from dmcore.experiments.verdicts import MIN_RUNS, Verdict

NO_NUMBER = "–"


def cell_text(entry: Entry | None) -> str:
    """'79.4 ± 0.4 % (3 sets × 2 networks)'."""
    if entry is None:
        return NO_NUMBER
    number = f"{mean_text(entry)} %".replace(" ", NO_BREAK_SPACE)
    each, rest = divmod(entry.networks, entry.sets)
    how = (
        f"{counted(entry.sets, 'set')} × {counted(each, 'network')}"
        if not rest
        else f"{counted(entry.sets, 'set')}, {counted(entry.networks, 'network')}"
    )
    return f"{number} ({how.replace(' ', NO_BREAK_SPACE)})"


def number_rows(results: Results) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of the table."""
    table = results.table
    heads = [table.row_title, *table.columns]
    rows = []
    for row in table.rows:
        entries = [entry_of(results, row, column) for column in table.columns]
        if row in compared_rows(table):
            rows.append([row, *map(cell_text, entries)])
        else:
            rows.append([row, *map(whole_set_text, entries)])
    return heads, rows


def whole_set_text(entry: Entry | None) -> str:
    """A network on all real images: there is one set of them, and several networks."""
    if entry is None:
        return NO_NUMBER
    said = f"{mean_text(entry)} % ({counted(entry.networks, 'network')})"
    return said.replace(" ", NO_BREAK_SPACE)


def column_summary(results: Results, column: str) -> list[str]:
    """What the column says so far, in a few parts: ours, the best of the others, the ceiling."""
    table = results.table
    ours = reference_row(table)
    found = {row: entry_of(results, row, column) for row in compared_rows(table)}
    there = {row: entry for row, entry in found.items() if entry is not None}
    said = []
    if ours in there:
        said.append(f"{ours}: {_percent(there[ours])}")
    others = {row: entry.mean for row, entry in there.items() if row != ours}
    if others:
        best = max(others, key=others.__getitem__)
        which = "best of the others" if ours in there else "best so far"
        said.append(f"{which if len(found) > 2 else 'beside it'}, {best}: {_percent(there[best])}")
    whole = whole_set_accuracies(results).get(column)
    if whole is not None:
        said.append(f"all real images: {whole:.1f}{NO_BREAK_SPACE}%")
    return said


def column_verdicts(results: Results, column: str) -> list[tuple[str, Verdict]]:
    """Ours against each other method of a column that has a number."""
    ours = reference_row(results.table)
    mine = entry_of(results, ours, column) if ours is not None else None
    if ours is None or mine is None:
        return []
    found = []
    for row in compared_rows(results.table):
        entry = entry_of(results, row, column) if row != ours else None
        if entry is not None:
            found.append((row, verdict_between(mine, entry)))
    return found


def verdict_sentence(results: Results, column: str, other: str, found: Verdict) -> str:
    """'Holds: DM, 79.4 ± 0.3 % (3 sets, 6 networks), is better than Random, … (p = 0.002).'."""
    ours = reference_row(results.table)
    assert ours is not None
    mine, theirs = entry_of(results, ours, column), entry_of(results, other, column)
    assert mine is not None
    assert theirs is not None
    return (
        f"{found.outcome}: {ours}, {_side(mine, found.ours_std)}, {_relation(found)} "
        f"{other}, {_side(theirs, found.theirs_std)}{_why(found)}."
    )


def identical_set_notes(results: Results, column: str) -> list[str]:
    """Rows whose seeds all gave the same images, with a sentence: they are one set."""
    table = results.table
    found = []
    for row in compared_rows(table):
        entry = entry_of(results, row, column)
        filled = [
            one
            for index in table.at(row, column)
            if (one := results.cell_results.get(index)) and one.network_results
        ]
        if entry is not None and len(filled) > entry.sets:
            seeds = counted(len(filled), "seed")
            found.append(f"{row} gives the same images for {seeds}: nothing is drawn, so it is one set.")
    return found


def _relation(found: Verdict) -> str:
    assert found.ours_mean is not None
    assert found.theirs_mean is not None
    if found.ours_mean == found.theirs_mean:
        return "equals"
    return "is above" if found.ours_mean > found.theirs_mean else "is below"


def _side(entry: Entry, std: float | None) -> str:
    mean = sum(entry.set_means) / entry.sets
    spread = "" if std is None else f" ± {std:.1f}"
    counts = f"{counted(entry.sets, 'set')}, {counted(entry.networks, 'network')}"
    return f"{mean:.1f}{spread}{NO_BREAK_SPACE}% ({counts})".replace(
        " ± ", f"{NO_BREAK_SPACE}±{NO_BREAK_SPACE}"
    )


def _why(found: Verdict) -> str:
    if found.fixed and found.ours_n >= MIN_RUNS and found.p is not None:
        p = "< 0.001" if found.p < 0.001 else f"= {found.p:.2g}"
        return f" (Student's t-test against a set that no seed changes, p {p})"
    if min(found.ours_n, found.theirs_n) < MIN_RUNS:
        return f"; a verdict needs {MIN_RUNS} independent sets on each side"
    if found.p is None:
        return ""
    return " (Welch's t-test, p < 0.001)" if found.p < 0.001 else f" (Welch's t-test, p = {found.p:.2g})"


def _percent(entry: Entry) -> str:
    return f"{entry.mean:.1f}{NO_BREAK_SPACE}%"
