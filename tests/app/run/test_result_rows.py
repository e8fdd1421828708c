"""Rows of the result card: the run's own accuracies, recorded ones beside them, what is missing by name."""

from pathlib import Path

import pytest

from app.data import recorded as recorded_settings
from app.data.method_accuracies import recorded_accuracies
from app.data.stored_results import results_at
from app.run import result_rows as card
from app.run.result_card import sources_sentence
from app.run.result_rows import NAMES, result_rows
from app.text.provenance import provenance_text
from dmcore.experiments.gallery.recorded import find_recorded, recorded_root
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress
from dmcore.runs.runs_root import list_runs


@pytest.fixture
def run() -> RunFolder:
    recorded = find_recorded("fashion-from-noise").run
    assert recorded is not None
    return recorded


def test_all_five_ways_stand_below_each_other_with_their_accuracies(run: RunFolder) -> None:
    rows = result_rows(run, 500, None)
    assert [row.name for row in rows] == [name for method, name in NAMES.items() if method != "start"]
    assert all(row.accuracy is not None for row in rows)


def test_each_recorded_number_has_the_source_that_it_comes_from(run: RunFolder) -> None:
    sentence = sources_sentence(run, result_rows(run, 500, None), results_at(run, 500))
    of_run, of_table = (
        provenance_text(find_recorded(name).provenance) for name in ("fashion-from-noise", "table1-fashion")
    )
    assert f"Learned, As many random real: {of_run}." in sentence
    assert (
        f"As many random real, several draws, Mean image, Herding, All real images: {of_table}." in sentence
    )


def test_one_draw_of_random_images_is_called_so_and_has_the_recorded_ones_beside_it(run: RunFolder) -> None:
    (random,) = [row.accuracy for row in result_rows(run, 500, None) if row.method == "random_real"]
    assert random is not None
    assert random.counts_text == "one draw, 3 networks"
    assert random.over_draws == recorded_accuracies("fashion", 1)["random_real"]
    assert random.over_draws.counts_text == "3 draws, 9 networks"


def test_a_row_without_a_number_says_that_it_is_being_measured(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "compared_accuracies", lambda run, name, iteration: [])
    progress = EvaluationProgress("noise-1", "random_real", "convnet", 1, 3, 1, 200, 0.1, None)
    rows = {row.method: row for row in result_rows(run, 500, progress)}
    assert list(rows) == ["condensed", "random_real", "all_real"], "mean and herding only where recorded"
    assert rows["random_real"].missing == "measuring …"
    assert rows["condensed"].missing == "not measured"


def test_hidden_recorded_results_are_not_on_the_card_of_an_own_run(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(recorded_settings, "runs_root", lambda: tmp_path)
    recorded_settings.set_recorded_hidden(True)
    assert len(result_rows(run, 500, None)) == len(NAMES) - 1, "it is recorded itself"
    monkeypatch.setattr(card, "is_recorded", lambda run: False)
    assert not any(row.accuracy and row.accuracy.recorded for row in result_rows(run, 500, None))


def test_sets_of_several_sizes_stand_each_beside_their_own_alternatives() -> None:
    runs = list_runs(recorded_root())
    several = next(
        run
        for run in runs
        if run.config is not None and run.config.dataset == "fashion" and len(run.sets) == 2
    )
    rows = result_rows(several, 500, None)
    assert [row.name for row in rows] == [
        "Learned, 1 per class",
        "As many random real, 1 per class",
        "Mean image, 1 per class",
        "Herding, 1 per class",
        "Learned, 10 per class",
        "As many random real, 10 per class",
        "Mean image, 10 per class",
        "Herding, 10 per class",
        "All real images",
    ]
    numbers = [row.accuracy.mean for row in rows if row.accuracy and row.method == "random_real"]
    assert len(set(numbers)) == 2, "each size has its own"
