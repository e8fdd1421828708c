"""One bad run hides nothing: a small file of it damaged in any way, the others and its rest are there."""

import json
import os
import shutil

import pytest
from support.hostile.damage import DAMAGES, damage

from app.data.stored_results import stored_results
from app.run.run_view import view_of_folder
from dmcore.cli import main
from dmcore.runs.description import Status
from dmcore.runs.folder import RunFolder
from dmcore.runs.problems import find_damage
from dmcore.runs.runs_root import open_run, read_runs

FILES = (
    "sets/real-2/set.json",
    "results/1.json",
    "result.json",
    "error.json",
    "owner.json",
    "guess.json",
    "gauge.json",
    "events.jsonl",
)
"""Files without which a run can be shown; `run.json` is the other kind."""
HARMLESS = (("events.jsonl", "half"), ("events.jsonl", "too large"))
"""A truncated last line is no damage: the writer may be in the middle of it."""


@pytest.mark.parametrize(
    ("name", "how"), [(name, how) for name in FILES for how in DAMAGES if (name, how) not in HARMLESS]
)
def test_a_damaged_file_costs_itself_only_and_is_named(
    sound: RunFolder, spoilt: RunFolder, capsys: pytest.CaptureFixture[str], name: str, how: str
) -> None:
    damage(spoilt, name, how)
    readable, unreadable = read_runs(sound.path.parent)
    assert {run.id for run in readable} == {sound.id, spoilt.id}
    assert unreadable == []
    run = open_run(spoilt.id, sound.path.parent)
    (damaged,) = find_damage(run)
    assert damaged.file == run.path / name
    assert find_damage(sound) == ()
    assert run.set_names == ("real-2",)
    assert run.sets == sound.sets
    assert run.iteration() == 3
    assert run.status() is (Status.FAILED if name == "result.json" else Status.FINISHED)
    assert len(run.results()) == len(stored_results(run)) == (0 if name == "results/1.json" else 1)
    assert (run.error() is None) == (name == "error.json")
    assert run.notes() == []
    for view in (view_of_folder(run), view_of_folder(sound)):
        assert view.images["real-2"].shape == (10, 2, 1, 8, 8)
    if name != "events.jsonl":
        assert run.losses("real-2").loss.tolist() == sound.losses("real-2").loss.tolist()
    assert len(run.losses("real-2").iteration) <= 3
    assert main(("runs",)) == 0
    lines = capsys.readouterr().out.splitlines()
    rows = [index for index, line in enumerate(lines) if line.startswith((sound.id, spoilt.id))]
    assert len(rows) == 2
    sentences = [line for line in lines if line.startswith(f"  {name} is damaged (")]
    assert len(sentences) == (name != "events.jsonl")  # verified by pages and `dmcore doctor`
    if sentences:
        assert lines[lines.index(sentences[0]) - 1].startswith(spoilt.id)


