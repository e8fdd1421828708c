"""Checking a gallery: sound results hold, an altered number does not, and the rule is what it says."""

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.gallery.small import RUN, TABLE, built

from dmcore.data.load import load_dataset
from dmcore.execution import machine
from dmcore.execution.machine import machine_identity
from dmcore.execution.plan import evaluation_plan
from dmcore.experiments.gallery.allowance import NetworkDeviation
from dmcore.experiments.gallery.check import EntryCompared, cheapest, check_gallery
from dmcore.experiments.gallery.comparison import compare_runs, compare_tables, recorded_pairs
from dmcore.experiments.gallery.entries import ENTRIES, GalleryRun
from dmcore.experiments.gallery.recorded import RecordedEntry, find_recorded, read_gallery, recorded_entries
from dmcore.experiments.results import Results


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RecordedEntry]:
    folder = tmp_path_factory.mktemp("gallery")
    built(folder, RUN, TABLE)
    return {entry.name: entry for entry in read_gallery(folder / "gallery")[0]}


def altered(results: Results, points: float, cells: Collection[int] | None = None) -> Results:
    """Results whose accuracies are so many points higher, or lower at the top; of some cells or of all."""
    changed = {}
    for index, cell in results.cell_results.items():
        if cells is None or index in cells:
            networks = tuple(
                network.model_copy(update={"accuracy": network.accuracy + points})
                for network in cell.network_results
            )
            changed[index] = cell.model_copy(update={"network_results": networks})
    return results.model_copy(update={"cell_results": {**results.cell_results, **changed}})


def test_what_is_recomputed_on_the_same_machine_is_the_same(recorded: dict[str, RecordedEntry]) -> None:
    pairs = [(RUN, recorded["tiny-run"]), (TABLE, recorded["tiny-table"])]
    events = check_gallery(pairs, load_dataset, "cpu", 1)
    compared = {event.name: event.comparisons for event in events if isinstance(event, EntryCompared)}
    assert [(each.what, each.recomputed) for each in compared["tiny-run"][:1]] == [
        ("final images of real-2", "same bits")
    ]
    assert [each.what for each in compared["tiny-run"][1:]] == [
        "trained on condensed images",
        "trained on random real images",
    ]
    assert len(compared["tiny-table"]) == 4
    for each in (*compared["tiny-run"], *compared["tiny-table"]):
        assert (each.verdict, each.difference, each.tolerance) == ("holds, the same", 0, 0)
        assert each.entry in recorded


@pytest.mark.parametrize("identity", ["", "another machine"])
def test_a_record_of_another_or_an_unknown_machine_gets_an_allowance(
    recorded: dict[str, RecordedEntry], identity: str
) -> None:
    entry = recorded["tiny-run"]
    facts = entry.provenance.model_copy(update={"machine_identity": identity})
    elsewhere = replace(entry, provenance=facts)
    (compared,) = (
        event.comparisons
        for event in check_gallery([(RUN, elsewhere)], load_dataset, "cpu", 1)
        if isinstance(event, EntryCompared)
    )
    assert (compared[0].what, compared[0].verdict) == ("final images of real-2", "holds, the same")
    assert "holds, the same" not in {each.verdict for each in compared[1:]}
    assert all(each.tolerance for each in compared[1:])


def test_another_plan_on_the_same_machine_gets_an_allowance(recorded: dict[str, RecordedEntry]) -> None:
    entry = recorded["tiny-table"]
    facts = entry.provenance.model_copy(update={"machine_identity": two_threads_identity()})
    (compared,) = (
        event.comparisons
        for event in check_gallery([(TABLE, replace(entry, provenance=facts))], load_dataset, "cpu", 2)
        if isinstance(event, EntryCompared)
    )
    assert "holds, the same" not in {each.verdict for each in compared}


def two_threads_identity() -> str:
    return evaluation_plan("cpu", 2).machine_identity


