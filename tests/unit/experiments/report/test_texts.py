"""Texts of a table's results: cells, summary and verdicts of a column, and published numbers beside them."""

from dataclasses import replace

import pytest
from support.small_tables import DIGITS, tiny_table

from dmcore.config.formatting import NO_BREAK_SPACE, signed
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.published.cells import published_groups
from dmcore.experiments.published.numbers import DANCE_PAPER
from dmcore.experiments.report import entries
from dmcore.experiments.report.comparisons import (
    RowComparison,
    column_verdicts,
    compare_rows,
    comparisons_note,
    corrected,
)
from dmcore.experiments.report.entries import (
    TableEntry,
    cell_text,
    column_summary,
    compared_entries,
    entry_of,
)
from dmcore.experiments.report.formats import table_lines
from dmcore.experiments.report.notes import (
    PublishedMarker,
    identical_set_notes,
    published_markers,
    same_images_text,
    table_size_text,
    undrawn_note,
)
from dmcore.experiments.results import CellResult, NetworkResult, Results
from dmcore.experiments.table import Table
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table2 import Table2Config

FASHION = DataFacts("fashion_mnist", "Fashion-MNIST", (1, 28, 28), 60_000)


def filled_with(table: Table, accuracies: dict[str, list[list[float]]]) -> Results:
    """Results as if for each row each set had been tested with these networks."""
    cell_results = {}
    for row, sets in accuracies.items():
        for number, (index, percents) in enumerate(zip(table.at(row, table.columns[0]), sets, strict=False)):
            cells = tuple(
                NetworkResult(repeat=repeat, accuracy=accuracy, file=f"{row}/{number}/{repeat}")
                for repeat, accuracy in enumerate(percents)
            )
            cell_results[index] = CellResult(
                digest=f"{row}-{number}", run="gone", images=10, network_results=cells
            )
    return Results(table=table, cell_results=cell_results)


def plain_text(text: str) -> str:
    return text.replace(NO_BREAK_SPACE, " ")


def test_a_set_that_no_seed_changes_is_compared_by_its_networks() -> None:
    ours = TableEntry("DM", "1 per class", ((88.0, 89.0), (88.5, 88.5), (88.2, 88.0)))
    mean = TableEntry("Mean image", "1 per class", ((88.3, 86.4),), fixed=True)
    comparison = RowComparison(ours, mean)
    assert comparison.verdict.outcome == "not resolved"
    assert comparison.counts_text == "3 sets and 2 networks"
    assert plain_text(comparison.spreads_text) == "± 0.2 and ± 1.3"
    assert "2 networks (88.3, 86.4): Mean image is one set" in comparison.test_sentence
    alone = RowComparison(ours, TableEntry("Mean image", "1 per class", ((20.0,),), fixed=True))
    assert "a verdict needs 2 networks trained on the set" in alone.verdict_sentence
    assert plain_text(alone.spreads_text) == "± 0.2 and –", "of a single one nothing is known"
    assert "spread" not in alone.sentence


def test_sides_that_do_not_vary_are_not_resolved_and_the_sentence_says_to_check_them() -> None:
    ours = TableEntry("DM", "1 per class", ((90.0,), (90.0,), (90.0,)))
    theirs = TableEntry("Random", "1 per class", ((80.0,), (80.0,), (80.0,)))
    comparison = RowComparison(ours, theirs)
    assert plain_text(comparison.verdict_sentence) == (
        "Not resolved: DM, 90.0 ± 0.0 % over 3 networks of 3 sets, is above Random, 80.0 ± 0.0 % over 3 "
        "networks of 3 sets (neither side varies: check that these are independent sets)."
    )
    assert "p " not in comparison.sentence.replace("per", "")
    assert "A gap of this size" not in comparison.sentence
    assert corrected([comparison])[0].p_holm is None