@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_description_is_named_and_the_others_are_listed(
    sound: RunFolder, spoilt: RunFolder, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    damage(spoilt, "run.json", how)
    readable, (unreadable,) = read_runs(sound.path.parent)
    assert [run.id for run in readable] == [sound.id]
    assert unreadable.sentence.startswith(f"{spoilt.path / 'run.json'} is damaged (")
    with pytest.raises(ValueError, match=r"is damaged .*: `dmcore doctor .*` tells what mends it"):
        open_run(spoilt.id, sound.path.parent)
    assert main(("runs",)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(sound.id) for line in lines)
    assert any(line == f"not listed: {unreadable.sentence}" for line in lines)
    assert main(("evaluate", spoilt.id)) == 1
    assert "is damaged" in capsys.readouterr().err


def test_a_command_on_a_damaged_run_names_the_damage_first(
    sound: RunFolder, spoilt: RunFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(spoilt, "results/1.json", "a flipped digit")
    for run, lines in ((spoilt, 1), (sound, 0)):
        assert main(("export", run.id, "--format", "npz", "--to", str(run.path.parent.parent / "out"))) == 0
        printed = capsys.readouterr().out.splitlines()
        named = [line for line in printed if line.startswith(f"{run.path / 'results/1.json'} is damaged")]
        assert (len(named), printed[: len(named)]) == (lines, named)


def test_a_run_without_its_description_is_named_with_the_remedy(sound: RunFolder, spoilt: RunFolder) -> None:
    (spoilt.path / "run.json").unlink()
    readable, (unreadable,) = read_runs(sound.path.parent)
    assert [run.id for run in readable] == [sound.id]
    assert unreadable.path == spoilt.path
    assert "run.json is damaged (it is missing): `dmcore doctor" in unreadable.sentence
    with pytest.raises(ValueError, match="it is missing"):
        open_run(spoilt.id, sound.path.parent)


def test_files_and_folders_in_the_root_that_are_no_runs_are_passed_over(sound: RunFolder) -> None:
    root = sound.path.parent
    (root / "notes.txt").write_text("mine")
    (root / "empty").mkdir()
    (root / "link").symlink_to(root / "link")
    (root / "tables").write_text("a file, not the folder of the tables")
    readable, unreadable = read_runs(root)
    assert ([run.id for run in readable], unreadable) == ([sound.id], [])
    assert main(("runs",)) == 0


def test_a_missing_set_is_named_and_known_from_the_configuration(sound: RunFolder, spoilt: RunFolder) -> None:
    (spoilt.path / "sets" / "real-2" / "set.json").unlink()
    (missing,) = find_damage(spoilt)
    assert missing.reason == "it is missing"
    assert "run.json says the same" in missing.remedy
    assert spoilt.sets == sound.sets
    shutil.rmtree(spoilt.path / "sets" / "real-2")
    run = RunFolder(spoilt.path)
    assert (run.sets, run.iteration(), run.status()) == ((), 3, Status.FINISHED)
    assert find_damage(run)[0].reason == "it is missing"


def test_a_missing_set_of_an_import_is_counted_in_its_images(spoilt: RunFolder) -> None:
    facts = json.loads((spoilt.path / "run.json").read_bytes())
    imported = {**facts, "config": None, "plan": None, "origin": "import"}
    del imported["sha256"]
    (spoilt.path / "run.json").write_text(json.dumps(imported))
    (spoilt.path / "sets" / "real-2" / "set.json").unlink()
    run = RunFolder(spoilt.path)
    assert [(described.name, described.images_per_class) for described in run.sets] == [("real-2", 2)]
    (missing,) = find_damage(run)
    assert "its images are counted in" in missing.remedy
    assert run.snapshot("real-2").pixels.shape == (10, 2, 1, 8, 8)


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_images_that_are_gone_are_named(spoilt: RunFolder, left: str) -> None:
    folder = spoilt.snapshot_folder("real-2")
    shutil.rmtree(folder)
    if left != "nothing":
        folder.mkdir()
    (gone,) = find_damage(RunFolder(spoilt.path))
    assert (gone.file, gone.reason) == (folder, "its images are gone")


def test_last_images_of_a_finished_run_that_are_gone_are_named(spoilt: RunFolder) -> None:
    file = spoilt.snapshot_folder("real-2") / "0000003.safetensors"
    file.unlink()
    (gone,) = find_damage(RunFolder(spoilt.path))
    assert (gone.file, gone.reason) == (file, "it is missing")


def test_a_later_snapshot_that_is_none_is_named(spoilt: RunFolder) -> None:
    file = spoilt.snapshot_folder("real-2") / "0000098.safetensors"
    file.touch()
    (damage,) = find_damage(RunFolder(spoilt.path))
    assert damage.file == file
    shutil.copy(file.with_name("0000002.safetensors"), file)
    (damage,) = find_damage(RunFolder(spoilt.path))
    assert damage.file == file


def test_snapshots_that_are_a_file_are_said_and_the_rest_is_there(spoilt: RunFolder) -> None:
    shutil.rmtree(spoilt.path / "sets" / "real-2" / "snapshots")
    (spoilt.path / "sets" / "real-2" / "snapshots").write_text("")
    (damaged,) = find_damage(spoilt)
    assert damaged.reason == "it cannot be listed, not a directory"
    assert spoilt.snapshots("real-2") == []
    view = view_of_folder(spoilt)
    assert (dict(view.images), view.iteration) == ({}, 3)


def test_any_digit_of_the_configuration_that_changes_is_noticed(spoilt: RunFolder) -> None:
    file = spoilt.path / "run.json"
    content = file.read_bytes()
    first = content.index(b'"config"')
    digits = [index for index in range(first, len(content)) if chr(content[index]).isdigit()]
    assert len(digits) > 100
    for index in digits:
        file.write_bytes(content[:index] + b"%d" % ((content[index] - 47) % 10) + content[index + 1 :])
        with pytest.raises(ValueError, match="is damaged"):
            RunFolder(spoilt.path).description  # noqa: B018 - reading is the test


def test_a_title_changed_by_hand_is_no_damage(spoilt: RunFolder) -> None:
    file = spoilt.path / "run.json"
    file.write_text(file.read_text().replace("Two per digit", "Mine"))
    assert RunFolder(spoilt.path).description.title == "Mine"


def test_any_digit_of_a_loss_that_changes_drops_that_line_only(sound: RunFolder, spoilt: RunFolder) -> None:
    content = spoilt.events_file.read_bytes()
    lines = content.splitlines(keepends=True)
    second = len(lines[0])
    checked = content.index(b',"crc32"', second)
    digits = [index for index in range(second, checked) if chr(content[index]).isdigit()]
    assert len(digits) > 50
    for index in digits:
        changed = content[:index] + b"%d" % ((content[index] - 47) % 10) + content[index + 1 :]
        spoilt.events_file.write_bytes(changed)
        os.utime(spoilt.events_file, ns=(index, index))  # within one tick of the clock
        (damaged,) = find_damage(spoilt)
        assert damaged.reason == "line 2"
        assert spoilt.losses("real-2").iteration.tolist() == [1, 3]
