"""What was recorded on real images of one fixed network against a new one in each iteration (table 4)."""

from html import escape

from app.text.provenance import provenance_text
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.gallery.recorded import recorded_entries
from dmcore.experiments.report.comparisons import RowComparison, compare_rows
from dmcore.experiments.results import Results

NEW, ONE_FIXED = "random", "fixed:1"
"""Network sources, as `parse_source` takes them."""


def fixed_network_on_images() -> str:
    """Accuracies and verdicts for each number of images per class, as HTML; empty where nothing is recorded.

    The tests are told on hover.
    """
    for entry in recorded_entries():
        results = entry.results
        if results is None or results.table.name != "table4":
            continue
        found = [_told(comparison) for comparison in comparisons_with_fixed(results)]
        if found:
            title = CATALOGUE[results.table.dataset].title
            recorded = escape(provenance_text(entry.provenance), quote=True)
            data = f'<span title="{recorded}">{escape(title)}</span>'
            return f"<b>The same on real images</b> ({data}). {' '.join(found)}"
    return ""


def comparisons_with_fixed(results: Results) -> list[RowComparison]:
    """A new network in each iteration against one fixed network, in each column that has both."""
    rows = {
        cell.recipe.dm_config.source: cell.row
        for cell in results.table.cells
        if cell.recipe.dm_config is not None
    }
    if NEW not in rows or ONE_FIXED not in rows:
        return []
    return [each for each in compare_rows(results, rows[NEW]) if each.theirs.row == rows[ONE_FIXED]]


def _told(comparison: RowComparison) -> str:
    new, fixed = comparison.ours, comparison.theirs
    test, outcome = escape(comparison.sentence, quote=True), comparison.outcome
    return (
        f"With {escape(new.column)}, test accuracy is {new.mean_text}\N{NO-BREAK SPACE}% with a new network "
        f"in each step, and {fixed.mean_text}\N{NO-BREAK SPACE}% with one fixed network: the difference "
        f'{"is " if outcome == "not resolved" else ""}<span class="term" tabindex="0" '
        f'data-definition="{test}">{outcome}</span>.'
    )
