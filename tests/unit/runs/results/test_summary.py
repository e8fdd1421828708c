"""The results sentence on what condensed images are worth."""

from pathlib import Path

import pytest

from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.config.formatting import accuracy_text
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.description import StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation_tasks import EvaluationProgress
from dmcore.runs.results.summary import (
    accuracy_table,
    evaluated_elsewhere,
    latest_results,
    progress_text,
    protocol_sentences,
    start_results,
)


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    sets = (
        SetChange(init="real"),
        SetChange(init="noise"),
        SetChange(name="many", images_per_class=10),
    )
    config = CondenseConfig(
        dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=2, sets=sets
    )
    dataset = load_dataset("digits")
    return create_run(tmp_path, config, dataset, make_plan(config, dataset.shape, 10), "")


def result(name: str, kind: str, mean: float, repeats: int = 1) -> StoredResult:
    return StoredResult.model_validate(
        {"set": name, "iteration": 2, "network": "convnet", "mean": mean, "std": 1.0, "n": 1, "kind": kind}
        | {"accuracies": [mean], "protocol": EvaluateConfig(repeats=repeats), "created": "1"}
    )


def test_the_table_has_a_row_per_set_and_marks_the_cell_that_is_measured(run: RunFolder) -> None:
    results = [result("real-1", "condensed", 88.4), result("noise-1", "random_real", 68.3)]
    progress = EvaluationProgress("noise-1", "condensed", "convnet", 2, 5, 30, 200, 0.5, None)
    heads, rows = accuracy_table(run, results, progress)
    assert heads == ["Images", "Condensed", "As many random real images", "All real images"]
    real, noise, many = rows
    assert real[1:3] == [accuracy_text(88.4, 1.0, 1), accuracy_text(68.3, 1.0, 1)]
    assert noise[1:3] == ["measuring …", accuracy_text(68.3, 1.0, 1)]
    assert many[1:] == ["–", "–", "–"]
    doing = "the condensed images, 1 per class, from noise: network 2 of 5, epoch 30 of 200"
    assert progress_text(run, progress) == doing


def test_images_that_were_tested_at_another_iteration_are_named(run: RunFolder) -> None:
    results = [result("real-1", "condensed", 88.4), result("real-1", "random_real", 68.3)]
    assert [shown.kind for shown in latest_results(results, 1)] == ["random_real"]
    elsewhere = evaluated_elsewhere(results, latest_results(results, 1))
    assert elsewhere == "Condensed images were tested at iteration 2 only."
    many = [results[0].model_copy(update={"iteration": at}) for at in range(0, 70, 10)]
    assert evaluated_elsewhere(many, ()) == "Condensed images were tested at 7 iterations only, 0 to 60."
    assert evaluated_elsewhere(results, latest_results(results, 2)) == ""


def test_random_images_of_several_draws_and_the_start_are_named(run: RunFolder) -> None:
    drawn = result("real-1", "random_real", 68.3).model_copy(update={"draws": 5, "n": 5})
    start = result("real-1", "condensed", 75.0).model_copy(update={"iteration": 0})
    results = [result("real-1", "condensed", 88.4), result("noise-1", "condensed", 88.0), drawn]
    began = start_results(run, [start, start.model_copy(update={"set": "noise-1"})])
    assert began == (start,), "noise is nothing to compare with"
    heads, rows = accuracy_table(run, results, None, began)
    assert heads[-1] == "Real images they started from"
    assert rows[0][-1] == start.text
    assert "5\N{NO-BREAK SPACE}draws" in rows[0][2]
    assert len(accuracy_table(run, results)[0]) == len(heads) - 1


def test_one_is_singular(run: RunFolder) -> None:
    protocol = EvaluateConfig(repeats=1, epochs=1)
    one = result("real-1", "condensed", 50.0).model_copy(update={"protocol": protocol})
    assert "1 fresh network, 1 epoch each" in protocol_sentences(run, [one])[0]
