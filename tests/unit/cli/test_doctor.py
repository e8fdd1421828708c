"""`dmcore doctor`: a line per finding, a summary, exit codes."""

import json
import os
import shutil
from pathlib import Path

import pytest
from support.command_line import Command
from support.hostile.damage import flip_bit

from app import ROOT
from dmcore.runs.complete import UNFINISHED
from dmcore.runs.runs_root import DELETED


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Runs root with two copies of the run of the first version."""
    for name in ("one", "two"):
        shutil.copytree(ROOT / "tests" / "assets" / "run-format-1", tmp_path / "runs" / name)
    return tmp_path / "runs"


def test_sound_root_is_one_line(dmcore: Command, root: Path) -> None:
    summary = "2 runs, 42 files checked, 0 damaged, 0 repaired, 0 set aside\n"
    assert dmcore("doctor") == (0, summary, "")
    assert dmcore("doctor", "--repair") == (0, summary, "")
    assert dmcore("doctor", "one")[1].startswith("1 run, 21 files checked")
    assert dmcore("doctor", str(root / "two"))[0] == 0
    assert sorted(path.name for path in root.iterdir()) == ["one", "two"]


def test_damage_is_a_line_and_exit_code_1_until_it_is_mended(dmcore: Command, root: Path) -> None:
    file = root / "two" / "checkpoints" / "0000006.safetensors"
    flip_bit(file)
    code, out, _ = dmcore("doctor")
    assert code == 1
    assert out.splitlines() == [
        f"{file} is damaged (its checksum differs): the images of iteration 6 have float16 only, and "
        "resuming begins at 4 instead of 6: --repair sets it aside, its bytes stay",
        "2 runs, 42 files checked, 1 damaged, 0 repaired, 0 set aside",
    ]
    assert dmcore("doctor", "one")[0] == 0
    code, out, _ = dmcore("doctor", "--repair", "--json")
    report = json.loads(out)
    assert code == 0
    assert (report["damaged"], report["repaired"], report["set_aside"]) == (0, 1, 1)
    ((finding),) = report["findings"]
    assert (finding["file"], finding["repaired"], finding["damaged"]) == (str(file), True, True)
    code, out, _ = dmcore("doctor", "--repair")
    assert (code, len(out.splitlines())) == (0, 1)


def test_other_things_in_a_root_are_notes(dmcore: Command, root: Path) -> None:
    (root / "mine.txt").write_text("")
    (root / "empty").mkdir()
    (root / "half" / "sets" / "a").mkdir(parents=True)
    (root / ".git").mkdir()
    (root / f"{UNFINISHED}at-work").mkdir()
    (root / "one" / "sets" / "notes.md").write_text("")
    for folder in (root / "empty", root / "half", root / "half" / "sets", root / "half" / "sets" / "a"):
        os.utime(folder, (0, 0))  # none that is being created just now
    code, out, _ = dmcore("doctor")
    notes = [line for line in out.splitlines() if line.startswith("note: ")]
    assert code == 0
    assert [Path(note.split()[1]).name for note in notes] == ["half", "notes.md", "empty", "mine.txt"]


def test_damaged_table_is_named(dmcore: Command, root: Path) -> None:
    (root / "tables").mkdir()
    (root / "tables" / "table1-abc.json").write_text("[" * 10_000)
    code, out, _ = dmcore("doctor")
    assert code == 1
    assert "table1-abc.json is damaged" in out
    assert "run the table again" in out


def test_damaged_race_is_named_and_its_folder_is_none_too_many(dmcore: Command, root: Path) -> None:
    folder = root / "races" / "figure4-0123456789ab"
    folder.mkdir(parents=True)
    os.utime(root / "races", (0, 0))  # none that is being created just now
    (folder / "results.json").write_text("{")
    code, out, _ = dmcore("doctor")
    assert code == 1
    assert "delete it, and run the race again" in out
    assert "it is no run" not in out


def test_run_that_is_not_there_is_a_sentence(dmcore: Command, root: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    for name in ("on", "None", "..", ".", "", str(tmp_path / "mine"), "/"):
        code, out, err = dmcore("doctor", name)
        assert (code, out) == (1, ""), name
        assert err.startswith("dmcore: no run")
    code, _, err = dmcore("doctor", "--runs-root", str(tmp_path / "nowhere"))
    assert code == 1
    assert "name the runs root with --runs-root" in err


def test_damaged_run_can_be_named(dmcore: Command, root: Path) -> None:
    (root / "one" / "run.json").write_bytes(b"")
    code, out, _ = dmcore("doctor", "one")
    assert code == 1
    assert "run.json is damaged (it is empty)" in out
    assert "restore it from a copy, or delete the run" in out


def test_rest_of_a_deleted_run_is_deleted(dmcore: Command, root: Path) -> None:
    rest = root / f"{DELETED}three"
    rest.mkdir()
    os.utime(rest, (0, 0))
    assert dmcore("doctor")[1].startswith(f"note: {rest} is left over (of a run that was deleted): ")
    code, out, _ = dmcore("doctor", "--repair")
    assert (code, rest.exists()) == (0, False)
    assert "1 repaired" in out


def test_export_names_each_damage_once(dmcore: Command, root: Path, tmp_path: Path) -> None:
    (root / "one" / "guess.json").write_text("{")
    _, out, err = dmcore("export", "one", "--to", str(tmp_path))
    assert (out + err).count("guess.json is damaged") == 1