def test_the_sentence_has_both_numbers_p_the_test_and_how_many_sets_a_gap_takes() -> None:
    ours = TableEntry("DM", "1 per class", ((71.0,), (72.0,), (73.0,)))
    theirs = TableEntry("Random", "1 per class", ((70.0,), (71.0,), (72.5,)))
    assert plain_text(RowComparison(ours, theirs).sentence) == (
        "DM against Random, 1 per class. Not resolved: DM, 72.0 ± 0.8 % over 3 networks of 3 sets, is above "
        "Random, 71.2 ± 1.0 % over 3 networks of 3 sets (p = 0.42). Welch's t-test between the means of 3 "
        "sets (71.0, 72.0, 73.0) and of 3 sets (70.0, 71.0, 72.5). They spread by ± 1.0 and ± 1.3 (standard "
        "deviation, divisor n − 1). A gap of this size takes about 31 sets on each side."
    )
    below = RowComparison(theirs, ours)
    assert "is below DM" in below.verdict_sentence
    assert RowComparison(ours, replace(ours, row="Twin")).verdict_sentence.count("equals Twin") == 1


def test_rows_with_the_same_images_are_one_comparison_and_their_networks_count_once() -> None:
    table = Table1Config(images_per_class=(1,), methods=("herding", "k_center", "random", "dm")).table(DIGITS)
    percents = [[60.0, 61.0], [62.0, 63.0], [61.0, 60.0]]
    filled = filled_with(
        table,
        {
            "DM": [[80.0, 80.4], [80.1, 80.5], [79.9, 80.3]],
            "Random": [[50.0, 51.0], [50.2, 50.3], [51.0, 50.0]],
            "Herding": percents,
            "k-center": percents,
        },
    )
    assert filled.network_counts == (24, 24)
    same = dict(filled.cell_results)
    for one, other in zip(
        table.at("Herding", table.columns[0]), table.at("k-center", table.columns[0]), strict=True
    ):
        same[other] = same[other].model_copy(update={"digest": same[one].digest})
    results = Results(table=table, cell_results=same)
    assert results.network_counts == (18, 18)
    assert len(results.networks) == 18
    assert same_images_text(results, "Herding") == (
        "1 per class: the same images as k-center, the one nearest to the class mean"
    )
    assert same_images_text(results, "k-center").startswith("1 per class: the same images as Herding")
    assert same_images_text(results, "Random") == same_images_text(filled, "Herding") == ""
    comparisons = column_verdicts(results, table.columns[0])
    twins = [each for each in comparisons if each.theirs.row != "Random"]
    assert comparisons_note(comparisons).startswith(
        "2 comparisons in this table (Herding and k-center, 1 per class, have the same images), each judged"
    )
    (p,) = {each.verdict.p for each in twins}
    (p_holm,) = {each.p_holm for each in twins}
    assert p is not None
    assert p_holm is not None
    assert p_holm <= 2 * p
    untested = {index: result for index, result in same.items() if table.cells[index].row == "DM"}
    assert Results(table=table, cell_results=untested).network_counts == (6, 24), "at most"
    assert table_size_text(table).startswith("at most 24 networks in all, 2 on each of 12 sets of")


def test_many_comparisons_say_that_each_is_judged_on_its_own_and_what_holm_leaves() -> None:
    def entry(row: str, *means: float) -> TableEntry:
        return TableEntry(row, "1 per class", tuple((mean,) for mean in means))

    ours = entry("DM", 70.0, 71.0, 72.0)
    far, near, same = entry("A", 50.0, 51.0, 52.0), entry("B", 67.5, 68.5, 69.5), entry("C", 70.0, 71.0, 72.0)
    comparisons = [RowComparison(ours, theirs) for theirs in (far, near, same)]
    assert [each.verdict.outcome for each in comparisons] == ["holds", "holds", "not resolved"]
    judged = corrected(comparisons)
    assert [each.outcome for each in judged] == ["holds", "seems to hold", "not resolved"]
    note = comparisons_note(judged)
    assert note.startswith("3 comparisons in this table, each judged on its own")
    assert note.endswith("All judged together (Holm's correction): too uncertain against B.")
    assert "(Holm): p = 0.0" in judged[1].sentence
    assert judged[1].sentence.endswith("so it may be chance.")
    assert "chance" not in judged[0].sentence
    assert "Holm" not in judged[2].sentence, "nothing was resolved"
    all_kept = comparisons_note([judged[0], judged[2]])
    assert all_kept.startswith("3 comparisons in this table"), "corrected for those that are not shown, too"
    assert all_kept.endswith("all that is certain here stays so.")
    with_missing = corrected([*comparisons, RowComparison(ours, entry("D", 1.0))])
    assert with_missing[3].p_holm is None, "without a verdict"
    assert with_missing[0].p_holm == pytest.approx(3 * (comparisons[0].verdict.p or 0))
    assert comparisons_note(corrected(comparisons[:1])) == ""


