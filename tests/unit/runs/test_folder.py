"""Reading of run folders: ids, listing, status, formats, snapshot schedule, owner."""

import errno
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
from support.hostile.damage import unlistable
from support.recorded_runs import described_data
from support.run_equality import noise_floors

from dmcore.config import CondenseConfig
from dmcore.files.atomic import StorageError
from dmcore.files.checked_json import write_record
from dmcore.files.heartbeat import HeartbeatMonitor
from dmcore.runs.description import NEWEST_FORMAT, NewerFormatError, RunResult, SetDescription, Status
from dmcore.runs.events import IterationEvent, append_events, note_line, read_events, truncate_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.lock import Owner, RunBusyError, set_owner_state
from dmcore.runs.problems import find_damage
from dmcore.runs.runs_root import (
    DELETED,
    create_run_folder,
    delete_run,
    find_runs_root,
    list_runs,
    open_run,
    unreadable_runs,
)
from dmcore.runs.snapshots import MOST_BYTES, MOST_SNAPSHOTS, Snapshot, schedule_snapshots, write_snapshot


def new_run(root: Path, title: str = "", dataset: str = "digits", iterations: int = 3) -> RunFolder:
    config = CondenseConfig(dataset="digits", images_per_class=1, iterations=iterations)
    return create_run_folder(
        root,
        title=title,
        origin="condense",
        config=config,
        plan={},
        data=described_data(dataset),
        sets=[SetDescription(name=spec.name, images_per_class=1, spec=spec) for spec in config.all_sets()],
    )


def owner(**changes: object) -> Owner:
    own = psutil.Process()
    fields = {
        "pid": own.pid,
        "process_started": own.create_time(),
        "host": platform.node(),
        "state": "running",
        "since": "2026-01-01T00:00:00+00:00",
    }
    return Owner.model_validate(fields | changes)


@pytest.mark.parametrize(
    "dataset", ["digits", "../../etc/passwd", "/data/My Photos (1).zip", "<b>", "CON", "日本"]
)
def test_ids_are_valid_file_names_whatever_the_data_set_and_the_title_are(
    tmp_path: Path, dataset: str
) -> None:
    run = new_run(tmp_path, title="../<script>", dataset=dataset)
    assert run.path.parent == tmp_path
    assert set(run.id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert run.description.title == "../<script>"
    assert open_run(run.id, tmp_path).path == run.path


def test_runs_are_listed_newest_first_and_without_torch(tmp_path: Path) -> None:
    made = [new_run(tmp_path, title=str(number)) for number in range(3)]
    assert [run.id for run in list_runs(tmp_path)] == [run.id for run in reversed(made)]
    script = (
        "import sys; from pathlib import Path; from dmcore.runs.runs_root import list_runs; "
        f"print(len([run.status() for run in list_runs(Path({str(tmp_path)!r}))]), 'torch' in sys.modules)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout
    assert printed.split() == ["3", "False"]


def test_no_runs_root_means_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "missing") == []


def test_runs_root_is_option_then_variable_then_here_then_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DM_RUNS", raising=False)
    assert find_runs_root() == tmp_path / "home" / "dm-explorer-runs"
    (tmp_path / "runs").mkdir()
    assert find_runs_root() == tmp_path / "runs"
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "named"))
    assert find_runs_root() == tmp_path / "named"
    assert find_runs_root(tmp_path / "asked") == tmp_path / "asked"