def test_the_least_difference_does_not_hold_on_the_same_machine(recorded: dict[str, RecordedEntry]) -> None:
    results = recorded["tiny-table"].results
    assert results is not None
    sound = compare_tables("tiny-table", results, results, 5, is_same=True)
    assert [each.verdict for each in sound] == ["holds, the same"] * 4
    differing = compare_tables("tiny-table", altered(results, 1e-6, {0}), results, 5, is_same=True)
    assert [each.verdict for each in differing].count("differs") == 1


def test_networks_that_changed_places_do_not_hold_on_the_same_machine() -> None:
    results = shipped_table("table1-fashion")
    index, cell = next(
        pair for pair in results.cell_results.items() if pair[1].run and "random" in pair[1].set
    )
    turned = tuple(
        one.model_copy(update={"accuracy": other.accuracy})
        for one, other in zip(cell.network_results, cell.network_results[::-1], strict=True)
    )
    assert turned != cell.network_results
    cells = {**results.cell_results, index: cell.model_copy(update={"network_results": turned})}
    swapped = results.model_copy(update={"cell_results": cells})
    compared = compare_tables("table1-fashion", swapped, results, 5, is_same=True)
    assert [each.holds for each in compared].count(False) == 1


def test_a_missing_side_does_not_hold(recorded: dict[str, RecordedEntry]) -> None:
    results = recorded["tiny-table"].results
    assert results is not None
    table = results.table
    gone = set(table.at(table.rows[0], table.columns[0]))
    kept = {index: cell for index, cell in results.cell_results.items() if index not in gone}
    partial = results.model_copy(update={"cell_results": kept})
    for sides in ((results, partial), (partial, results)):
        for is_same in (True, False):
            first, *others = compare_tables("tiny-table", *sides, 5, is_same)
            assert (first.verdict, first.difference) == ("differs", None)
            assert "missing" in (first.recorded, first.recomputed)
            assert all(each.verdict != "differs" for each in others)
    run = recorded["tiny-run"].run
    assert run is not None
    more = replace(RUN, protocol=RUN.protocol.model_copy(update={"repeats": 3}))
    compared = compare_runs(more, run, run, 2, is_same=True)
    assert [each.verdict for each in compared] == ["holds, the same", "differs", "differs"]


def test_other_images_do_not_hold_on_the_same_machine_and_are_told_on_another(
    recorded: dict[str, RecordedEntry], tmp_path: Path
) -> None:
    other = replace(RUN, config=RUN.config.model_copy(update={"seed": 1}))
    built(tmp_path, other)
    (entry,) = read_gallery(tmp_path / "gallery")[0]
    first, second = recorded["tiny-run"].run, entry.run
    assert first is not None
    assert second is not None
    images = compare_runs(RUN, first, second, 2, is_same=True)[0]
    assert (images.tolerance, images.holds) == (0.0, False)
    assert "apart" in images.recomputed
    elsewhere = compare_runs(RUN, first, second, 2, is_same=False)[0]
    assert (elsewhere.tolerance, elsewhere.verdict) == (None, "says nothing")


def shipped_table(name: str) -> Results:
    results = find_recorded(name).results
    assert results is not None
    return results


@pytest.mark.parametrize("points", [2.0, -2.0])
@pytest.mark.parametrize("name", ["table1-fashion", "table1-digits", "table2-digits", "table4-digits"])
def test_a_shipped_table_two_points_off_does_not_hold(name: str, points: float) -> None:
    results = shipped_table(name)
    sound = compare_tables(name, results, results, 40, is_same=False)
    assert "differs" not in {each.verdict for each in sound}
    shifted = compare_tables(name, altered(results, points), results, 40, is_same=False)
    assert shifted[-1].what == "all rows and columns"
    assert shifted[-1].verdict == "differs"


