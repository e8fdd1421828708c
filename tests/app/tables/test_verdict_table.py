"""Verdicts as a table: each outcome a mark with a word, both numbers n, p, and the sentence as tooltip."""

from app.tables.verdict_table import outcome_counts, verdict_table
from dmcore.experiments.report.comparisons import RowComparison, corrected
from dmcore.experiments.report.entries import TableEntry


def entry(row: str, *means: float, column: str = "1 per class") -> TableEntry:
    return TableEntry(row, column, tuple((mean,) for mean in means))


OURS = entry("DM", 70.0, 70.5, 71.0)


def test_a_row_has_the_difference_both_numbers_of_sets_p_and_the_outcome() -> None:
    comparisons = [
        RowComparison(OURS, entry("Random", 50.0, 51.0, 52.0)),
        RowComparison(OURS, entry("<b>Herding</b>", 70.0, 71.0, 71.5)),
        RowComparison(OURS, TableEntry("Mean image", "1 per class", ((80.0, 80.4),), fixed=True)),
        RowComparison(OURS, entry("k-center", 60.0)),
    ]
    head, *rows = verdict_table(comparisons).split("<tr")[1:]
    assert "DM above" in head
    random, herding, mean, center = rows
    assert "+19.5" in random
    assert "3 and 3 sets<small>±\xa00.5 and ±\xa01.0</small>" in random, "what decides, beside the outcome"
    assert 'class="holds"' in random
    assert "</svg>holds<" in random
    assert "is above Random" in random, "the sentence is the tooltip"
    assert "−0.3" in herding
    assert "&lt;b&gt;Herding" in herding
    assert "<b>" not in herding
    assert 'class="not-resolved"' in herding
    assert "3 sets and 2 networks" in mean
    assert 'class="reversed"' in mean
    assert "3 and 1 set<small>±\xa00.5 and –" in center
    assert "<td>–</td>" in center, "no p without sets to test"
    assert outcome_counts(comparisons) == "holds 1 · not resolved 2 · reversed 1"


def test_columns_of_a_table_are_groups_of_rows() -> None:
    ten = entry("DM", 80.0, 81.0, 82.0, column="10 per class")
    comparisons = [
        RowComparison(OURS, entry("Random", 50.0, 51.0, 52.0)),
        RowComparison(ten, entry("Random", 70.0, 71.0, 72.0, column="10 per class")),
    ]
    table = verdict_table(comparisons)
    assert table.count('scope="colgroup"') == 2
    assert table.index("10 per class") > table.index("+19.5")


def test_what_holms_correction_does_not_keep_is_named_and_marked_in_its_row() -> None:
    ours = entry("DM", 70.0, 71.0, 72.0)
    others = (
        entry("Random", 50.0, 51.0, 52.0),
        entry("Herding", 67.5, 68.5, 69.5),
        entry("Twin", 70.0, 71.5, 72.5),
    )
    comparisons = corrected([RowComparison(ours, theirs) for theirs in others])
    random, herding, _ = verdict_table(comparisons).split("<tr")[2:]
    assert 'class="holds"' in random
    assert 'class="holds not-kept"' in herding
    assert "</svg>seems to hold<" in herding
    assert outcome_counts(comparisons) == "holds 1 · seems to hold 1 · not resolved 1 · reversed 0"
