"""The doctor names every damage, mends it without losing anything, and finds nothing in sound runs."""

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
import torch
from support.hostile.damage import flip_bit
from support.small_runs import TINY, made, record_run

from app import ROOT
from dmcore.config import SetChange
from dmcore.data.load import load_dataset
from dmcore.files.checked_json import write_record
from dmcore.runs.checkpoint import checkpoint_file, read_checkpoint
from dmcore.runs.complete import UNFINISHED
from dmcore.runs.creation import extend_run
from dmcore.runs.description import SetDescription
from dmcore.runs.doctor import examination
from dmcore.runs.doctor.examination import examine_run, repair_root, repair_run, run_folders
from dmcore.runs.doctor.finding import Finding
from dmcore.runs.doctor.leftovers import hidden_folder_finding
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.runs.formats.export import describe_export, export_run
from dmcore.runs.imports import import_run
from dmcore.runs.lock import lock_run
from dmcore.runs.recorder import record
from dmcore.runs.rename import rename_run
from dmcore.runs.runs_root import DELETED, open_run
from dmcore.runs.snapshots import Snapshot, read_snapshot, write_snapshot

SET = "real-2"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run that was stopped at iteration 3 of 6, with checkpoints at 2 and 3, and an evaluation."""
    root = tmp_path_factory.mktemp("original")
    config = TINY.model_copy(update={"iterations": 6})
    record_run(root, config, steps=2)
    (run,) = (open_run(path.name, root) for path in root.iterdir())
    steps = record(run, load_dataset("digits"))
    for step in steps:
        if step.iteration == 3:
            break
    steps.close()
    name = f"20260101-000000-{SET}-mlp-condensed-abcdef.json"
    asset = next((ROOT / "tests" / "assets" / "run-format-1" / "results").iterdir())
    (run.path / "results" / name).write_text(
        json.dumps({**json.loads(asset.read_text()), "set": SET, "iteration": 3})
    )
    return RunFolder(run.path)


@pytest.fixture
def run(original: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of it."""
    shutil.copytree(original.path, tmp_path / original.id)
    return RunFolder(tmp_path / original.id)


def contents(path: Path) -> dict[str, bytes]:
    """Every file of a folder but its locks."""
    files = (file for file in path.rglob("*") if file.is_file() and not file.name.endswith("lock"))
    return {str(file.relative_to(path)): file.read_bytes() for file in files}


def finish(run: RunFolder) -> None:
    for _ in record(RunFolder(run.path), load_dataset("digits")):
        pass


def assert_same_images(run: RunFolder, other: RunFolder) -> None:
    file, others_file = (checkpoint_file(each.checkpoint_folder, 6) for each in (run, other))
    ours, theirs = read_checkpoint(file).state, read_checkpoint(others_file).state
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(tensor, theirs[key]) for key, tensor in ours.items())
    assert run.losses(SET).loss.tolist() == other.losses(SET).loss.tolist()


