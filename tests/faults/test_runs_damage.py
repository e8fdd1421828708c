"""Damage that a run survives: damaged checkpoints, truncated lines, a full disk, a second writer."""

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.hostile.damage import flip_bit, truncate, unlistable
from support.recorded_runs import stored_result
from support.run_equality import assert_equal_checkpoints, assert_equal_runs

from dmcore.cli import main
from dmcore.config import CondenseConfig, EvaluateConfig
from dmcore.data.images import DataSet
from dmcore.execution.plan import Plan
from dmcore.files.atomic import StorageError, set_aside
from dmcore.files.checked_json import DamagedFileError, write_record
from dmcore.runs import recorder
from dmcore.runs.checkpoint import checkpoint_file, newest_checkpoint
from dmcore.runs.creation import create_run
from dmcore.runs.description import SetDescription, Status
from dmcore.runs.doctor.examination import examine_run
from dmcore.runs.events import IterationEvent
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.runs.lock import RunBusyError, read_owner
from dmcore.runs.recorder import record
from dmcore.runs.runs_root import lock_description
from dmcore.runs.snapshots import stored_iterations

CONFIG = CondenseConfig(dataset="digits", width=4, depth=2, real_batch=8, images_per_class=1, iterations=12)


@pytest.fixture
def run(tmp_path: Path, digits: DataSet, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run stopped at iteration 8 with checkpoints at 7 and 8."""
    monkeypatch.setattr(recorder, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(recorder, "CHECKPOINT_SHARE", 1e6)
    made = create_run(tmp_path, CONFIG, digits, Plan(threads=1))
    steps = record(made, digits)
    for step in steps:
        if step.iteration == 8:
            break
    steps.close()
    assert stored_iterations(made.checkpoint_folder) == [7, 8]
    return made


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory, digits: DataSet) -> RunFolder:
    made = create_run(tmp_path_factory.mktemp("unbroken"), CONFIG, digits, Plan(threads=1))
    for _ in record(made, digits):
        pass
    return made


def finish(run: RunFolder, digits: DataSet) -> list[int]:
    return [step.iteration for step in record(run, digits)]


def assert_whole_and_equal(run: RunFolder, unbroken: RunFolder) -> None:
    assert_equal_runs(run, unbroken)
    assert run.iteration() == CONFIG.iterations
    assert not list(run.path.rglob("*.tmp"))


DAMAGES = {
    "truncated": truncate,
    "empty": lambda file: file.write_bytes(b""),
    "a bit flipped in the header": partial(flip_bit, share=0.002),
    "a bit flipped in the middle": flip_bit,
    "a bit flipped at the end": partial(flip_bit, share=1.0),
    "a copy of another iteration": lambda file: shutil.copy(file.with_name("0000007.safetensors"), file),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_checkpoint_falls_back_to_the_one_before_and_says_so(
    run: RunFolder, unbroken: RunFolder, digits: DataSet, damage: Callable[[Path], None]
) -> None:
    damage(checkpoint_file(run.checkpoint_folder, 8))
    assert finish(run, digits)[0] == 7
    (note,) = run.notes()
    assert note.iteration == 7
    assert "checkpoint 0000008" in note.sentence
    assert "resumed from iteration 7" in note.sentence
    assert_whole_and_equal(run, unbroken)
    assert [file.name for file in run.checkpoint_folder.glob("*.damaged")] == ["0000008.safetensors.damaged"]


def contents(run: RunFolder) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in run.path.rglob("*") if file.is_file() and file.name != "lock"}


@pytest.mark.parametrize(
    ("lost", "which"), [((7, 8), "both checkpoints of"), ((7,), "the only checkpoint of")]
)
def test_a_run_without_a_whole_checkpoint_is_not_resumed_and_loses_nothing(
    run: RunFolder, digits: DataSet, lost: tuple[int, ...], which: str
) -> None:
    if len(lost) == 1:
        checkpoint_file(run.checkpoint_folder, 8).unlink()
    for iteration in lost:
        truncate(checkpoint_file(run.checkpoint_folder, iteration))
    before = contents(run)
    with pytest.raises(ValueError, match=f"{which} .* images up to iteration 8 are stored: export them"):
        finish(run, digits)
    assert contents(run) == before
    assert read_condensed_set(run, iteration=8).images.isfinite().all()


def lose_checkpoints(run: RunFolder) -> None:
    """Leave a folder as a copy without the large files does."""
    for file in run.checkpoint_folder.iterdir():
        file.unlink()


def lose_checkpoint_folder(run: RunFolder) -> None:
    shutil.rmtree(run.checkpoint_folder)


def set_checkpoints_aside(run: RunFolder) -> None:
    for iteration in stored_iterations(run.checkpoint_folder):
        set_aside(checkpoint_file(run.checkpoint_folder, iteration))


def lose_checkpoints_and_losses(run: RunFolder) -> None:
    lose_checkpoint_folder(run)
    run.events_file.unlink()


def evaluate_and_lose_checkpoints(run: RunFolder) -> None:
    evaluate(run, 8)
    lose_checkpoints(run)


def lose_checkpoints_of_a_long_run(run: RunFolder) -> None:
    lose_checkpoints(run)
    slow = [
        IterationEvent(iteration, 2.0 * iteration, {"real-1": np.zeros(10, np.float32)}).line()
        for iteration in range(1, 9)
    ]
    run.events_file.write_text("".join(slow))


def evaluate(run: RunFolder, iteration: int) -> None:
    """Store an evaluation as `dmcore evaluate` does."""
    created = f"2026-01-02T00:00:{iteration:02d}+00:00"
    protocol = EvaluateConfig(epochs=3, repeats=1)
    result = stored_result("real-1", iteration, (50.0,), protocol, created=created)
    write_record(run.path / "results" / f"{iteration}.json", result)


LOSSES = {
    "checkpoints set aside": set_checkpoints_aside,
    "checkpoints and losses": lose_checkpoints_and_losses,
    "checkpoints of evaluated images": evaluate_and_lose_checkpoints,
    "checkpoints of a run of 16 seconds": lose_checkpoints_of_a_long_run,
}


@pytest.mark.parametrize("lose", LOSSES.values(), ids=LOSSES)
def test_a_stopped_run_that_lost_its_checkpoints_does_not_begin_anew(
    run: RunFolder, digits: DataSet, lose: Callable[[RunFolder], None]
) -> None:
    lose(run)
    before = contents(run)
    with pytest.raises(ValueError, match=r"no checkpoint any more .* images up to iteration 8 are stored"):
        finish(run, digits)
    assert contents(run) == before


@pytest.mark.parametrize("lose", [lose_checkpoints, lose_checkpoint_folder])
def test_a_finished_run_that_lost_its_checkpoints_is_not_extended_and_stays_as_it_was(
    run: RunFolder, digits: DataSet, lose: Callable[[RunFolder], None], capsys: pytest.CaptureFixture[str]
) -> None:
    finish(run, digits)
    lose(run)
    before = contents(run)
    assert main(("resume", str(run.path), "--iterations", "20")) == 1
    assert "no checkpoint any more" in capsys.readouterr().err
    assert contents(run) == before
    assert run.status() is Status.FINISHED


def test_a_run_that_was_killed_before_its_first_checkpoint_begins_anew(
    run: RunFolder, unbroken: RunFolder, digits: DataSet
) -> None:
    lose_checkpoints(run)
    assert finish(run, digits)[0] == 0
    assert run.notes() == []
    assert_whole_and_equal(run, unbroken)


FOLDERS = ("checkpoints", "sets/real-1/snapshots", "results")


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("error", [errno.EIO, errno.EACCES, errno.ESTALE])
def test_a_folder_that_cannot_be_listed_is_not_taken_for_an_empty_one(
    run: RunFolder, unbroken: RunFolder, digits: DataSet, folder: str, error: int
) -> None:
    evaluate(run, 5)
    before = contents(run)
    with (
        unlistable(run.path / folder, error),
        pytest.raises(DamagedFileError, match=r"cannot be listed, .*: check the disk and its permissions"),
    ):
        finish(run, digits)
    assert contents(run) == before
    finish(run, digits)
    assert_whole_and_equal(run, unbroken)


@pytest.mark.parametrize("folder", ["checkpoints", "sets/real-1/snapshots"])
def test_a_file_in_the_place_of_a_folder_is_named_before_anything_is_deleted(
    run: RunFolder, digits: DataSet, folder: str
) -> None:
    shutil.rmtree(run.path / folder)
    (run.path / folder).write_bytes(b"")
    before = contents(run)
    with pytest.raises(DamagedFileError, match="cannot be listed, not a directory"):
        finish(run, digits)
    assert contents(run) == before


@pytest.mark.parametrize("lost", ["sets/real-1/snapshots", "sets/real-1"])
def test_a_missing_folder_of_images_is_made_again(
    run: RunFolder, unbroken: RunFolder, digits: DataSet, lost: str
) -> None:
    shutil.rmtree(run.path / lost)
    finish(run, digits)
    assert run.status() is Status.FINISHED
    assert run.snapshots("real-1") == [8, 9, 10, 11, 12]
    assert_equal_checkpoints(run, unbroken)


def test_images_that_were_evaluated_are_computed_again_after_a_fall_back(
    run: RunFolder, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(run, 8)
    pixels = run.snapshot("real-1", 8).pixels
    truncate(checkpoint_file(run.checkpoint_folder, 8))
    monkeypatch.setattr(recorder, "schedule_snapshots", lambda iterations, _bytes: (0, iterations))
    steps = record(run, digits)
    assert next(steps).iteration == 7
    assert 8 not in run.snapshots("real-1")
    steps.close()
    finish(run, digits)
    assert (run.snapshot("real-1", 8).pixels == pixels).all()
    assert [note.sentence for note in run.notes()][-1] == (
        "the images of iteration 8, which were evaluated, are computed again"
    )
    assert len(run.notes()) == 2


def test_a_folder_beside_the_sets_is_left_alone(run: RunFolder, digits: DataSet) -> None:
    mine = run.path / "sets" / "mine"
    shutil.copytree(run.path / "sets" / "real-1", mine)
    write_record(mine / "set.json", SetDescription(name="mine", images_per_class=1))
    (mine / "snapshots" / "0000500.safetensors").write_bytes(b"mine")
    before = {file: content for file, content in contents(run).items() if file.is_relative_to(mine)}
    finish(run, digits)
    assert {file: content for file, content in contents(run).items() if file.is_relative_to(mine)} == before


def test_a_rename_in_progress_does_not_keep_a_run_from_resuming(
    run: RunFolder, unbroken: RunFolder, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dmcore.runs.runs_root.CHANGE_SECONDS", 0.1)
    temporary = run.path / f".run.json.{os.getpid()}.tmp"
    temporary.write_bytes(b"half")
    with lock_description(run.path):
        steps = record(run, digits)
        next(steps)
        assert temporary.exists(), "it is being written by another thread"
    list(steps)
    temporary.unlink()
    assert_whole_and_equal(run, unbroken)


def test_torn_last_line_and_left_over_temporary_files_are_cleared(
    run: RunFolder, unbroken: RunFolder, digits: DataSet
) -> None:
    with run.events_file.open("ab") as stream:
        stream.write(b'{"iteration": 9, "seco')
    killed = subprocess.Popen([sys.executable, "-c", "pass"])
    killed.wait()
    for process in (killed.pid, os.getpid()):
        (run.checkpoint_folder / f".0000009.safetensors.{process}.tmp").write_bytes(b"half")
    (run.snapshot_folder("real-1") / "0000009.safetensors").write_bytes(b"half")
    assert run.losses("real-1").iteration.tolist() == list(range(1, 9))
    finish(run, digits)
    assert run.notes() == []
    assert_whole_and_equal(run, unbroken)


def test_evaluating_images_whose_checkpoint_is_damaged_says_that_they_are_rounded(
    run: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ("evaluate", str(run.path), "--networks", "mlp", "--epochs", "1", "--repeats", "1")
    assert main(command) == 0
    assert "rounded" not in capsys.readouterr().out
    flip_bit(checkpoint_file(run.checkpoint_folder, 8), 0.9)
    assert main(command) == 0
    assert "note: the images of real-1 are rounded to float16, because " in capsys.readouterr().out


def lines_of(run: RunFolder) -> list[bytes]:
    return run.events_file.read_bytes().splitlines(keepends=True)


def test_losses_that_are_twice_or_shuffled_are_put_in_order(
    run: RunFolder, unbroken: RunFolder, digits: DataSet
) -> None:
    lines = lines_of(run)
    run.events_file.write_bytes(b"".join([*reversed(lines), *lines[:3]]))
    finish(run, digits)
    assert run.notes() == []
    assert_whole_and_equal(run, unbroken)


@pytest.mark.parametrize("lost", [slice(3, 4), slice(5, None), slice(0, None)])
def test_missing_losses_are_named_once_and_the_images_are_the_same(
    run: RunFolder, unbroken: RunFolder, digits: DataSet, lost: slice
) -> None:
    lines = lines_of(run)
    del lines[lost]
    run.events_file.write_bytes(b"".join(lines))
    (finding,) = (finding for finding in examine_run(run.path) if finding.file == run.events_file)
    assert finding.is_damage
    steps = record(run, digits)
    next(steps)
    next(steps)
    steps.close()
    finish(run, digits)
    assert [note.sentence for note in run.notes()] == [
        "the losses before this iteration are incomplete, or not those of this run"
    ]
    assert_equal_checkpoints(run, unbroken)


def test_losses_of_another_run_are_named(run: RunFolder, digits: DataSet, tmp_path: Path) -> None:
    other = create_run(tmp_path, CONFIG.model_copy(update={"seed": 1}), digits, Plan(threads=1))
    for _ in record(other, digits):
        pass
    shutil.copy(other.events_file, run.events_file)
    finish(run, digits)
    (note,) = run.notes()
    assert "not those of this run" in note.sentence


def test_a_file_that_another_process_is_writing_is_left_to_it(run: RunFolder, digits: DataSet) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as writer:
        theirs = run.path / "results" / f".digits.json.{writer.pid}.tmp"
        theirs.write_bytes(b"half")
        finish(run, digits)
        assert theirs.read_bytes() == b"half"
        writer.communicate(b"\n")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_full_disk_gets_a_sentence_and_leaves_the_checkpoint_before(
    run: RunFolder, unbroken: RunFolder, digits: DataSet, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    steps = record(run, digits)
    assert next(steps).iteration == 8
    with monkeypatch.context() as patch:

        def full(*_arguments: object, **_named: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        patch.setattr(f"dmcore.files.atomic.os.{call}", full)
        with pytest.raises(StorageError, match=r"disk of .* is full: free some space"):
            list(steps)
    assert run.status() is Status.INTERRUPTED, "the error could not be written either"
    newest = newest_checkpoint(run.checkpoint_folder)
    assert newest.checkpoint is not None
    assert newest.checkpoint.iteration == 8
    assert newest.damaged == ()
    assert not list(run.path.rglob("*.tmp"))
    finish(run, digits)
    assert_whole_and_equal(run, unbroken)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_disk_full_while_appending_losses_is_named_in_the_error_file(run: RunFolder, digits: DataSet) -> None:
    steps = record(run, digits)
    next(steps)
    run.events_file.unlink()
    run.events_file.symlink_to("/dev/full")
    with pytest.raises(StorageError, match="full"):
        list(steps)
    error = run.error()
    assert run.status() is Status.FAILED
    assert error is not None
    assert (error.kind, error.remedy) == (
        "storage",
        "free some space, then resume; what was written before is intact",
    )


def test_second_recording_of_a_run_gets_a_sentence_and_the_first_goes_on(
    run: RunFolder, unbroken: RunFolder, digits: DataSet
) -> None:
    steps = record(run, digits)
    next(steps)
    with pytest.raises(RunBusyError, match=f"worked on by process {os.getpid()} on .*: stop it there first"):
        next(record(run, digits))
    assert run.status() is Status.RUNNING
    list(steps)
    assert_whole_and_equal(run, unbroken)


def test_second_process_resuming_a_run_gets_a_sentence(run: RunFolder, digits: DataSet) -> None:
    steps = record(run, digits)
    next(steps)
    script = (
        "from pathlib import Path; from dmcore.data.load import load_dataset\n"
        "from dmcore.runs.folder import RunFolder\nfrom dmcore.runs.lock import RunBusyError\n"
        "from dmcore.runs.recorder import record\n"
        f"try: next(record(RunFolder(Path({str(run.path)!r})), load_dataset('digits')))\n"
        "except RunBusyError as busy: print(busy)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert f"run {run.id} is being worked on by process {os.getpid()}" in printed
    steps.close()
    assert run.status() is Status.INTERRUPTED


def test_run_alive_on_another_machine_is_left_alone(
    run: RunFolder, digits: DataSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = record(run, digits)
    next(steps)
    owner = read_owner(run.path)
    assert owner is not None
    steps.close()
    write_record(run.path / "owner.json", owner.model_copy(update={"host": "elsewhere"}))
    with pytest.raises(RunBusyError, match=r"on elsewhere: .* try again in 120 seconds"):
        next(record(run, digits))
    assert (run.path / "owner.json").exists()
    monkeypatch.setattr("dmcore.files.heartbeat.HEARTBEAT_SECONDS", -1.0)
    monkeypatch.setattr("dmcore.runs.lock.WATCH_SECONDS", 0.1)
    finish(run, digits)
    assert run.status() is Status.FINISHED
