"""Files of a run say which run they are of: those of another, however alike, are not taken for its own."""

import json
import shutil
from pathlib import Path

import pytest
import safetensors.numpy
import torch
from support.hostile.damage import copied
from support.small_runs import TINY, record_run

from app.data.stored_results import stored_results
from dmcore.config import EvaluateConfig
from dmcore.data.load import load_dataset
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.checkpoint import (
    DamagedCheckpointError,
    checkpoint_file,
    newest_checkpoint,
    read_checkpoint,
)
from dmcore.runs.creation import extend_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.runs.problems import find_damage
from dmcore.runs.recorder import record
from dmcore.runs.rename import rename_run
from dmcore.runs.results.evaluation import evaluate_run
from dmcore.runs.runs_root import change_description, open_run
from dmcore.runs.snapshots import snapshot_file
from dmcore.runs.stored_state import read_state

SET = "real-1"
PROTOCOL = EvaluateConfig(networks=("mlp",), epochs=1, repeats=1)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunFolder, RunFolder]:
    """Runs of another seed, else the same: each has four iterations and one evaluation."""
    root = tmp_path_factory.mktemp("runs")
    config = TINY.model_copy(update={"images_per_class": 1})
    first, second = (record_run(root, config.model_copy(update={"seed": seed})) for seed in (0, 1))
    for run in (first, second):
        for _ in evaluate_run(run, SET, load_dataset("digits"), PROTOCOL):
            pass
    return first, second


@pytest.fixture
def run(originals: tuple[RunFolder, RunFolder], tmp_path: Path) -> RunFolder:
    return copied(originals[0], tmp_path / originals[0].id)


@pytest.fixture
def other(originals: tuple[RunFolder, RunFolder]) -> RunFolder:
    return originals[1]


def take(file: str, run: RunFolder, other: RunFolder) -> Path:
    """Replace a file of a run by the one of the same name of the other run."""
    return Path(shutil.copy(other.path / file, run.path / file))


def snapshot_name(iteration: int) -> str:
    return f"sets/{SET}/snapshots/{iteration:07d}.safetensors"


def test_checkpoint_of_another_run_is_no_checkpoint_of_this_one(run: RunFolder, other: RunFolder) -> None:
    file = take("checkpoints/0000004.safetensors", run, other)
    with pytest.raises(DamagedCheckpointError, match=f"it is of another run, {other.id}"):
        read_checkpoint(file, run)
    newest = newest_checkpoint(run.checkpoint_folder, run)
    assert newest.checkpoint is None
    assert newest.damaged == (
        f"checkpoint 0000004 is damaged (it is of another run, {other.id} instead of {run.id})",
    )
    pixels = torch.from_numpy(run.snapshot(SET, 4).pixels)
    condensed = read_condensed_set(run)
    assert torch.equal(condensed.images, pixels.float().flatten(0, 1))
    assert condensed.stored_as == "float16"
    assert "it is of another run" in condensed.rounded_because
    state, stored_as = read_state(run, 4)
    assert (stored_as, torch.equal(state[f"{SET}/pixels"], pixels)) == ("float16", True)


@pytest.mark.parametrize("file", ["checkpoints/0000004.safetensors", "run.json"])
def test_run_is_not_resumed_from_the_images_of_another(run: RunFolder, other: RunFolder, file: str) -> None:
    take(file, run, other)
    before = {each: each.read_bytes() for each in run.path.rglob("*.safetensors")}
    with pytest.raises(ValueError, match=r"the only checkpoint .*it is of another run"):
        next(record(extend_run(open_run(run.path), 6), load_dataset("digits")))
    assert run.config is not None
    change_description(run.path, config=run.config.model_copy(update={"iterations": 6}))
    with pytest.raises(ValueError, match=r"the only checkpoint .*it is of another run"):
        next(record(open_run(run.path), load_dataset("digits")))
    assert {each: each.read_bytes() for each in run.path.rglob("*.safetensors")} == before


def test_snapshot_of_another_run_is_no_snapshot_of_this_one(run: RunFolder, other: RunFolder) -> None:
    take(snapshot_name(3), run, other)
    for read in (
        lambda: run.snapshot(SET, 3),
        lambda: run.image(SET, 3, 0, 0),
        lambda: read_condensed_set(run, SET, 3),
        lambda: next(evaluate_run(run, SET, load_dataset("digits"), PROTOCOL, 3)),
    ):
        with pytest.raises(DamagedFileError, match=f"it holds the images of another run, {other.id}"):
            read()


def test_snapshot_of_another_run_that_claims_to_be_of_this_one_is_noticed(
    run: RunFolder, other: RunFolder
) -> None:
    tensors = safetensors.numpy.load(snapshot_file(other.snapshot_folder(SET), 3).read_bytes())
    metadata = {"iteration": "3", "set": SET, "run": run.description.id}
    (run.path / snapshot_name(3)).write_bytes(safetensors.numpy.save(tensors, metadata))
    for read in (lambda: run.snapshot(SET, 3), lambda: run.image(SET, 3, 0, 0)):
        with pytest.raises(DamagedFileError, match="a checksum differs"):
            read()


def test_evaluation_of_another_run_is_left_out_and_named(run: RunFolder, other: RunFolder) -> None:
    (file,) = other.result_files()
    shutil.copy(file, run.path / "results")
    (own,) = run.results()
    assert own.run == run.description.id
    assert stored_results(run) == (own,)
    (damage,) = find_damage(run)
    assert damage.file.name == file.name
    assert f"it is of another run, {other.id}" in str(damage)


def test_nothing_is_read_as_the_images_of_another_runs_description(run: RunFolder, other: RunFolder) -> None:
    take("run.json", run, other)
    confused = open_run(run.path)
    with pytest.raises(DamagedFileError, match=f"it holds the images of another run, {run.id}"):
        read_condensed_set(confused)
    with pytest.raises(ValueError, match="another run"):
        read_state(confused, 4)
    assert confused.results() == []


def test_description_of_an_older_version_with_another_digit_is_noticed(run: RunFolder) -> None:
    fields = json.loads((run.path / "run.json").read_text())
    del fields["sha256"]
    fields["config"]["image_lr"] = 3.0
    (run.path / "run.json").write_text(json.dumps(fields))
    changed = open_run(run.path)
    with pytest.raises(DamagedCheckpointError, match="it is of another configuration or other data"):
        read_checkpoint(checkpoint_file(run.checkpoint_folder, 4), changed)


def test_copied_renamed_and_extended_run_is_the_same_run(run: RunFolder) -> None:
    copy = rename_run(copied(run, run.path.with_name("copy-of-it")), "A copy")
    extended = extend_run(copy, 6)
    assert [step.iteration for step in record(extended, load_dataset("digits"))] == [4, 5, 6]
    for _ in evaluate_run(extended, SET, load_dataset("digits"), PROTOCOL):
        pass
    extended = open_run(copy.path)
    assert extended.id != extended.description.id
    assert [extended.snapshot(SET, iteration).iteration for iteration in range(7)] == list(range(7))
    assert read_condensed_set(extended).stored_as == "float32"
    assert [result.run for result in extended.results()] == [run.description.id] * 2
    assert find_damage(extended) == ()
