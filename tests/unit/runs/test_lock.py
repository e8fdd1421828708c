"""Owners and heartbeats: judged by what does not move with a clock, of this machine or of another one."""

import math
import os
import platform
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import psutil
import pytest

from dmcore.files.atomic import remove_stale_temporaries
from dmcore.files.heartbeat import HeartbeatMonitor, file_system_time
from dmcore.files.processes import is_same_process, start_stamp
from dmcore.runs import lock
from dmcore.runs.lock import Owner, RunBusyError, active_owner, is_used, lock_run, set_owner_state, used
from dmcore.runs.packing.packed import FILE as PACKED_FILE

HOUR = 3600.0
on_linux = pytest.mark.skipif(not start_stamp(), reason="the system tells no start in ticks since boot")


class Clocks:
    """Three clocks: of the file server, of the owner's machine (`ahead` of it), and monotonic time."""

    def __init__(self, ahead: float = 0.0) -> None:
        self.ahead, self.monotonic, self.looks = ahead, 50.0, 0
        self.server = 1_700_000_000.0

    def pass_by(self, seconds: float) -> None:
        self.monotonic += seconds
        self.server += seconds

    def beat(self, file: Path) -> None:
        file.touch()
        os.utime(file, (self.server + self.ahead, self.server + self.ahead))

    def monitor(self) -> HeartbeatMonitor:
        def look(_folder: Path) -> float:
            self.looks += 1
            return self.server

        return HeartbeatMonitor(lambda: self.monotonic, look)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "owner.json"


def test_dead_owner_whose_clock_was_an_hour_ahead_is_gone_at_first_sight(file: Path) -> None:
    clocks = Clocks(ahead=HOUR)
    clocks.beat(file)
    monitor = clocks.monitor()
    for _ in range(40):
        assert not monitor.is_alive(file)
        clocks.pass_by(100)


@pytest.mark.parametrize("ahead", [HOUR, -HOUR, 0.0])
def test_living_owner_is_seen_by_its_changes_whatever_its_clock(file: Path, ahead: float) -> None:
    clocks = Clocks(ahead)
    clocks.beat(file)
    monitor = clocks.monitor()
    assert monitor.is_alive(file) == (ahead == 0)
    for _ in range(5):
        clocks.pass_by(1)
        clocks.beat(file)
        assert monitor.is_alive(file)
    clocks.pass_by(119)
    assert monitor.is_alive(file)
    clocks.pass_by(2)
    assert not monitor.is_alive(file), "no change for two minutes"
    clocks.beat(file)
    clocks.pass_by(1)
    assert monitor.is_alive(file), "a later run begins"
    file.unlink()
    assert monitor.seconds_since_beat(file) == math.inf


def test_step_of_this_machines_or_the_servers_clock_changes_nothing_after_the_first_look(file: Path) -> None:
    clocks = Clocks()
    clocks.beat(file)
    monitor = clocks.monitor()
    assert monitor.is_alive(file)
    clocks.server += HOUR
    assert monitor.is_alive(file)
    clocks.server -= 2 * HOUR
    clocks.pass_by(121)
    assert not monitor.is_alive(file)
    assert clocks.looks == 1, "later looks cost one stat"


def test_change_that_may_be_long_ago_is_no_sign_of_life(file: Path) -> None:
    clocks = Clocks()
    clocks.beat(file)
    monitor = clocks.monitor()
    assert monitor.is_alive(file)
    clocks.pass_by(1)
    clocks.beat(file)  # the last one
    clocks.pass_by(HOUR)
    assert not monitor.is_alive(file)


def test_clock_of_a_folder_is_that_of_its_file_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "touched").touch()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert abs(file_system_time(tmp_path) - (tmp_path / "touched").stat().st_mtime) < 60
    assert [entry.name for entry in tmp_path.iterdir()] == ["touched"]
    assert file_system_time(tmp_path / "missing") == 0.0, "this machine's own, where nothing can be written"