@pytest.fixture(scope="module")
def finished(original: RunFolder, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """The run at its end, without any damage in between."""
    copy = tmp_path_factory.mktemp("finished") / original.id
    shutil.copytree(original.path, copy)
    finish(RunFolder(copy))
    return RunFolder(copy)


def flip(name: str, share: float = 0.7) -> Callable[[Path], None]:
    return lambda run: flip_bit(run / name, share)


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        content = (run / name).read_text()
        assert old in content
        (run / name).write_text(content.replace(old, new, 1))

    return damage


def write(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        (run / name).write_bytes(content)

    return damage


def remove(name: str) -> Callable[[Path], None]:
    return lambda run: (run / name).unlink()


def append(name: str, content: bytes) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        with (run / name).open("ab") as stream:
            stream.write(content)

    return damage


def copy(name: str, to: str) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        shutil.copy(run / name, run / to)

    return damage


def folder_in_place_of(name: str) -> Callable[[Path], None]:
    def damage(run: Path) -> None:
        (run / name).unlink(missing_ok=True)
        (run / name).mkdir()

    return damage


def repeat_line(run: Path) -> None:
    lines = (run / "events.jsonl").read_bytes().splitlines(keepends=True)
    (run / "events.jsonl").write_bytes(b"".join([*lines, lines[1]]))


SNAPSHOT, CHECKPOINT = f"sets/{SET}/snapshots/000000{{}}.safetensors", "checkpoints/000000{}.safetensors"
MENDED = {
    "digit in run.json": (
        replace("run.json", '"image_lr": 1.0', '"image_lr": 2.0'),
        "run.json",
        "--repair restores it from checkpoint 0000003",
    ),
    "empty run.json": (write("run.json", b""), "run.json", "restores it from checkpoint 0000003"),
    "nested run.json": (write("run.json", b"[" * 100_000), "run.json", "restores it from checkpoint"),
    "no run.json": (remove("run.json"), "run.json", "restores it from checkpoint"),
    "folder run.json": (folder_in_place_of("run.json"), "run.json", "restores it from checkpoint"),
    "digit in set.json": (
        replace(f"sets/{SET}/set.json", '"images_per_class": 2', '"images_per_class": 3'),
        f"sets/{SET}/set.json",
        "nothing is lost",
    ),
    "no set.json": (remove(f"sets/{SET}/set.json"), f"sets/{SET}/set.json", "nothing is lost"),
    "newest checkpoint": (
        flip(CHECKPOINT.format(3)),
        CHECKPOINT.format(3),
        "float16 only, and resuming begins at 2 instead of 3",
    ),
    "older checkpoint": (flip(CHECKPOINT.format(2)), CHECKPOINT.format(2), "none to fall back on"),
    "copied checkpoint": (
        copy(CHECKPOINT.format(3), CHECKPOINT.format(5)),
        CHECKPOINT.format(5),
        "resuming begins at 3 instead of 5",
    ),
    "snapshot without a checkpoint": (
        flip(SNAPSHOT.format(1)),
        SNAPSHOT.format(1),
        f"the film and the time machine lack iteration 1 of set {SET}: --repair sets it aside",
    ),
    "snapshot with a checkpoint": (
        flip(SNAPSHOT.format(3)),
        SNAPSHOT.format(3),
        "--repair writes it again from the checkpoint",
    ),
    "copied snapshot": (
        copy(SNAPSHOT.format(0), SNAPSHOT.format(1)),
        SNAPSHOT.format(1),
        "lack iteration 1",
    ),
    "torn last line": (
        append("events.jsonl", b'{"iteration":4,"sec'),
        "events.jsonl",
        "--repair cuts it",
    ),
    "temporary of a killed process": (
        write("results/.x.json.999999999.tmp", b"{"),
        "results/.x.json.999999999.tmp",
        "--repair deletes it",
    ),
    "damaged owner": (write("owner.json", b"{"), "owner.json", "delete"),
}
LEFT = {
    "result of an evaluation": (
        flip(f"results/20260101-000000-{SET}-mlp-condensed-abcdef.json", 0.0),
        f"results/20260101-000000-{SET}-mlp-condensed-abcdef.json",
        f"the accuracy of mlp on set {SET} is lost: delete the file and evaluate again",
    ),
    "folder as a result": (
        folder_in_place_of("results/x.json"),
        "results/x.json",
        "this evaluation is left out",
    ),
    "result.json": (write("result.json", b"{}"), "result.json", "the run counts as stopped: resume it"),
    "error.json": (write("error.json", b"[]"), "error.json", "why the run failed is not known"),
    "guess.json": (write("guess.json", b"nonsense"), "guess.json", "no result depends on it"),
    "gauge.json": (write("gauge.json", b"\xff"), "gauge.json", "no result depends on it"),
    "line of the events": (
        replace("events.jsonl", '"iteration":2', '"iteration":9'),
        "events.jsonl",
        "resuming the run drops the lines",
    ),
    "repeated line": (repeat_line, "events.jsonl", "the curves go back there"),
    "lost events": (write("events.jsonl", b""), "events.jsonl", "the losses between are lost"),
}


def findings_of(run: RunFolder) -> list[tuple[str, str]]:
    return [(str(each.file.relative_to(run.path)), each.remedy) for each in examine_run(run.path)]


@pytest.mark.parametrize(("damage", "file", "words"), MENDED.values(), ids=MENDED)
def test_damage_that_others_know_better_is_named_and_mended(
    run: RunFolder, finished: RunFolder, damage: Callable[[Path], None], file: str, words: str
) -> None:
    damage(run.path)
    before = contents(run.path)
    findings = findings_of(run)
    assert [name for name, _ in findings][:1] == [file]
    assert words in findings[0][1]
    assert contents(run.path) == before  # looking changes nothing

    repaired = repair_run(run.path)
    assert [finding.file for finding in repaired.repaired][:1] == [run.path / file]
    assert repaired.findings == ()
    assert examine_run(run.path) == []
    kept = {name: content for name, content in before.items() if not name.endswith((".tmp", "owner.json"))}
    now = contents(run.path)
    for name, content in kept.items():  # every byte is still somewhere
        assert content in (now.get(name), now.get(f"{name}.damaged")) or name == "events.jsonl", name
    after = repair_run(run.path)
    assert (after.findings, after.repaired) == ((), ())
    finish(run)
    assert_same_images(RunFolder(run.path), finished)


@pytest.mark.parametrize(("damage", "file", "words"), LEFT.values(), ids=LEFT)
def test_damage_that_nothing_mends_is_named_and_left_as_it_is(
    run: RunFolder, damage: Callable[[Path], None], file: str, words: str
) -> None:
    damage(run.path)
    before = contents(run.path)
    ((name, remedy),) = findings_of(run)
    assert name == file
    assert words in remedy
    repaired = repair_run(run.path)
    assert repaired.damaged == 1
    assert contents(run.path) == before


def test_last_intact_checkpoints_are_never_set_aside(run: RunFolder) -> None:
    """Without one, resuming would begin anew and delete the images."""
    for iteration in (2, 3):
        flip(CHECKPOINT.format(iteration))(run.path)
    repaired = repair_run(run.path)
    assert repaired.damaged == 2
    assert all("restore a checkpoint from a copy" in finding.remedy for finding in repaired.findings)
    assert not list(run.path.rglob("*.damaged"))


def test_damaged_snapshot_is_written_again_from_its_checkpoint(run: RunFolder) -> None:
    before = run.snapshot(SET, 3)
    flip(SNAPSHOT.format(3))(run.path)
    repair_run(run.path)
    after = run.snapshot(SET, 3)
    np.testing.assert_array_equal(after.pixels, before.pixels)
    np.testing.assert_array_equal(after.momentum, before.momentum)


def test_restored_run_json_keeps_a_title_that_can_be_read(run: RunFolder) -> None:
    title = run.description.title
    replace("run.json", f'"{title}"', '"Renamed since"')(run.path)
    assert examine_run(run.path) == []  # a title may be changed by hand
    replace("run.json", '"seed": 0', '"seed": 1')(run.path)
    repair_run(run.path)
    restored = RunFolder(run.path).description
    assert (restored.title, restored.config) == ("Renamed since", run.config)


def test_run_json_without_a_copy_says_so(run: RunFolder) -> None:
    shutil.rmtree(run.checkpoint_folder)
    write("run.json", b"")(run.path)
    (finding,) = examine_run(run.path)
    assert "restore it from a copy, or delete the run" in finding.remedy
    assert finding.repair is None


def test_missing_set_folder_comes_back_with_its_run(run: RunFolder, finished: RunFolder) -> None:
    shutil.rmtree(run.path / "sets" / SET)
    assert repair_run(run.path).findings == ()
    finish(run)
    assert_same_images(RunFolder(run.path), finished)


def test_checkpoint_of_another_run_is_named(run: RunFolder, tmp_path: Path) -> None:
    other = made(tmp_path / "others")
    shutil.copy(checkpoint_file(other.checkpoint_folder, 4), run.checkpoint_folder)
    (finding,) = examine_run(run.path)
    assert f"it is of another run, {other.id}" in finding.reason
    assert repair_run(run.path).findings == ()


def test_run_of_another_shape_is_named(run: RunFolder) -> None:
    other = np.zeros((10, 2, 1, 8, 9), np.float16)
    content = safetensors.numpy.save({"pixels": other, "momentum": other}, {"iteration": "1"})
    write(SNAPSHOT.format(1), content)(run.path)
    (finding,) = examine_run(run.path)
    assert finding.reason == "its pixels has the shape 10×2×1×8×9 instead of 10×2×1×8×8"


def test_run_at_work_is_examined_but_not_repaired(run: RunFolder) -> None:
    flip(SNAPSHOT.format(1))(run.path)
    append("events.jsonl", b'{"iter')(run.path)  # its writer may be in the middle of it
    with lock_run(run.path):
        code = "import sys; from dmcore.cli import main; sys.exit(main(sys.argv[1:]))"
        doctor = subprocess.run(
            [sys.executable, "-c", code, "doctor", str(run.path), "--repair"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert doctor.returncode == 1
    assert "is being worked on by process" in doctor.stdout
    assert "1 damaged, 0 repaired" in doctor.stdout
    assert not list(run.path.rglob("*.damaged"))


def test_sound_runs_have_no_findings(run: RunFolder, finished: RunFolder, tmp_path: Path) -> None:
    asset = tmp_path / "run-format-1"
    shutil.copytree(ROOT / "tests" / "assets" / "run-format-1", asset)
    sets = [SetChange(images_per_class=1), SetChange(images_per_class=2, init="noise")]
    several = record_run(tmp_path, TINY.model_copy(update={"sets": tuple(sets)}))
    imported = import_run(export_run(finished, None, "npz", tmp_path / "out")[0], tmp_path / "runs")
    for path in (asset, run.path, finished.path, several.path, imported.path):
        assert examine_run(path) == []
    with lock_run(run.path):
        assert examine_run(run.path) == []


def test_imported_set_json_is_written_again_from_its_images(finished: RunFolder, tmp_path: Path) -> None:
    run = import_run(export_run(finished, None, "npz", tmp_path / "out")[0], tmp_path / "runs")
    before = contents(run.path)
    (file,) = run.path.glob("sets/*/set.json")
    file.unlink()
    assert repair_run(run.path).findings == ()
    assert contents(run.path) == before


def test_only_snapshot_of_an_import_is_written_again(finished: RunFolder, tmp_path: Path) -> None:
    run = import_run(export_run(finished, None, "npz", tmp_path / "out")[0], tmp_path / "runs")
    (file,) = run.path.glob("sets/*/snapshots/*")
    before = read_snapshot(file.parent, 6)
    file.write_bytes(b"")
    assert repair_run(run.path).findings == ()
    np.testing.assert_array_equal(read_snapshot(file.parent, 6).pixels, before.pixels)


def test_no_damage_whatever_is_a_traceback(run: RunFolder) -> None:
    files = sorted(file for file in run.path.rglob("*") if file.is_file() and not file.name.endswith("lock"))
    for file in files:
        intact = file.read_bytes()
        for content in (
            b"",
            b"\0" * 300,
            b"[" * 100_000,
            b"{}",
            b"1e999",
            intact[: len(intact) // 2],
            b"\xff",
        ):
            file.write_bytes(content)
            assert examine_run(run.path), (file, content[:9])
        file.unlink()
        file.mkdir()
        assert examine_run(run.path), file
        file.rmdir()
        file.symlink_to(file)
        assert examine_run(run.path), file
        file.unlink()
        examine_run(run.path)
        file.write_bytes(intact)
    assert examine_run(run.path) == []


def test_a_pinned_pool_that_is_no_digest_is_named(run: RunFolder) -> None:
    (run.path / "pool.txt").write_text("0123456789abcdef")
    assert examine_run(run.path) == []
    (run.path / "pool.txt").write_text("0123456789abcdef" * 2)
    (finding,) = examine_run(run.path)
    assert "pool.txt is damaged (it holds no digest)" in finding.sentence


@pytest.mark.parametrize(
    "damage", [shutil.rmtree, lambda folder: [file.unlink() for file in folder.iterdir()]]
)
def test_checkpoints_that_are_gone_are_named_with_their_cost(
    run: RunFolder, finished: RunFolder, tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    copy = tmp_path / "copy" / finished.id
    shutil.copytree(finished.path, copy)
    damage(copy / "checkpoints")
    (finding,) = examine_run(copy)
    assert (finding.file, finding.is_damage, finding.repair) == (copy / "checkpoints", True, None)
    assert "the run cannot be resumed, and its images have float16 only" in finding.remedy
    imported = import_run(export_run(finished, None, "npz", tmp_path / "out")[0], tmp_path / "runs")
    damage(imported.path / "checkpoints")
    (finding,) = examine_run(imported.path)
    assert "the images have float16 only" in finding.remedy
    sentence = describe_export(read_condensed_set(imported), "npz")
    assert "because the run has no checkpoint, which would have float32" in sentence
    (evaluation,) = run.result_files()
    evaluation.unlink()
    damage(run.checkpoint_folder)  # now it is like a run that was killed in its first seconds
    assert [each.remedy for each in examine_run(run.path)] == (
        [] if run.checkpoint_folder.is_dir() else ["nothing is lost: --repair creates it"]
    )
    assert repair_run(run.path).findings == ()
    events = run.events_file.read_text().splitlines()
    late = [json.dumps({**json.loads(line), "seconds": 100.0}) for line in events[-2:]]
    run.events_file.write_text("\n".join([*events[:-2], *late, ""]))
    assert [each.file for each in examine_run(run.path)] == [run.checkpoint_folder]


def test_last_checkpoint_of_a_finished_run_is_missed(finished: RunFolder, tmp_path: Path) -> None:
    copy = tmp_path / finished.id
    shutil.copytree(finished.path, copy)
    (copy / CHECKPOINT.format(6)).unlink()
    (finding,) = examine_run(copy)
    assert finding.file == copy / CHECKPOINT.format(6)
    assert "resuming begins at 3 instead of 6" in finding.remedy


@pytest.mark.parametrize(
    "damage", [shutil.rmtree, lambda folder: [file.unlink() for file in folder.iterdir()]]
)
def test_images_that_are_gone_are_named_and_written_again_from_checkpoints(
    run: RunFolder, finished: RunFolder, damage: Callable[[Path], object]
) -> None:
    before = run.snapshot(SET, 3)
    damage(run.snapshot_folder(SET))
    (finding,) = examine_run(run.path)
    assert (finding.file, finding.is_damage) == (run.snapshot_folder(SET), True)
    assert "--repair writes those of iteration 2 and 3 again from checkpoints" in finding.remedy
    assert repair_run(run.path).findings == ()
    np.testing.assert_array_equal(run.snapshot(SET, 3).pixels, before.pixels)
    finish(run)
    assert_same_images(RunFolder(run.path), finished)


def test_images_that_nothing_can_bring_back_are_named(finished: RunFolder, tmp_path: Path) -> None:
    run = import_run(export_run(finished, None, "npz", tmp_path / "out")[0], tmp_path / "runs")
    for folder in (run.checkpoint_folder, run.snapshot_folder(run.set_names[0])):
        shutil.rmtree(folder)
    remedies = [finding.remedy for finding in examine_run(run.path)]
    assert len(remedies) == 2
    assert "are gone: restore it from a copy, or delete the run" in remedies[1]


def test_snapshot_that_was_set_aside_or_deleted_is_written_again(run: RunFolder) -> None:
    """A process may have been killed between setting the damaged one aside and writing the new one."""
    for remove in (lambda file: file.rename(f"{file}.damaged"), Path.unlink):
        remove(run.path / SNAPSHOT.format(3))
        (finding,) = examine_run(run.path)
        assert finding.file == run.path / SNAPSHOT.format(3)
        assert "it is missing" in finding.sentence
        assert repair_run(run.path).findings == ()
        assert run.snapshot(SET, 3).iteration == 3


def test_what_another_process_mended_before_the_lock_stays(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    extend_run(run, 50)
    before = contents(run.path)
    for name in (SNAPSHOT.format(1), f"sets/{SET}/set.json", "run.json", CHECKPOINT.format(3)):
        write(name, before[name][:40])(run.path)

        @contextmanager
        def lock_later(path: Path, name: str = name) -> Iterator[None]:
            write(name, before[name])(path)
            with lock_run(path):
                yield

        monkeypatch.setattr(examination, "lock_run", lock_later)
        repaired = repair_run(run.path)
        assert (repaired.repaired, repaired.findings) == ((), ())
        assert contents(run.path) == before


@pytest.mark.parametrize("name", ["run.json", f"sets/{SET}/set.json", SNAPSHOT.format(3)])
def test_full_disk_in_a_repair_leaves_all_as_it_was(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    rename_run(run, "Renamed since")
    intact = (run.path / name).read_bytes()
    flip(name, 0.9)(run.path)
    before = contents(run.path)
    assert len(examine_run(run.path)) == 1
    replace_file = os.replace

    def no_space(source: Path, target: Path) -> None:
        if target == run.path / name:
            assert target.read_bytes() == before[name]  # a kill here loses nothing either
            raise OSError(errno.ENOSPC, "No space left on device")
        replace_file(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", no_space)
        refused = repair_run(run.path)
    assert "is full" in refused.refusal
    assert refused.damaged == 1
    assert contents(run.path) == before
    assert repair_run(run.path).findings == ()
    after = contents(run.path)
    assert after == before | {name: after[name], f"{name}.damaged": before[name]}
    assert name != "run.json" or after[name] == intact


def test_damaged_file_is_copied_where_there_are_no_hard_links(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    flip(SNAPSHOT.format(3))(run.path)
    damaged = (run.path / SNAPSHOT.format(3)).read_bytes()
    assert repair_run(run.path).findings == ()
    assert (run.path / f"{SNAPSHOT.format(3)}.damaged").read_bytes() == damaged


@pytest.mark.parametrize("keep", ["the beginning", "what surrounds a byte", "nothing but the losses"])
def test_restored_run_json_keeps_an_extension_and_a_title(run: RunFolder, keep: str) -> None:
    extend_run(run, 50)
    rename_run(run, "Renamed since")
    content = (run.path / "run.json").read_bytes()
    title, iterations, words = "Renamed since", 50, "with the 50 iterations of the damaged file instead of 6"
    if keep == "the beginning":
        content = content[: content.index(b'"real_batch"') + 5]
    elif keep == "what surrounds a byte":
        content = content.replace(b'"momentum"', b'"momentum\x00"')
    else:
        content, title, iterations = b"", run.description.title, 9
        line = json.loads(run.events_file.read_text().splitlines()[-1])
        lines = [json.dumps({**line, "iteration": iteration}) for iteration in range(4, 10)]
        append("events.jsonl", "".join(f"{line}\n" for line in lines).encode())(run.path)
        words = (
            "with 9 iterations, as many as are done; a later title or an extension since then cannot be known"
        )
    write("run.json", content)(run.path)
    ((_, remedy), *_) = findings_of(run)
    assert words in remedy
    repair_run(run.path)
    restored = RunFolder(run.path).description
    assert restored.config is not None
    assert (restored.title, restored.config.iterations) == (title, iterations)
    assert restored.is_of_same_run(run.description)


def test_iterations_of_a_damaged_run_json_are_those_of_its_checksum(run: RunFolder) -> None:
    before = run.config
    replace("run.json", '"iterations": 6', '"iterations": 7')(run.path)
    repair_run(run.path)
    assert RunFolder(run.path).config == before


def test_run_json_of_another_run_costs_no_image(run: RunFolder, finished: RunFolder, tmp_path: Path) -> None:
    other = made(tmp_path / "others", seed=1)
    shutil.copy(other.path / "run.json", run.path)
    (finding, *_) = examine_run(run.path)
    assert f"it is of another run, {other.id}" in finding.sentence
    assert repair_run(run.path).findings == ()
    assert [file.name for file in run.path.rglob("*.damaged")] == ["run.json.damaged"]
    finish(run)
    assert_same_images(RunFolder(run.path), finished)


def test_snapshots_are_not_set_aside_where_none_is_as_expected(run: RunFolder) -> None:
    shutil.rmtree(run.checkpoint_folder)
    for iteration in range(4):
        flip(SNAPSHOT.format(iteration))(run.path)
    repair_run(run.path)
    assert not list(run.path.rglob("*.damaged"))


def test_deleted_run_does_not_come_back(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    append("events.jsonl", b'{"iter')(run.path)
    findings = [examine_run(run.path)]

    def examine_and_delete(path: Path, *, is_locked: bool = False) -> list[Finding]:
        if not findings:
            return examine_run(path, is_locked=is_locked)
        shutil.rmtree(path)
        return findings.pop()

    monkeypatch.setattr(examination, "examine_run", examine_and_delete)
    repair_run(run.path)
    assert not run.path.exists()


def aged(folder: Path, seconds: float) -> Path:
    """A folder in which nothing has changed for so long."""
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - seconds))
    return folder


def test_run_that_is_being_created_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "begun" / "sets" / SET).mkdir(parents=True)
    (tmp_path / "begun" / "sets" / SET / "set.json").write_text("{}")
    (tmp_path / "empty").mkdir()
    assert run_folders(tmp_path) == ([tmp_path / "begun"], [])
    assert examine_run(tmp_path / "begun") == []
    aged(tmp_path / "begun", 100)
    aged(tmp_path / "empty", 100)
    assert [finding.reason for finding in examine_run(tmp_path / "begun")] == [
        "it has no run.json and no images"
    ]
    assert [finding.file.name for finding in run_folders(tmp_path)[1]] == ["empty"]


def test_rest_of_a_deleted_run_is_named_and_deleted(tmp_path: Path) -> None:
    rest = tmp_path / f"{DELETED}20260101-000000-digits-abcd"
    (rest / "sets" / SET).mkdir(parents=True)
    assert run_folders(tmp_path) == ([], [])  # perhaps it is being deleted just now
    aged(rest, 100)
    (finding,) = run_folders(tmp_path)[1]
    assert "of a run that was deleted" in finding.sentence
    assert rest.exists()
    repaired = repair_root([finding])
    assert (repaired.repaired, repaired.findings, rest.exists()) == ((finding,), (), False)


def test_folders_that_vanish_or_cannot_be_listed_are_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hidden_folder_finding(tmp_path / f"{UNFINISHED}moved") is None
    assert examine_run(tmp_path / "deleted") == []

    def refused(path: Path) -> Iterator[Path]:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "iterdir", refused)
    runs, (finding,) = run_folders(tmp_path)
    assert (runs, finding.file, finding.reason) == ([], tmp_path, "permission denied")


def test_missing_set_json_of_an_import_names_its_repair(finished: RunFolder, tmp_path: Path) -> None:
    run = import_run(export_run(finished, None, "npz", tmp_path / "out")[0], tmp_path / "runs")
    (run.path / "sets" / run.set_names[0] / "set.json").unlink()
    (finding,) = examine_run(run.path)
    assert finding.remedy == "nothing is lost, its images are counted: --repair writes it again"


def test_folder_in_sets_that_the_configuration_lacks_is_described_as_it_is_treated(run: RunFolder) -> None:
    extra = run.path / "sets" / "mine"
    write_record_of_set(extra, images_per_class=2)
    images = run.snapshot(SET, 3)
    for iteration in (3, 500):
        snapshot = Snapshot(iteration, images.pixels, images.momentum)
        write_snapshot(extra / "snapshots", snapshot, run.description.id)
    before = contents(extra)
    (finding,) = examine_run(run.path)
    assert (finding.file, finding.is_damage) == (extra, False)
    assert "resuming leaves it as it is, evaluating and exporting take it for a set" in finding.remedy
    finish(run)
    assert contents(extra) == before
    assert read_condensed_set(RunFolder(run.path), "mine", 500).images.shape[0] == 20


def write_record_of_set(folder: Path, images_per_class: int) -> None:
    (folder / "snapshots").mkdir(parents=True)
    write_record(folder / "set.json", SetDescription(name=folder.name, images_per_class=images_per_class))