def test_a_row_and_column_of_a_shipped_table_two_points_off_does_not_hold() -> None:
    results = shipped_table("table1-fashion")
    seen = 0
    places = [(row, column) for row in results.table.rows for column in results.table.columns]
    for at, (row, column) in enumerate(places):
        off = altered(results, 2.0, results.table.at(row, column))
        seen += compare_tables("table1-fashion", off, results, 15, is_same=False)[at].verdict == "differs"
    assert seen >= len(places) - 1  # the mean image, of which there is a single set, allows 3 points


def test_a_comparison_that_allows_more_than_five_points_says_nothing() -> None:
    results = shipped_table("table3-digits")
    compared = compare_tables("table3-digits", results, results, 10, is_same=False)
    assert max(each.tolerance or 0 for each in compared) > 5
    for each in compared[:-1]:
        assert each.verdict == (
            "holds" if each.tolerance is not None and each.tolerance <= 5 else "says nothing"
        )
    far = compare_tables("table3-digits", altered(results, -40.0, {0}), results, 10, is_same=False)
    assert far[0].verdict == "differs"


def test_two_points_off_are_seen_among_other_networks() -> None:
    random = np.random.default_rng(0)
    checks, rows, seen = 300, 10, 0
    for _ in range(checks):
        before, after = networks_of(random, rows, (3, 3)), networks_of(random, rows, (3, 3))
        deviation = NetworkDeviation.pooled([*before, *after])
        shifted = [[[accuracy - 2 for accuracy in each] for each in sets] for sets in after]
        pairs = list(zip(before, shifted, strict=True))
        gap = abs(np.mean(np.concatenate(before)) - np.mean(np.concatenate(shifted)))
        allowed = deviation.allowance(pairs, rows + 1)
        assert allowed is not None
        seen += gap > allowed
    assert seen / checks > 0.99


def networks_of(
    random: np.random.Generator, rows: int, shape: tuple[int, int], angle: float = 0.015
) -> list[list[list[float]]]:
    """Accuracies of networks of rows from 55 to 97 %, with equal deviation on the arcsine scale."""
    means = np.arcsin(np.sqrt(np.linspace(0.55, 0.97, rows)))[:, None, None]
    drawn = means + random.normal(0, angle, (rows, *shape))
    return (100 * np.sin(drawn) ** 2).tolist()  # type: ignore[no-any-return]


def test_the_allowance_is_student_s_t_times_the_standard_error_of_the_pooled_deviation() -> None:
    before, after = [[70.0, 72.0], [50.0, 52.0]], [[71.0, 73.0], [49.0, 51.0]]
    deviation = NetworkDeviation.pooled([before, after])
    assert deviation.freedom == 4
    at_71 = deviation.points_at(71.0)
    assert at_71 == pytest.approx(np.sqrt(2.0), rel=0.06)  # of two numbers that are two apart
    expected = 4.604 * np.sqrt(2.0) * np.sqrt(1 / 4 + 1 / 4)  # t of 4 degrees of freedom at 1 %, two-sided
    assert deviation.allowance([(before, after)], 1) == pytest.approx(expected, rel=0.05)
    assert deviation.allowance([(before, after)], 10) > deviation.allowance([(before, after)], 1)  # type: ignore[operator]
    single = NetworkDeviation.pooled([[[70.0], [72.0], [74.0]]])  # of the sets, which differ more
    assert (single.freedom, single.points_at(72.0)) == (2, pytest.approx(2.0, rel=0.01))
    assert NetworkDeviation.pooled([before, before, before]) == NetworkDeviation.pooled([before])


def test_where_no_networks_differ_nothing_is_known() -> None:
    for sets in ([[70.0]], [[70.0, 70.0]]):
        assert NetworkDeviation.pooled([sets, sets]).allowance([(sets, sets)], 1) is None