def test_a_verdict_is_corrected_for_the_whole_table_in_whichever_column_it_is_shown() -> None:
    table = Table1Config(images_per_class=(1, 10), methods=("random", "herding", "dm")).table(DIGITS)
    accuracies = {
        "DM": [[70.0], [71.0], [72.0]],
        "Random": [[67.5], [68.5], [69.5]],
        "Herding": [[50.0], [51.0], [52.0]],
    }
    cell_results, (one, ten) = dict(filled_with(table, accuracies).cell_results), table.columns
    for row in accuracies:
        for first, second in zip(table.at(row, one), table.at(row, ten), strict=True):
            digest = f"{cell_results[first].digest}-ten"
            cell_results[second] = cell_results[first].model_copy(update={"digest": digest})
    results = Results(table=table, cell_results=cell_results)
    whole = compare_rows(results, "DM")
    assert {each.together for each in whole} == {4}
    for column in table.columns:
        assert column_verdicts(results, column) == [each for each in whole if each.ours.column == column]
    assert comparisons_note(whole).endswith(
        "too uncertain against Random (1 per class), Random (10 per class)."
    )


def test_verdicts_rest_on_set_means_and_say_both_ns() -> None:
    table = Table1Config(images_per_class=(1,), methods=("random", "herding", "forgetting", "dm")).table(
        DIGITS
    )
    results = filled_with(
        table,
        {
            "DM": [[80.0, 80.4], [80.1, 80.5], [79.9, 80.3]],
            "Random": [[60.0, 61.0], [62.0, 63.0], [61.0, 60.0]],
            "Herding": [[90.0, 90.2], [90.4, 90.0], [90.1, 90.3]],
            "Forgetting": [[50.0, 50.2], [50.1, 50.3]],
        },
    )
    column = table.columns[0]
    verdicts = {comparison.theirs.row: comparison for comparison in column_verdicts(results, column)}
    assert {row: comparison.verdict.outcome for row, comparison in verdicts.items()} == {
        "Random": "holds",
        "Herding": "reversed",
        "Forgetting": "not resolved",
    }
    texts = {row: comparison.verdict_sentence for row, comparison in verdicts.items()}
    plain = {row: sentence.replace("\u00a0", " ") for row, sentence in texts.items()}
    (dm,) = {each.ours.mean_text for each in verdicts.values()}
    assert dm == "80.2 ± 0.2"
    assert plain["Random"].startswith(
        f"Holds: DM, {dm} % over 6 networks of 3 sets, is above Random, 61.2"
    ), "the deviation is that of the table"
    assert "over 6 networks of 3 sets (p" in plain["Random"]
    assert verdicts["Random"].test_sentence == (
        "Welch's t-test between the means of 3 sets (80.2, 80.3, 80.1) and of 3 sets (60.5, 62.5, 60.5)."
    )
    assert "is below Herding" in plain["Herding"]
    assert plain["Forgetting"].endswith(
        "over 4 networks of 2 sets (a verdict needs 3 independent sets on each side)."
    )
    assert [line.replace("\u00a0", " ") for line in column_summary(results, column)] == [
        "DM: 80.2 %",
        "best of the others, Herding: 90.2 %",
    ]


def test_cells_say_how_many_sets_and_networks_and_no_deviation_of_one() -> None:
    table = Table1Config(images_per_class=(1,), methods=("random", "mean_image", "dm")).table(DIGITS)
    results = filled_with(table, {"Random": [[60.0, 61.0], [62.0]], "DM": [[80.0]]})
    heads, *rows = table_lines(results)
    assert heads == ("Method", "1 per class")
    plain = [[cell.replace("\u00a0", " ") for cell in row] for row in rows]
    assert plain == [
        ["Random", "61.0 ± 0.8 % (2 sets, 3 networks)"],
        ["Mean image", "–"],
        ["DM", "80.0 % (1 set × 1 network)"],
    ]
    assert cell_text(None) == "–"