def test_probe_of_a_living_reader_is_no_leftover_of_a_dead_process(tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from dmcore.files.heartbeat import file_system_time\n"
        "os.utime = lambda _name: (print(flush=True), input())\n"
        f"file_system_time(Path({str(tmp_path)!r}))"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        (probe,) = tmp_path.iterdir()
        remove_stale_temporaries(tmp_path)
        assert probe.exists()
        reader.communicate("\n")
        assert not probe.exists()


@on_linux
def test_step_of_the_clock_does_not_make_a_living_process_another_one() -> None:
    started = psutil.Process().create_time()
    assert is_same_process(os.getpid(), started + 32, start_stamp())
    assert is_same_process(os.getpid(), started), "files of older versions have no stamp"
    assert is_same_process(os.getpid(), started + 32) is False
    assert is_same_process(os.getpid(), started, start_stamp() + "0") is False, "the id was given away"


def test_process_that_has_ended_is_not_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    started, stamp = psutil.Process(child.pid).create_time(), start_stamp(child.pid)
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_same_process(child.pid, started, stamp) is False, "a zombie"
    child.wait()
    assert is_same_process(child.pid, started, stamp) is False


def test_process_that_may_not_be_inspected_is_neither(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(process: psutil.Process) -> NoReturn:
        raise psutil.AccessDenied(process.pid)

    monkeypatch.setattr(psutil.Process, "status", refused)
    assert is_same_process(os.getpid(), psutil.Process().create_time(), start_stamp()) is None


@on_linux
def test_owner_file_holds_a_start_that_no_clock_moves(tmp_path: Path) -> None:
    with lock_run(tmp_path):
        owner = active_owner(tmp_path)
        assert owner is not None
        assert owner.process_stamp == start_stamp()


def owner_elsewhere(run: Path, age: float = 0.0) -> Path:
    """Owner file of a process on another machine, stamped some seconds ago."""
    owner = Owner(pid=77, process_started=1.0, host="elsewhere", state="running", since="")
    file = run / "owner.json"
    file.write_text(owner.model_dump_json())
    os.utime(file, (time.time() - age, time.time() - age))
    return file


@contextmanager
def beating(file: Path) -> Iterator[None]:
    """Touch a file ten times a second, an hour in the past."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(0.1):
            os.utime(file, (time.time() - HOUR, time.time() - HOUR))

    thread = threading.Thread(target=beat)
    thread.start()
    yield
    ended.set()
    thread.join()


def test_writer_is_refused_with_how_to_go_on_while_another_machine_shows_life(tmp_path: Path) -> None:
    owner_elsewhere(tmp_path, age=20)
    with pytest.raises(RunBusyError, match=r"77 on elsewhere: stop it there first.*in (100|99) seconds"):
        lock_run(tmp_path).__enter__()


def test_writer_watches_for_a_change_where_the_clock_of_the_other_machine_is_wrong(tmp_path: Path) -> None:
    file = owner_elsewhere(tmp_path, age=HOUR)
    with beating(file), pytest.raises(RunBusyError, match=r"on elsewhere: .* try again in \d+ seconds"):
        lock_run(tmp_path).__enter__()


@pytest.mark.parametrize("age", [HOUR, -HOUR])
def test_writer_takes_over_from_a_machine_that_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, age: float
) -> None:
    monkeypatch.setattr(lock, "WATCH_SECONDS", 0.2)
    owner_elsewhere(tmp_path, age)
    assert active_owner(tmp_path) is None
    with lock_run(tmp_path):
        owner = active_owner(tmp_path)
        assert owner is not None
        assert owner.host == platform.node()


def test_owner_file_that_cannot_be_removed_does_not_keep_the_run_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_arguments: object, **_named: object) -> NoReturn:
        raise PermissionError

    with monkeypatch.context() as patch, lock_run(tmp_path):
        assert active_owner(tmp_path) is not None
        patch.setattr(os, "unlink", refused)
    assert (tmp_path / "owner.json").exists()
    assert active_owner(tmp_path) is None
    set_owner_state(tmp_path, "paused")
    assert active_owner(tmp_path) is not None


def test_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_arguments: object, **_named: object) -> NoReturn:
        raise NotImplementedError("FileSystem does not appear to support flock")

    monkeypatch.setattr(lock.FileLock, "acquire", refused)
    with pytest.raises(ValueError, match=r"has no file locks, .* choose another folder"):
        lock_run(tmp_path).__enter__()


def test_a_run_is_used_until_the_last_of_those_that_use_it_has_ended(tmp_path: Path) -> None:
    assert not is_used(tmp_path)
    with lock_run(tmp_path):
        assert not is_used(tmp_path), "its writer is told by the owner file"
        with used(tmp_path), used(tmp_path):
            assert is_used(tmp_path)
            with used(tmp_path):
                pass
            assert is_used(tmp_path)
    assert not is_used(tmp_path)
    assert not list(tmp_path.glob(lock.USE_FILES))


def test_another_process_uses_a_run_until_it_is_killed(tmp_path: Path) -> None:
    script = (
        "from pathlib import Path; from dmcore.runs.lock import used\n"
        f"with used(Path({str(tmp_path)!r})): print(flush=True); input()"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdout is not None
        user.stdout.readline()
        assert is_used(tmp_path)
        user.kill()
        user.wait()
        assert not is_used(tmp_path)
        assert list(tmp_path.glob(lock.USE_FILES)), "what it left behind keeps nobody from anything"


def test_use_that_cannot_be_noted_goes_on_without_and_makes_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with used(tmp_path / "gone"):
        assert not (tmp_path / "gone").exists()
    (tmp_path / PACKED_FILE).write_text("{}")
    with used(tmp_path):
        assert [file.name for file in tmp_path.iterdir()] == [PACKED_FILE]
    (tmp_path / PACKED_FILE).unlink()

    def refused(*_arguments: object, **_named: object) -> NoReturn:
        raise PermissionError

    with used(tmp_path):
        monkeypatch.setattr(lock.FileLock, "acquire", refused)
        assert is_used(tmp_path), "who cannot tell takes it for used"
        with used(tmp_path):
            pass