def test_a_sound_gallery_fails_a_check_in_a_hundred() -> None:
    random = np.random.default_rng(0)
    checks, rows, failed = 1500, 14, 0
    for _ in range(checks):
        before, after = networks_of(random, rows, (3, 2)), networks_of(random, rows, (3, 2))
        deviation = NetworkDeviation.pooled([*before, *after])
        gaps = np.abs(np.mean(before, axis=(1, 2)) - np.mean(after, axis=(1, 2)))
        pairs = zip(gaps.tolist(), before, after, strict=True)
        failed += any(gap > (deviation.allowance([(sides[0], sides[1])], rows) or 0) for gap, *sides in pairs)
    assert 0.004 < failed / checks < 0.018


def test_the_default_sample_of_the_shipped_gallery_says_something() -> None:
    sample = cheapest(recorded_entries(), 3)
    assert not any(entry.race for entry in sample), "of a race little can be recomputed"
    entries = {entry.name: entry for entry in ENTRIES}
    compared = []
    comparisons = sum(len(recorded_pairs(entry)) + 1 for entry in sample)  # as many as the check makes
    for entry in sample:
        assert entry.name in entries
        if entry.results is not None:
            compared += compare_tables(entry.name, entry.results, entry.results, comparisons, is_same=False)
        else:
            configured = entries[entry.name]
            assert isinstance(configured, GalleryRun)
            assert entry.run is not None
            compared += compare_runs(configured, entry.run, entry.run, comparisons, is_same=False)
    telling = [each for each in compared if each.verdict == "holds"]
    assert 2 * len({each.entry for each in telling}) > len(sample)
    assert len(telling) >= 6
    assert 2 * len(telling) >= len(compared)
    assert min(each.tolerance or 9 for each in telling) < 2


def test_the_cheapest_are_those_of_the_least_recorded_seconds_that_say_something(
    recorded: dict[str, RecordedEntry],
) -> None:
    entry = find_recorded("table1-fashion")

    def with_seconds(name: str, seconds: float | None, entry: RecordedEntry = entry) -> RecordedEntry:
        facts = entry.provenance.model_copy(update={"name": name, "seconds": seconds})
        return replace(entry, name=name, provenance=facts)

    silent = with_seconds("silent", 1.0, find_recorded("table3-digits"))
    entries = [silent, with_seconds("a", 30.0), with_seconds("b", None), with_seconds("c", 3.0)]
    assert [each.name for each in cheapest(entries, 2)] == ["c", "a"]
    assert [each.name for each in cheapest(entries, 9)] == ["c", "a", "b", "silent"]
    race = with_seconds("race", 0.5, find_recorded("figure4-fashion"))
    assert [each.name for each in cheapest([race, *entries], 9)] == ["c", "a", "b", "silent", "race"]


def test_the_identity_of_a_machine_has_numbers_that_its_name_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {
        "model name": "AMD EPYC",
        "cpu family": "25",
        "model": "17",
        "stepping": "1",
        "flags": "fma avx2",
    }
    monkeypatch.setattr(machine, "_processor_facts", lambda: facts)
    first = machine_identity(1, 2, "2.5.1")
    assert {"model 17", "cpu family 25", "torch 2.5.1", "1 × 2 threads"} <= {*first.split(", ")}
    for changed in ({"model": "1"}, {"stepping": "2"}, {"flags": "fma avx2 avx512f"}):
        monkeypatch.setattr(machine, "_processor_facts", lambda changed=changed: {**facts, **changed})
        assert machine_identity(1, 2, "2.5.1") != first
    monkeypatch.setattr(machine, "_processor_facts", lambda: {**facts, "flags": "avx2 fma"})
    assert machine_identity(1, 2, "2.5.1") == first
    assert len({first, machine_identity(2, 1, "2.5.1"), machine_identity(1, 2, "2.6")}) == 3
    monkeypatch.setattr(machine, "_processor_facts", dict)
    monkeypatch.setattr(machine.platform, "processor", lambda: "arm")
    assert machine_identity(1, 2, "2.5.1") == ""
    assert evaluation_plan("cpu", 1).model_copy(update={"device": "cuda:0"}).machine_identity == ""
