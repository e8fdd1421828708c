"""Checking a gallery: sound results hold, an altered number does not, and the rule is what it says."""

from pathlib import Path

import numpy as np
import pytest
from support.small_gallery import RUN, TABLE, built

from dmcore.data.load import load_dataset
from dmcore.experiments.gallery.check import (
    EntryCompared,
    cheapest,
    check_gallery,
    compare_runs,
    compare_tables,
    tolerance,
)
from dmcore.experiments.gallery.recorded import RecordedEntry, read_gallery
from dmcore.experiments.results import NetworkResult, Results


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RecordedEntry]:
    folder = tmp_path_factory.mktemp("gallery")
    built(folder, RUN, TABLE)
    return {entry.name: entry for entry in read_gallery(folder / "gallery")[0]}


def altered(results: Results, index: int, points: float) -> Results:
    """Results with other accuracies in a cell."""
    cell = results.cell_results[index]
    networks = tuple(
        NetworkResult(repeat=network.repeat, accuracy=network.accuracy + points)
        for network in cell.network_results
    )
    changed = cell.model_copy(update={"network_results": networks})
    return results.model_copy(update={"cell_results": {**results.cell_results, index: changed}})


def test_what_is_recomputed_on_the_same_machine_is_the_same(recorded: dict[str, RecordedEntry]) -> None:
    pairs = [(RUN, recorded["tiny-run"]), (TABLE, recorded["tiny-table"])]
    events = check_gallery(pairs, load_dataset, "cpu", 1)
    compared = {event.name: event.comparisons for event in events if isinstance(event, EntryCompared)}
    assert [(each.what, each.recomputed) for each in compared["tiny-run"][:1]] == [
        ("final images of real-2", "same bits")
    ]
    assert compared["tiny-run"][0].tolerance == 0
    assert [each.what for each in compared["tiny-run"][1:]] == [
        "trained on condensed images",
        "trained on random real images",
    ]
    assert len(compared["tiny-table"]) == 4
    for each in (*compared["tiny-run"], *compared["tiny-table"]):
        assert each.holds
        assert each.difference == 0
        assert each.entry in recorded


def test_an_altered_number_does_not_hold(recorded: dict[str, RecordedEntry]) -> None:
    results = recorded["tiny-table"].results
    assert results is not None
    sound = compare_tables("tiny-table", results, results, 4)
    assert all(each.holds for each in sound)
    differing = compare_tables("tiny-table", altered(results, 0, 60.0), results, 4)
    assert [each.holds for each in differing].count(False) == 1


def test_other_images_do_not_hold_on_the_same_machine_and_are_told_on_another(
    recorded: dict[str, RecordedEntry], tmp_path: Path
) -> None:
    from dataclasses import replace

    other = replace(RUN, config=RUN.config.model_copy(update={"seed": 1}))
    built(tmp_path, other)
    (entry,) = read_gallery(tmp_path / "gallery")[0]
    first, second = recorded["tiny-run"].run, entry.run
    assert first is not None
    assert second is not None
    images = compare_runs(RUN, first, second, 2, is_same_machine=True)[0]
    assert (images.tolerance, images.holds) == (0.0, False)
    assert "apart" in images.recomputed
    elsewhere = compare_runs(RUN, first, second, 2, is_same_machine=False)[0]
    assert (elsewhere.tolerance, elsewhere.holds) == (None, True)


def test_the_tolerance_is_student_s_t_times_the_standard_error() -> None:
    before, after = [[70.0, 72.0], [50.0, 52.0]], [[71.0, 73.0], [49.0, 51.0]]
    deviation = np.sqrt(2.0)  # of two numbers that are two apart; that of the sets does not count
    expected = 4.604 * deviation * np.sqrt(1 / 4 + 1 / 4)  # t of 4 degrees of freedom at 1 %, two-sided
    assert tolerance(before, after, 1) == pytest.approx(expected, rel=1e-3)
    assert tolerance(before, after, 10) > tolerance(before, after, 1)
    assert tolerance([[70.0], [72.0], [74.0]], [[70.0], [72.0], [74.0]], 1) == pytest.approx(
        4.604 * 2 * np.sqrt(2 / 3), rel=1e-3
    )
    assert tolerance([[70.0]], [[70.0]], 1) == 0


def test_a_sound_gallery_fails_a_check_in_a_hundred() -> None:
    random = np.random.default_rng(0)
    checks, comparisons, failed = 2000, 14, 0
    for _ in range(checks):
        sets = random.normal(70, 5, (comparisons, 3, 1))  # the same sets, other networks on them
        before, after = (sets + random.normal(0, 1, (comparisons, 3, 2)) for _ in range(2))
        gaps = np.abs(before.mean(axis=(1, 2)) - after.mean(axis=(1, 2)))
        pairs = zip(gaps.tolist(), before.tolist(), after.tolist(), strict=True)
        failed += any(gap > tolerance(*sides, comparisons) for gap, *sides in pairs)
    assert 0.004 < failed / checks < 0.017


def test_the_cheapest_are_those_of_the_least_recorded_seconds(recorded: dict[str, RecordedEntry]) -> None:
    from dataclasses import replace

    entry = recorded["tiny-run"]

    def with_seconds(name: str, seconds: float | None) -> RecordedEntry:
        facts = entry.provenance.model_copy(update={"name": name, "seconds": seconds})
        return replace(entry, name=name, provenance=facts)

    entries = [with_seconds("a", 30.0), with_seconds("b", None), with_seconds("c", 3.0)]
    assert [each.name for each in cheapest(entries, 2)] == ["c", "a"]
    assert [each.name for each in cheapest(entries, 9)] == ["c", "a", "b"]
