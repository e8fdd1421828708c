"""`dmcore select`: an ordinary run that is listed, evaluated, exported; refusals with a remedy."""

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from support.command_line import Command

from dmcore.config import Selection, laptop_presets
from dmcore.coresets import REGISTRY, laptop_source, select
from dmcore.data.load import load_dataset
from dmcore.runs.description import Status
from dmcore.runs.imports import load_condensed
from dmcore.runs.runs_root import open_run
from dmcore.training import whole_set


@pytest.fixture(autouse=True)
def _one_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(laptop_presets, "LAPTOP_EPOCHS", (1, 1))


def selected(dmcore: Command, *options: str) -> dict:
    code, out, err = dmcore("select", "--dataset", "digits", *options, "--json")
    assert code == 0, err
    return json.loads(out)


def test_a_selection_is_listed_evaluated_and_exported(dmcore: Command, tmp_path: Path) -> None:
    made = selected(dmcore, "--method", "herding", "--images-per-class", "2")
    assert made == {
        "run": made["run"],
        "set": "herding-2",
        "method": "herding",
        "images_per_class": 2,
        "seed": 0,
    }
    (listed,) = json.loads(dmcore("runs", "--json")[1])["runs"]
    assert (listed["run"], listed["status"], listed["sets"]) == (made["run"], "finished", ["herding-2"])
    assert listed["title"].endswith("herding, 2 per class")
    assert "herding-2" in dmcore("runs")[1]
    protocol = ["--networks", "mlp", "--repeats", "1", "--epochs", "1", "--threads", "1"]
    kinds = ["--kind", "condensed,random_real"]
    code, out, err = dmcore("evaluate", made["run"], *kinds, *protocol, "--json")
    assert code == 0, err
    assert [result["n"] for result in json.loads(out)["results"]] == [1, 1]
    code, out, err = dmcore("export", made["run"], "--format", "png", "--to", str(tmp_path / "out"), "--json")
    assert code == 0, err
    (pictures,) = map(Path, json.loads(out)["files"])
    files = sorted(pictures.rglob("*.png"))
    assert files
    with Image.open(files[0]) as picture:
        assert min(picture.size) >= 8
    code, _, err = dmcore("resume", made["run"])
    assert code == 1
    assert "was selected, so there is nothing to resume" in err


@pytest.mark.parametrize("method", list(REGISTRY))
def test_a_run_holds_exactly_what_was_selected_and_says_how(
    dmcore: Command, tmp_path: Path, method: Selection
) -> None:
    options = ["--method", method, "--images-per-class", "2", "--seed", "3"]
    code, out, err = dmcore("select", "--dataset", "digits", *options, "--title", "<b>Mine")
    assert code == 0, err
    run = open_run(out.splitlines()[0].removeprefix("run "), tmp_path / "runs")
    assert ("training a network" in err) == (REGISTRY[method].needs != "nothing")
    digits = load_dataset("digits")
    expected = select(method, digits, 2, 3, laptop_source(digits, tmp_path / "cache", 3))
    stored = load_condensed(run)
    assert stored.stored_as == "float32"
    assert torch.equal(stored.images, expected.images)
    assert torch.equal(stored.label, expected.label)
    assert run.status() is Status.FINISHED
    assert (run.description.origin, run.config, run.description.title) == ("select", None, "<b>Mine")
    assert run.notes()[0].sentence == expected.sentence
    assert expected.sentence in out
    (described,) = run.sets
    assert described.selection is not None
    assert (described.selection.method, described.selection.seed) == (method, 3)
    assert described.selection.source == expected.source


def test_a_trained_network_is_kept_for_the_next_selection(
    dmcore: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    selected(dmcore, "--method", "k_center", "--images-per-class", "1")
    monkeypatch.setattr(whole_set, "NetworkTraining", None)  # nothing can be trained any more
    for method in ("herding", "k_means", "forgetting"):
        selected(dmcore, "--method", method, "--images-per-class", "3")


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--method", "hearding"], 2, "did you mean herding? Choose from random, mean_image"),
        (["--images-per-class", "0"], 2, "--images-per-class 0: must be at least 1"),
        (["--seed", "-1"], 2, "--seed -1: choose 0 to"),
        (["--method", "random", "--epochs", "2"], 2, "--epochs 2: random trains no network, leave it out"),
        (["--method", "herding", "--epochs", "0"], 2, "--epochs 0: must be at least 1"),
        (["--dataset", "digit"], 1, "digits"),
        (
            ["--method", "herding", "--images-per-class", "500"],
            1,
            "class '0' has 142 real images, fewer than 500: ask for at most 139 images per class",
        ),
    ],
)
def test_what_cannot_be_selected_is_one_sentence_and_leaves_nothing(
    dmcore: Command, tmp_path: Path, options: list[str], code: int, message: str
) -> None:
    left, _, err = dmcore("select", "--dataset", "digits", *options)
    assert left == code
    assert message in err
    assert "Traceback" not in err
    assert not (tmp_path / "runs").exists()
    assert not (tmp_path / "cache").exists()


def test_epochs_train_another_network(dmcore: Command, tmp_path: Path) -> None:
    for options in ([], ["--epochs", "2"]):
        made = selected(dmcore, "--method", "herding", "--images-per-class", "1", *options)
        (described,) = open_run(made["run"], tmp_path / "runs").sets
        assert described.selection is not None
        assert f"for {2 if options else 1} epochs" in described.selection.source
    assert len(list((tmp_path / "cache" / "trained").iterdir())) == 2
