"""One bad run hides nothing: a small file of it damaged in any way, the others and its rest are there."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.pages import open_page, text_of
from support.small_runs import TINY, record_run

from app.data.stored_results import stored_results
from app.jobs.manager import JobManager, get_manager
from app.run.run_view import view_of_folder
from dmcore.cli import main
from dmcore.config import EvaluateConfig
from dmcore.files.checked_json import write_record
from dmcore.runs.description import RunError, Status, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import set_owner_state
from dmcore.runs.problems import find_damage
from dmcore.runs.results.online_evaluation_time import OnlineEvaluationTime, write_online_evaluation_time
from dmcore.runs.results.prediction import write_prediction
from dmcore.runs.runs_root import open_run, read_runs

Damage = Callable[[Path], None]
CONFIG = TINY.model_copy(update={"iterations": 3})
RESULT = StoredResult(
    set="real-2",
    iteration=3,
    network="convnet",
    mean=51.25,
    std=0.0,
    n=1,
    accuracies=(51.25,),
    protocol=EvaluateConfig(epochs=50, repeats=1),
    kind="condensed",
    created="2026-01-02T00:00:00+00:00",
)
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


def replaced_by(content: bytes) -> Damage:
    def replace(file: Path) -> None:
        file.write_bytes(content)

    return replace


def folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def loop_of_links(file: Path) -> None:
    file.unlink()
    file.symlink_to(file)


def too_large(file: Path) -> None:
    with file.open("r+b") as stream:
        stream.truncate(10**8)


def another_digit(file: Path) -> None:
    """Change the last digit before the checksum."""
    content = file.read_bytes()
    before = max(content.rfind(b'"sha256"'), content.find(b',"crc32"'))
    index = max(i for i in range(before) if chr(content[i]).isdigit())
    file.write_bytes(content[:index] + b"%d" % ((content[index] - 47) % 10) + content[index + 1 :])


DAMAGES: dict[str, Damage] = {
    "a flipped digit": another_digit,
    "half": lambda file: os.truncate(file, file.stat().st_size // 2),
    "100,000 brackets": replaced_by(b"[" * 100_000 + b"\n"),
    "100,000 objects": replaced_by(b'{"iteration":' * 100_000 + b"\n"),
    "not UTF-8": replaced_by(b'{"iteration": 1, "note": "\xff\xfe"}\n'),
    "NaN": replaced_by(b'{"iteration": NaN}\n'),
    "infinity": replaced_by(b'{"iteration": 1, "seconds": 1e999, "loss": {}}\n'),
    "10,000 digits": replaced_by(b'{"iteration": ' + b"9" * 10_000 + b"}\n"),
    "other types": replaced_by(b'{"iteration": "1", "loss": 3, "name": 4, "accuracy": []}\n'),
    "null bytes": replaced_by(b"\0" * 1000 + b"\n"),
    "a folder": folder,
    "a loop of links": loop_of_links,
    "too large": too_large,
}


HARMLESS = (("events.jsonl", "half"), ("events.jsonl", "too large"))
"""A truncated last line is no damage: the writer may be in the middle of it."""


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A finished run that has every small file a run can have."""
    run = record_run(tmp_path_factory.mktemp("recorded"), CONFIG, "Two per digit")
    write_record(run.path / "results" / "1.json", RESULT)
    error = RunError(sentence="the disk was full", remedy="free some", iteration=1, kind="storage")
    write_record(run.path / "error.json", error)
    write_prediction(run, 50.0)
    write_online_evaluation_time(run, OnlineEvaluationTime(share=0.1, seconds=1.0, of_seconds=20.0))
    return run


@pytest.fixture
def sound(recorded: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A copy of it that stays sound."""
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("DM_CACHE", str(tmp_path / "cache"))
    return copied(recorded, tmp_path / "runs" / "20260101-000000-digits-good")


@pytest.fixture
def spoilt(recorded: RunFolder, sound: RunFolder) -> RunFolder:
    """A copy beside it, for damage."""
    return copied(recorded, sound.path.parent / "20260101-000000-digits-spot")


def copied(run: RunFolder, path: Path) -> RunFolder:
    shutil.copytree(run.path, path)
    return RunFolder(path)


def damage(run: RunFolder, name: str, how: str) -> None:
    """Damage a file of a run; an owner file, which no finished run has, appears damaged."""
    if name == "owner.json":
        set_owner_state(run.path, "running")
    DAMAGES[how](run.path / name)


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
    assert run.noise_floors().noise_floor.shape[1] == 10
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


def test_snapshots_that_are_a_file_are_said_and_the_rest_is_there(spoilt: RunFolder) -> None:
    shutil.rmtree(spoilt.path / "sets" / "real-2" / "snapshots")
    (spoilt.path / "sets" / "real-2" / "snapshots").write_text("")
    (damaged,) = find_damage(spoilt)
    assert damaged.reason == "it is no folder"
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


PAGES = {
    "run.json": ("100,000 brackets", "a folder", "a flipped digit"),
    "sets/real-2/set.json": ("half",),
    "results/1.json": ("a folder",),
    "result.json": ("100,000 objects",),
    "events.jsonl": ("NaN",),
    "guess.json": ("10,000 digits",),
}


@pytest.fixture
def manager(sound: RunFolder) -> Iterator[JobManager]:
    """The process's manager on the root of the two runs."""
    get_manager.release()
    yield get_manager()
    get_manager.release()


@pytest.mark.parametrize(("name", "how"), [(name, how) for name, ways in PAGES.items() for how in ways])
def test_every_page_shows_the_sound_run_and_a_sentence_on_the_damaged_one(
    sound: RunFolder, spoilt: RunFolder, manager: JobManager, name: str, how: str
) -> None:
    damage(spoilt, name, how)
    sentence = f"{name} is damaged ("

    def read(page_file: str, **query: str) -> str:
        return text_of(open_page(page_file, **query)).replace("\\", "")

    runs = read("runs.py")
    assert sentence in runs
    assert sound.id in runs
    for text in (
        read("watch.py", run=spoilt.id),
        read("feature_space.py", run=spoilt.id),
        read("compare.py", a=sound.id, b=spoilt.id),
    ):
        assert sentence in text or (name == "run.json" and "is damaged (" in text)
    for text in (read("watch.py", run=sound.id), read("feature_space.py", run=sound.id)):
        assert "is damaged" not in text
        assert "iteration 3" in text
