"""Every version of the run folder stays readable: each has an asset that is loaded for ever."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from support.run_equality import noise_floors

from app import ROOT
from dmcore.config import DsaConfig, EvaluateConfig, Selection
from dmcore.coresets import Coreset
from dmcore.data.load import load_dataset
from dmcore.files.checked_json import Record, read_record, record_content
from dmcore.runs.checkpoint import newest_checkpoint
from dmcore.runs.description import (
    FORMAT,
    GRADIENT_FORMAT,
    K_MEANS_FORMAT,
    NewerFormatError,
    RunDescription,
    SetDescription,
    Status,
    StoredResult,
)
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.runs.imports import load_condensed
from dmcore.runs.problems import find_damage
from dmcore.runs.recorder import record
from dmcore.runs.rename import rename_run
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.runs_root import list_runs, open_run
from dmcore.runs.selection import create_selected_run

ASSETS = ROOT / "tests" / "assets"


@pytest.fixture(params=range(1, FORMAT + 1))
def stored(tmp_path: Path, request: pytest.FixtureRequest) -> RunFolder:
    """A copy of each version's run: two sets, stopped at 6 of 8, evaluated once, plan changed at 4."""
    name = f"run-format-{request.param}"
    shutil.copytree(ASSETS / name, tmp_path / name)
    return open_run(name, tmp_path)


def stored_format(run: RunFolder) -> int:
    version: int = json.loads((run.path / "run.json").read_text())["format"]
    return version


def test_older_formats_are_read_in_full(stored: RunFolder) -> None:
    assert [run.id for run in list_runs(stored.path.parent)] == [stored.id]
    assert stored.status() is Status.INTERRUPTED
    assert stored.iteration() == 6
    assert stored.description.title == "Kept for ever"
    assert stored.description.data.train_count == 1437
    assert stored.set_names == ("real-1", "noise-1-m0_9")
    assert stored.sets[1].spec is not None
    assert stored.sets[1].spec.momentum == 0.9
    for name in stored.set_names:
        assert stored.snapshots(name) == list(range(7))
        assert stored.snapshot(name).pixels.shape == (10, 1, 1, 8, 8)
        assert stored.image(name, 6, 9, 0).shape == (1, 8, 8)
        assert stored.losses(name).loss.shape == (6, 10)
        assert read_condensed_set(stored, name).stored_as == "float32"
    assert stored.losses("real-1").loss[5, 0] == pytest.approx(2.389384, abs=2e-6)
    assert list(noise_floors(stored)) == [1, 2, 4]
    assert [note.iteration for note in stored.notes()] == [4]
    (result,) = stored.results()
    assert (result.network, result.iteration, result.n, result.kind) == ("mlp", 6, 2, "condensed")
    newest = newest_checkpoint(stored.checkpoint_folder, stored)
    assert newest.checkpoint is not None
    assert newest.damaged == ()
    snapshot = stored.snapshot("real-1", 6)
    np.testing.assert_array_equal(newest.checkpoint.state["real-1/pixels"].half().numpy(), snapshot.pixels)
    assert find_damage(stored) == ()


def test_no_field_is_added_without_a_new_format() -> None:
    run = open_run(ASSETS / f"run-format-{FORMAT}")
    records: list[tuple[type[Record], Path]] = [(RunDescription, run.path / "run.json")]
    records += [(SetDescription, file) for file in sorted(run.path.glob("sets/*/set.json"))]
    records += [(StoredResult, file) for file in run.result_files()]
    assert len(records) == 4
    for model, file in records:
        assert record_content(read_record(model, file)) == file.read_bytes(), (
            f"the version before would take {file.name} for damaged: raise FORMAT, and keep an asset of it"
        )


def test_the_version_before_is_told_to_be_updated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dmcore.runs.folder.NEWEST_FORMAT", FORMAT - 1)
    with pytest.raises(NewerFormatError, match="update dm-explorer"):
        open_run(ASSETS / f"run-format-{FORMAT}")


def test_older_formats_are_resumed_to_their_end(stored: RunFolder) -> None:
    assert [step.iteration for step in record(stored, load_dataset("digits"))] == [6, 7, 8]
    assert stored.status() is Status.FINISHED
    assert stored.losses("noise-1-m0_9").iteration.tolist() == list(range(1, 9))
    assert len(stored.results()) == 1
    assert find_damage(open_run(stored.path)) == ()


