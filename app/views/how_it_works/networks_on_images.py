"""What was recorded on real images of fixed and of trained networks against new random ones (table 4)."""

from collections.abc import Iterator, Sequence
from html import escape

from app.text.provenance import provenance_text
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.gallery.recorded import RecordedEntry, recorded_entries
from dmcore.experiments.report.comparisons import RowComparison, compare_rows
from dmcore.experiments.results import Results

NEW, ONE_FIXED, TRAINED = "random", "fixed:1", "all"
"""Network sources, as `parse_source` takes them."""


def fixed_network_on_images() -> str:
    """Accuracies and verdicts for each number of images per class, as HTML; empty where nothing is recorded.

    The tests are told on hover.
    """
    for entry, results in _recorded():
        found = [_told(comparison) for comparison in comparisons_with_fixed(results)]
        if found:
            return f"<b>The same on real images</b> ({_data(entry, results)}). {' '.join(found)}"
    return ""


def trained_networks_on_images() -> str:
    """Whether trained networks were better than random ones, as HTML; empty where nothing is recorded."""
    for entry, results in _recorded():
        comparisons = compared_with(results, TRAINED)
        if comparisons:
            found = "; ".join(map(_told_of_trained, comparisons))
            return (
                f"<b>Would trained networks be better?</b> {_answer(comparisons)} Networks learn from "
                f"{_data(entry, results)}: {found}."
            )
    return ""


def _answer(comparisons: Sequence[RowComparison]) -> str:
    """The answer in one sentence, by the verdicts."""
    outcomes = {each.outcome for each in comparisons}
    if outcomes == {"not resolved"}:
        return "Not that one can tell here: random ones cost nothing and do about as well."
    better = [each.ours.column for each in comparisons if each.verdict.outcome == "reversed"]
    worse = [each.ours.column for each in comparisons if each.verdict.outcome == "holds"]
    said = [f"better with {escape(column)}" for column in better]
    said += [f"worse with {escape(column)}" for column in worse]
    return f"They do {', '.join(said)}."


def _told_of_trained(comparison: RowComparison) -> str:
    random, trained = comparison.ours, comparison.theirs
    return (
        f"{random.mean_text}\N{NO-BREAK SPACE}% right with random and {trained.mean_text}"
        f"\N{NO-BREAK SPACE}% with trained networks, {escape(random.column)} "
        f"({_outcome(comparison)})"
    )


def _recorded() -> Iterator[tuple[RecordedEntry, Results]]:
    """Recorded tables 4."""
    for entry in recorded_entries():
        if entry.results is not None and entry.results.table.name == "table4":
            yield entry, entry.results


def _data(entry: RecordedEntry, results: Results) -> str:
    """Name of the data, with where the numbers come from on hover."""
    recorded = escape(provenance_text(entry.provenance), quote=True)
    return f'<span title="{recorded}">{escape(CATALOGUE[results.table.dataset].title)}</span>'


def comparisons_with_fixed(results: Results) -> list[RowComparison]:
    """A new network in each iteration against one fixed network, in each column that has both."""
    return compared_with(results, ONE_FIXED)


def compared_with(results: Results, source: str) -> list[RowComparison]:
    """A new random network in each iteration against another source, in each column that has both."""
    rows = {
        cell.recipe.dm_config.source: cell.row
        for cell in results.table.cells
        if cell.recipe.dm_config is not None
    }
    if NEW not in rows or source not in rows:
        return []
    return [each for each in compare_rows(results, rows[NEW]) if each.theirs.row == rows[source]]


def _told(comparison: RowComparison) -> str:
    new, fixed = comparison.ours, comparison.theirs
    return (
        f"With {escape(new.column)}, test accuracy is {new.mean_text}\N{NO-BREAK SPACE}% with a new network "
        f"in each step, and {fixed.mean_text}\N{NO-BREAK SPACE}% with one fixed network. "
        f"That it is better with new ones: {_outcome(comparison)}."
    )


def _outcome(comparison: RowComparison) -> str:
    """The verdict; its test on hover."""
    test = escape(comparison.sentence, quote=True)
    return f'<span class="term" tabindex="0" data-definition="{test}">{comparison.outcome}</span>'
