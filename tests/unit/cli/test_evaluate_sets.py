"""`dmcore evaluate` on a run with several sets of which not all have the images."""

import json
from pathlib import Path

import pytest
from support.command_line import Command

from dmcore.experiments.report.scores import augmentation_robust_score, label_robust_score
from dmcore.runs.results.evaluation_tasks import EvaluationTask

SMALL = ["condense", "--dataset", "digits", "--images-per-class", "1", "--width", "4", "--init", "real,noise"]
SMALL += ["--real-batch", "8", "--threads", "1", "--iterations", "2"]
QUICK = ["--networks", "mlp", "--repeats", "1", "--epochs", "1", "--threads", "1"]


def test_a_damaged_set_leaves_the_results_of_those_before_it(dmcore: Command, tmp_path: Path) -> None:
    name = json.loads(dmcore(*SMALL, "--json")[1])["run"]
    (tmp_path / "runs" / name / "sets" / "noise-1" / "snapshots" / "0000001.safetensors").write_bytes(b"")
    code, out, err = dmcore("evaluate", name, *QUICK, "--iteration", "1", "--json")
    (result,) = json.loads(out)["results"]
    assert (code, result["set"], result["iteration"], result["n"]) == (1, "real-1", 1, 1)
    note, table, damage = err.index("note: the images of real-1"), err.index("(n = 1)"), err.index("0000001")
    assert note < table < damage
    assert len(list((tmp_path / "runs" / name / "results").iterdir())) == 1


def test_an_iteration_that_no_set_stored_is_refused_before_training(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = json.loads(dmcore(*SMALL, "--json")[1])["run"]
    monkeypatch.setattr("dmcore.runs.results.evaluation.evaluate", lambda *_: pytest.fail("trained"))
    kinds = ["--kind", "random_real,condensed"]
    code, out, err = dmcore("evaluate", name, *QUICK, *kinds, "--iteration", "7", "--json")
    assert (code, out) == (1, "")
    assert "has no images of iteration 7: choose one of 0, 1, 2" in err


def test_scores_are_made_of_the_accuracies_that_they_need(dmcore: Command) -> None:
    name = json.loads(dmcore(*SMALL, "--json")[1])["run"]
    code, out, err = dmcore("evaluate", f"{name}:real-1", *QUICK, "--scores", "--json")
    assert code == 0
    printed = json.loads(out)
    means = {(each["kind"], each["augmented"]): each["mean"] / 100 for each in printed["results"]}
    assert set(means) == {
        *(("condensed", True), ("random_real", True), ("all_real", True)),
        *(("condensed", False), ("random_real", False)),
    }
    (scores,) = printed["scores"]
    ior, plain = (means["condensed", each] - means["random_real", each] for each in (True, False))
    assert scores["ior"] == pytest.approx(ior)
    assert scores["hlr"] == pytest.approx(means["all_real", True] - means["condensed", True])
    assert scores["lrs"] == pytest.approx(label_robust_score(ior, scores["hlr"]))
    assert scores["ars"] == pytest.approx(augmentation_robust_score(ior, plain))
    assert "condensed, no augmentation" in err
    assert "with their intervals over sets" in err
    assert "scores" not in json.loads(dmcore("evaluate", f"{name}:real-1", *QUICK, "--json")[1])


def test_scores_without_augmentation_or_of_some_kinds_only_are_refused(dmcore: Command) -> None:
    name = json.loads(dmcore(*SMALL, "--json")[1])["run"]
    code, _, err = dmcore("evaluate", f"{name}:real-1", *QUICK, "--scores", "--protocol", "dc")
    assert code == 2
    assert "one without: add --protocol dm, and leave --augment out" in err
    code, _, err = dmcore("evaluate", f"{name}:real-1", *QUICK, "--scores", "--kind", "random_real")
    assert code == 2
    assert "they need all kinds of images: leave --kind out" in err


def test_there_are_no_scores_of_what_was_evaluated_in_part(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = json.loads(dmcore(*SMALL, "--json")[1])["run"]
    whole = EvaluationTask.networks.fget
    monkeypatch.setattr(EvaluationTask, "networks", property(lambda task: whole(task) + 1))  # one is missing
    _, out, _ = dmcore("evaluate", f"{name}:real-1", *QUICK, "--scores", "--json")
    assert len(json.loads(out)["results"]) == 5
    assert json.loads(out)["scores"] == []
