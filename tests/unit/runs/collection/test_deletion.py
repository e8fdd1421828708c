"""Deletion of several runs: what can go goes, what cannot stays with its reason, nothing else is touched."""

import json
import os
import platform
from pathlib import Path

import psutil
import pytest
from support.bare_runs import bare_run

from dmcore.runs.collection.deletion import delete_runs, find_deletable, plan_deletion
from dmcore.runs.collection.facts import size_on_disk
from dmcore.runs.description import NewerFormatError
from dmcore.runs.doctor.examination import examine_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import RunBusyError, used
from dmcore.runs.packing.packed import FILE as PACKED
from dmcore.runs.runs_root import delete_run, list_runs


def set_at_work(run: RunFolder) -> None:
    """Let a process, the one that started this, own the run."""
    parent = psutil.Process(os.getppid())
    owner = (
        f'{{"pid": {parent.pid}, "process_started": {parent.create_time()}, "host": "{platform.node()}", '
        '"state": "running", "since": "2026-01-01T00:00:00+00:00"}'
    )
    (run.path / "owner.json").write_text(owner)


def test_runs_at_work_and_packed_ones_stay_and_the_others_go(tmp_path: Path) -> None:
    first, second, busy, packed = (bare_run(tmp_path, title) for title in ("One", "Two", "Busy", "Packed"))
    set_at_work(busy)
    (packed.path / PACKED).write_text("{}")
    planned = plan_deletion([first, second, busy, packed])
    assert [each.run for each in planned.runs] == [first, second]
    assert [each.run for each in planned.kept] == [busy, packed]
    assert "is being worked on by process" in planned.kept[0].reason
    assert planned.bytes == size_on_disk(first.path) + size_on_disk(second.path)
    assert len(list_runs(tmp_path)) == 4, "planning deletes nothing"
    done = delete_runs(planned)
    assert ([each.title for each in done.runs], done.bytes) == (["One", "Two"], planned.bytes)
    assert {run.id for run in list_runs(tmp_path)} == {busy.id, packed.id}
    assert not list(tmp_path.glob(".deleted-*"))


def test_a_run_that_is_needed_stays_until_it_is_no_longer(tmp_path: Path) -> None:
    run = bare_run(tmp_path, "Needed")
    with used(run.path):
        planned = plan_deletion([run])
        assert planned.runs == ()
        assert "being tested, or is needed by a table at work: stop that first" in planned.kept[0].reason
        with pytest.raises(RunBusyError):
            delete_run(run)
        assert run.path.is_dir()
    (run.path / "use-0123.lock").touch()  # of a process that was killed
    assert not [finding for finding in examine_run(run.path) if finding.file.name.startswith("use-")]
    assert len(delete_runs(plan_deletion([run])).runs) == 1


def test_what_comes_to_work_after_the_question_stays(tmp_path: Path) -> None:
    gone, busy, free = (bare_run(tmp_path, title) for title in ("Gone", "Busy", "Free"))
    planned = plan_deletion([gone, busy, free])
    set_at_work(busy)
    delete_runs(plan_deletion([gone]))
    done = delete_runs(planned)
    assert [each.run for each in done.runs] == [free]
    assert [each.run for each in done.kept] == [gone, busy]
    assert busy.path.is_dir()


@pytest.mark.parametrize("is_by_path", [False, True], ids=["by id", "by path"])
def test_a_link_goes_and_the_folder_it_leads_to_stays(tmp_path: Path, is_by_path: bool) -> None:
    run = bare_run(tmp_path / "elsewhere", "Linked")
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "linked").symlink_to(run.path)
    name = str(tmp_path / "root" / "linked") if is_by_path else "linked"
    done = delete_runs(plan_deletion([find_deletable(name, tmp_path / "root")]))
    assert done.bytes == 0
    assert not (tmp_path / "root" / "linked").is_symlink()
    assert run.path.is_dir()


def test_a_run_is_named_by_a_path_from_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = bare_run(tmp_path, "Here")
    monkeypatch.chdir(run.path / "sets")
    assert find_deletable("..", tmp_path).path == run.path.resolve()
    monkeypatch.chdir(run.path)
    assert find_deletable(".", tmp_path).path == run.path.resolve()


def test_only_what_is_surely_a_run_is_found(tmp_path: Path) -> None:
    run = bare_run(tmp_path, "Sound")
    damaged = bare_run(tmp_path, "Damaged")
    (damaged.path / "run.json").write_text("{")
    assert find_deletable(damaged.id, tmp_path) == damaged, "deleting it is a remedy"
    assert find_deletable(str(run.path), tmp_path).path == run.path
    newer = bare_run(tmp_path, "Newer")
    description = json.loads((newer.path / "run.json").read_text())
    (newer.path / "run.json").write_text(json.dumps({**description, "format": 99}))
    with pytest.raises(NewerFormatError, match="update dm-explorer"):
        find_deletable(newer.id, tmp_path)
    foreign = tmp_path / "project"
    (foreign / "sets").mkdir(parents=True)
    (foreign / "run.json").write_text('{"scripts": {}}')
    for name, refusal in {
        str(foreign): "no run, or little is left",
        str(tmp_path): "no run",
        "20200101-000000-digits-none": "no run",
        "..": "no run",
        "": "no run",
    }.items():
        with pytest.raises(ValueError, match=refusal):
            find_deletable(name, tmp_path)