def test_unknown_run_names_the_nearest_id(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with pytest.raises(ValueError, match=f"did you mean {run.id}"):
        open_run(run.id[:-1] + "_", tmp_path)


@pytest.mark.parametrize("name", ["", ".", "..", "../..", "/etc/passwd", "nothing/here", "a\0b"])
def test_ids_that_look_like_paths_open_nothing_that_is_no_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no run"):
        open_run(name, tmp_path)


def test_a_run_opens_by_its_path(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    assert open_run(run.path, tmp_path / "elsewhere").id == run.id
    assert open_run(str(run.path), tmp_path / "elsewhere").id == run.id


def test_newer_format_is_refused_and_left_out_of_the_list_with_its_reason(tmp_path: Path) -> None:
    run, good = new_run(tmp_path), new_run(tmp_path)
    later = json.loads((run.path / "run.json").read_text()) | {"format": NEWEST_FORMAT + 1, "unknown": 1}
    (run.path / "run.json").write_text(json.dumps(later))
    with pytest.raises(NewerFormatError, match="update dm-explorer"):
        open_run(run.id, tmp_path)
    assert [run.id for run in list_runs(tmp_path)] == [good.id]
    assert f"format {NEWEST_FORMAT + 1}" in unreadable_runs(tmp_path)[0].sentence


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "one"}', '{"format": 1}'])
def test_damaged_run_is_left_out_of_the_list_with_its_reason(tmp_path: Path, content: str) -> None:
    run = new_run(tmp_path)
    (run.path / "run.json").write_text(content)
    assert list_runs(tmp_path) == []
    assert "damaged" in unreadable_runs(tmp_path)[0].sentence


def test_status_follows_owner_then_result_then_error(tmp_path: Path) -> None:
    run = new_run(tmp_path, iterations=3)
    assert run.status() is Status.INTERRUPTED
    error = {"sentence": "s", "remedy": "r", "iteration": 1, "kind": "diverged"}
    (run.path / "error.json").write_text(json.dumps(error))
    assert run.status() is Status.FAILED
    result = RunResult(iteration=2, seconds=1.0, images_per_second=1.0)
    (run.path / "result.json").write_text(result.model_dump_json())
    assert run.status() is Status.FAILED, "an earlier goal is not the one asked for"
    (run.path / "result.json").write_text(result.model_copy(update={"iteration": 3}).model_dump_json())
    assert run.status() is Status.FINISHED
    set_owner_state(run.path, "running")
    assert run.status() is Status.RUNNING
    set_owner_state(run.path, "paused")
    assert run.status() is Status.PAUSED


def test_owner_is_alive_only_while_its_process_or_its_heartbeat_is(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    file = run.path / "owner.json"
    file.write_text(owner(process_started=1.0).model_dump_json())
    assert run.status() is Status.INTERRUPTED, "the number was given to another process"
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    started = psutil.Process(child.pid).create_time()
    child.wait()
    file.write_text(owner(pid=child.pid, process_started=started).model_dump_json())
    assert run.status() is Status.INTERRUPTED
    file.write_text(owner(host="elsewhere", pid=child.pid).model_dump_json())
    assert run.status() is Status.RUNNING
    other = new_run(tmp_path)
    (other.path / "owner.json").write_text(owner(host="elsewhere", pid=child.pid).model_dump_json())
    os.utime(other.path / "owner.json", (time.time() - 121, time.time() - 121))
    assert other.status() is Status.INTERRUPTED
    file.write_text("{")
    assert run.status() is Status.INTERRUPTED


def test_an_owner_that_cannot_be_asked_is_alive_while_its_heart_beats(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = new_run(tmp_path)
    set_owner_state(run.path, "running")

    def refused(process: psutil.Process) -> float:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "status", refused)
    assert run.status() is Status.RUNNING
    os.utime(run.path / "owner.json", (0, 0))
    monkeypatch.setattr("dmcore.runs.lock._heartbeats", HeartbeatMonitor())
    assert run.status() is Status.INTERRUPTED


def test_run_at_work_is_not_deleted(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    set_owner_state(run.path, "running")
    with pytest.raises(RunBusyError, match="stop it first"):
        delete_run(run)
    (run.path / "owner.json").unlink()
    delete_run(run)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", [1, 2, 5])
def test_half_deleted_run_is_hidden_and_other_deletions_leave_it_to_the_doctor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    run, other, calls = new_run(tmp_path), new_run(tmp_path), 0
    original = os.unlink

    def killed(*arguments: object, **named: object) -> None:
        nonlocal calls
        calls += 1
        if calls == call:
            raise KeyboardInterrupt
        original(*arguments, **named)

    for name in ("1", "2", "3"):
        (run.path / "results" / f"{name}.json").write_text("{}")
    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", killed)
        with pytest.raises(KeyboardInterrupt):
            delete_run(run)
    (rest,) = tmp_path.glob(f"{DELETED}{run.id}-*")
    assert not run.path.exists()
    assert [listed.id for listed in list_runs(tmp_path)] == [other.id]
    assert unreadable_runs(tmp_path) == []
    delete_run(other)
    assert list(tmp_path.iterdir()) == [rest]


def test_a_hidden_folder_beside_a_deleted_run_stays_untouched(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    photo = tmp_path / f"{DELETED}mine" / "photo"
    photo.parent.mkdir()
    photo.write_text("mine")
    (tmp_path / f"{DELETED}{run.id}").mkdir()
    delete_run(run)
    assert photo.read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {f"{DELETED}mine", f"{DELETED}{run.id}"}


def test_deleting_a_linked_run_removes_the_link_alone(tmp_path: Path) -> None:
    run = new_run(tmp_path / "elsewhere")
    linked = tmp_path / "runs" / run.id
    linked.parent.mkdir()
    linked.symlink_to(run.path)
    delete_run(RunFolder(linked))
    assert list(linked.parent.iterdir()) == []
    assert open_run(run.path).id == run.id


def test_a_folder_beside_the_sets_counts_neither_as_progress_nor_as_recorded(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    mine = run.path / "sets" / "mine"
    (mine / "snapshots").mkdir(parents=True)
    write_record(mine / "set.json", SetDescription(name="mine", images_per_class=1))
    (mine / "snapshots" / "0000500.safetensors").write_bytes(b"")
    assert "mine" in run.set_names, "readers show it"
    assert run.recorded_sets == ("real-1",)
    assert run.iteration() == 0


def test_results_that_cannot_be_listed_are_none_for_readers(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    with unlistable(run.path / "results"):
        assert run.results() == []


@pytest.mark.parametrize("iterations", [0, 1, 2, 150, 198, 199, 500, 20_000, 10**6])
def test_snapshots_are_even_in_log_time_with_start_and_end(iterations: int) -> None:
    schedule = schedule_snapshots(iterations, 1000)
    assert schedule[0] == 0
    assert schedule[-1] == iterations
    assert list(schedule) == sorted(set(schedule))
    assert len(schedule) < MOST_SNAPSHOTS
    assert len(schedule) >= min(iterations + 1, 190)
    late = np.log1p(np.array(schedule[-20:]))
    if iterations >= 20_000:  # below, whole iterations are coarser than the spacing
        assert np.ptp(np.diff(late)) < 0.2 * np.diff(late).mean()


def test_snapshots_stay_inside_their_bytes() -> None:
    each = 3_000_000
    assert len(schedule_snapshots(20_000, each)) * each <= MOST_BYTES
    assert schedule_snapshots(20_000, MOST_BYTES) == (20_000,)


def test_snapshots_keep_what_is_learned_unclamped(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    pixels = np.zeros((2, 1, 1, 8, 8), np.float16)
    pixels[1, 0, 0, 3, :3] = -700.5, 0.1, 300.25
    write_snapshot(run.snapshot_folder("real-1"), Snapshot(7, pixels, -pixels), run.id)
    assert run.snapshots("real-1") == [7]
    stored = run.snapshot("real-1")
    np.testing.assert_array_equal(stored.pixels, pixels)
    np.testing.assert_array_equal(stored.momentum, -pixels)
    with pytest.raises(ValueError, match="choose one of 7"):
        run.snapshot("real-1", 8)
    with pytest.raises(ValueError, match="choose one of real-1"):
        run.snapshot("real-2")
    (run.snapshot_folder("real-1") / "0000007.safetensors").write_bytes(b"x" * 20)
    with pytest.raises(ValueError, match="damaged"):
        run.snapshot("real-1", 7)


def test_losses_read_back_as_the_same_float32(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    run = new_run(tmp_path)
    bits = random.integers(0, 0x7F000000, size=(500, 2), dtype=np.int64).astype(np.uint32)
    losses = bits.view(np.float32)
    events = [IterationEvent(row + 1, 0.5 * row, {"real-1": losses[row]}) for row in range(500)]
    append_events(run.events_file, [event.line() for event in events])
    stored = run.losses("real-1")
    np.testing.assert_array_equal(stored.loss.view(np.uint32), bits)
    assert stored.iteration.tolist() == list(range(1, 501))
    assert run.iteration() == 500


def test_torn_last_line_is_dropped_and_cutting_removes_it(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    values = np.float32([1.0, 2.5])
    lines = [
        IterationEvent(k, 0.1 * k, {"real-1": values}, values if k == 1 else None).line() for k in (1, 2, 3)
    ]
    append_events(run.events_file, [lines[0], note_line(1, "a deviation"), lines[1], lines[2][:-9]])
    assert run.losses("real-1").iteration.tolist() == [1, 2]
    assert noise_floors(run) == {1: [1.0, 2.5]}
    assert run.notes() == [(1, "a deviation")]
    truncate_events(run.events_file, 1)
    assert [event["iteration"] for event in read_events(run.events_file)] == [1, 1]
    assert run.events_file.read_bytes().endswith(b"\n")


def test_damaged_middle_line_is_left_out_and_named_and_dropped_when_cut(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    lines = [IterationEvent(k, 0.1, {"real-1": np.float32([1.0, 2.5])}).line() for k in (1, 2)]
    append_events(run.events_file, [lines[0], "\0\0\0\n", lines[1]])
    assert len(run.losses("real-1").iteration) == 2
    (damage,) = find_damage(run)
    assert "events.jsonl is damaged (line 2)" in str(damage)
    truncate_events(run.events_file, 9)
    assert find_damage(run) == ()
    assert len(run.losses("real-1").iteration) == 2


def test_lines_that_are_twice_or_out_of_order_are_put_in_order_when_cut(tmp_path: Path) -> None:
    run = new_run(tmp_path)
    lines = [IterationEvent(k, 0.1, {"real-1": np.float32([k, 2.5])}).line() for k in (1, 2, 3)]
    append_events(run.events_file, [lines[2], lines[0], note_line(1, "a deviation"), *lines])
    truncate_events(run.events_file, 3, ["another"])
    ordered = [lines[0], note_line(1, "a deviation"), *lines[1:], note_line(3, "another")]
    assert run.events_file.read_text(encoding="utf-8") == "".join(ordered)


def test_runs_root_that_is_a_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="--runs-root"):
        new_run(tmp_path / "file")


def test_read_only_disk_is_refused_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object, **_named: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refused)
    with pytest.raises(StorageError, match="cannot be written to: choose another folder with --runs-root"):
        new_run(tmp_path)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_read_only_runs_root_is_refused_with_a_remedy(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="--runs-root"):
        new_run(tmp_path)