def resume(run: RunFolder) -> None:
    for _ in record(run, load_dataset("digits")):
        pass


def evaluate(run: RunFolder) -> None:
    protocol = EvaluateConfig(networks=("mlp",), epochs=1, repeats=1)
    for _ in evaluate_run(run, run.set_names[0], load_dataset("digits"), protocol):
        pass


@pytest.mark.parametrize("write", [resume, evaluate, lambda run: rename_run(run, "Renamed")])
def test_a_run_that_gets_files_of_this_version_has_its_format(stored: RunFolder, write) -> None:
    write(stored)
    assert stored_format(stored) == FORMAT
    assert open_run(stored.path).description.is_of_same_run(stored.description)


def test_a_run_that_is_resumed_by_its_own_plan_has_the_format_of_its_new_files(tmp_path: Path) -> None:
    shutil.copytree(ASSETS / "run-format-2", tmp_path / "run")
    file = tmp_path / "run" / "run.json"
    fields = json.loads(file.read_text())
    del fields["sha256"]
    file.write_text(json.dumps({**fields, "format": 1}))
    resume(open_run(tmp_path / "run"))
    assert stored_format(open_run(tmp_path / "run")) == FORMAT


def test_a_run_of_gradient_matching_is_read_and_resumed_for_ever(tmp_path: Path) -> None:
    shutil.copytree(ASSETS / f"run-format-{GRADIENT_FORMAT}", tmp_path / "run")
    run = open_run(tmp_path / "run")
    assert run.config == DsaConfig(
        dataset="digits",
        width=4,
        depth=2,
        real_batch=8,
        images_per_class=1,
        outer_steps=2,
        inner_epochs=2,
        iterations=4,
    )
    assert (run.status(), run.iteration()) == (Status.INTERRUPTED, 2)
    assert [result.n for result in run.results()] == [2]
    assert find_damage(run) == ()
    stored = (ASSETS / f"run-format-{GRADIENT_FORMAT}" / "run.json").read_bytes()
    assert record_content(read_record(RunDescription, run.path / "run.json")) == stored
    resume(run)
    assert run.status() is Status.FINISHED
    assert run.losses("real-1").iteration.tolist() == [1, 2, 3, 4]
    assert (stored_format(run), find_damage(open_run(run.path))) == (GRADIENT_FORMAT, ())


def test_a_selection_by_k_means_is_read_for_ever_and_the_version_before_is_told_to_be_updated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asset = ASSETS / f"run-format-{K_MEANS_FORMAT}"
    shutil.copytree(asset, tmp_path / "run")
    run = open_run(tmp_path / "run")
    (described,) = run.sets
    assert described.selection is not None
    assert (described.selection.method, described.selection.seed) == ("k_means", 3)
    assert described.selection.training is not None
    assert (run.status(), find_damage(run)) == (Status.FINISHED, ())
    assert load_condensed(run).images.shape == (20, 1, 8, 8)
    set_file = Path("sets", described.name, "set.json")
    assert (
        record_content(read_record(RunDescription, run.path / "run.json"))
        == (asset / "run.json").read_bytes()
    )
    assert record_content(read_record(SetDescription, run.path / set_file)) == (asset / set_file).read_bytes()
    rename_run(run, "Renamed")
    evaluate(run)
    assert stored_format(run) == K_MEANS_FORMAT
    monkeypatch.setattr("dmcore.runs.folder.NEWEST_FORMAT", GRADIENT_FORMAT)
    with pytest.raises(NewerFormatError, match="update dm-explorer"):
        open_run(run.path)


@pytest.mark.parametrize(("method", "expected"), [("k_means", K_MEANS_FORMAT), ("herding", FORMAT)])
def test_only_a_selection_by_k_means_needs_its_format(
    tmp_path: Path, method: Selection, expected: int
) -> None:
    digits = load_dataset("digits")
    positions = torch.stack([members[:1] for members in digits.train.by_class])
    coreset = Coreset.from_real(method, digits, positions, 0, "The first of each class.")
    assert stored_format(create_selected_run(tmp_path, digits, [coreset])) == expected