def test_a_cell_breaks_before_its_counts_only_and_that_of_the_whole_set_nowhere() -> None:
    table = tiny_table(("random", "whole"))
    whole = table.rows[1]
    results = filled_with(table, {"Random": [[60.0]], whole: [[81.0, 81.0]]})
    cells = [cell_text(entry_of(results, row, table.columns[0])) for row in table.rows]
    assert [cell.split(" ") for cell in cells] == [
        ["60.0\u00a0%", "(1\u00a0set\u00a0×\u00a01\u00a0network)"],
        ["81.0\u00a0±\u00a00.0\u00a0%\u00a0(2\u00a0networks)"],
    ]


def test_a_columns_summary_computes_entries_of_that_column_only_and_each_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = tiny_table(("random", "whole"), (1, 2))
    results = filled_with(table, {"Random": [[60.0]], table.rows[1]: [[81.0]]})
    computed = []

    def entry_of_counted(results: Results, row: str, column: str) -> TableEntry | None:
        computed.append((row, column))
        return entry_of(results, row, column)

    monkeypatch.setattr(entries, "entry_of", entry_of_counted)
    column = table.columns[0]
    assert len(column_summary(results, column)) == 2
    assert computed == [(row, column) for row in table.rows]


def test_seeds_that_give_the_same_images_are_one_set_and_the_page_says_so() -> None:
    table = Table1Config(images_per_class=(1,), methods=("mean_image", "dm")).table(DIGITS)
    cell_result = CellResult(
        digest="same", run="r", network_results=(NetworkResult(repeat=0, accuracy=50.0, file="f"),)
    )
    results = Results(
        table=table, cell_results=dict.fromkeys(table.at("Mean image", "1 per class"), cell_result)
    )
    entry = entry_of(results, "Mean image", "1 per class")
    assert entry is not None
    assert (entry.sets, entry.networks) == (1, 1)
    assert identical_set_notes(results, "1 per class") == [
        "Mean image gives the same images for 3 seeds: nothing is drawn, so it is one set."
    ]
    assert compared_entries(results) == [entry]


def test_numbers_of_others_are_never_called_the_papers_and_differences_are_named() -> None:
    laptop = Table1Config().table(FASHION)
    notes = {tuple(group.numbers): undrawn_note(group) for group in published_groups(laptop)}
    assert notes
    assert not any("the paper, table" in note for note in notes.values())
    dm = next(note for rows, note in notes.items() if "DM" in rows)
    assert dm.startswith(
        "The paper of DANCE (Zhang et al., 2024): DM 70.7 (1 per class), 83.5 (10 per class)"
    )
    assert "width 32, not 128" in dm
    assert published_markers(laptop) == []
    paper = Table1Config(preset="paper").table(FASHION)
    assert PublishedMarker("DM", "50 per class", 88.1, DANCE_PAPER) in published_markers(paper)


def test_networks_that_cells_share_count_once() -> None:
    table = Table1Config(methods=("mean_image", "dm", "whole"), images_per_class=(1, 10)).table(DIGITS)
    size = table_size_text(table)
    assert size.startswith("20 networks in all, 2 on each of 10 sets of images, trained for 200 epochs")
    assert size.endswith("; all real images: 3 networks, 60 epochs")
    assert Results(table=table, cell_results={}).network_counts == (0, 23)


def test_a_cell_of_the_whole_set_counts_only_networks() -> None:
    table = Table1Config(images_per_class=(1,), methods=("dm", "whole")).table(DIGITS)
    *_, row = table_lines(filled_with(table, {"Whole set": [[95.0]]}))
    assert [text.replace("\u00a0", " ") for text in row] == ["Whole set", "95.0 % (1 network)"]


def test_a_difference_has_a_sign_unless_it_rounds_to_nothing() -> None:
    assert (signed(0.04), signed(-0.04), signed(-1.25)) == ("0.0", "0.0", "−1.2")


def test_a_table_is_judged_in_the_direction_of_the_paper() -> None:
    """Table 2 claims that batch norm does better: a lead of batch norm holds, and reverses nothing."""
    table = Table2Config(images_per_class=(10,)).table(DIGITS)
    instance, batch = [[94.0], [94.4], [94.2]], [[96.3], [96.5], [96.6]]
    results = filled_with(table, {"DM, instance norm": instance, "DM, batch norm": batch})
    (comparison,) = column_verdicts(results, table.columns[0])
    assert comparison.ours.row == "DM, batch norm"
    assert comparison.verdict.outcome == "holds"
