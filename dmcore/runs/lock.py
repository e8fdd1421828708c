"""Lock of a run folder: one writer at a time, with an owner file (`owner.json`) and its heartbeat.

The file lock keeps two writers apart; the owner file tells readers, who never take the lock, whether a
process is running the run. The modification time of the file is the heartbeat. Who needs the run for long
without being its writer has a lock of its own in it, which keeps the run from being deleted.
"""

import math
import os
import platform
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil
from filelock import FileLock, Timeout

from dmcore.config.command_line import command_line
from dmcore.files.atomic import StorageError, storage_errors_explained
from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record
from dmcore.files.heartbeat import HEARTBEAT_SECONDS, HeartbeatMonitor
from dmcore.files.processes import is_same_process, start_stamp
from dmcore.runs.description import RunDescription
from dmcore.runs.packing.packed import FILE as PACKED_FILE

RETRY_SECONDS = 1.0
WATCH_SECONDS = 2.0
"""How long a writer watches an owner file of another machine that shows no sign of life at first sight."""
USE_FILES = "use-*.lock"
"""Pattern of the locks of those that use a run; a killed process leaves its file behind, unlocked."""
_heartbeats = HeartbeatMonitor()
_held: set[str] = set()
"""Runs whose owner this process is."""
OwnerState = Literal["running", "paused"]


class RunBusyError(ValueError):
    """Another process, here or on another machine, holds the lock of the run."""


class PackedRunError(ValueError):
    """The run is packed, as those that come with the program are: nobody writes into it."""


class Owner(Record):
    """`owner.json`: the process that holds the lock of the run."""

    pid: int
    """Process id."""
    process_started: float
    """Start time of the process, so that a reused id is not mistaken for it."""
    process_stamp: str = ""
    """The same in ticks since boot (`start_stamp`), which a step of the clock does not move."""
    host: str
    """Host name."""
    state: OwnerState
    """Whether it is running or paused by the user."""
    since: str
    """Start of that state, in UTC (ISO 8601)."""


def refuse_packed(run: Path) -> None:
    """Check that a run may be changed; every writer of a run that exists calls it before its first file.

    Raises:
        PackedRunError: it is packed; with the remedy.
    """
    if (run / PACKED_FILE).is_file():
        raise PackedRunError(f"run {run.name} is a recorded one and stays as it is: {_remedy(run)}")


def _remedy(run: Path) -> str:
    try:
        config = read_record(RunDescription, run / "run.json").config
    except (FileNotFoundError, DamagedFileError):
        config = None
    command = "" if config is None else f", or `{command_line(config, ('dataset', 'seed'))}`"
    return f"start one of the same settings (Clone in the app{command})"


@contextmanager
def lock_run(run: Path) -> Iterator[None]:
    """Hold the lock of a run while the block lasts, with the owner file written.

    Raises:
        PackedRunError: it is packed.
        RunBusyError: another process holds it; the message names it and the remedy.
        StorageError: the folder cannot be written to.
    """
    refuse_packed(run)
    # The generator that holds the lock may be closed by another thread than the one that began it.
    lock = FileLock(run / "lock", thread_local=False)
    with storage_errors_explained(run / "lock"):
        try:
            lock.acquire(timeout=RETRY_SECONDS)
        except Timeout as timeout:
            raise RunBusyError(_busy_message(run)) from timeout
        except NotImplementedError as refusal:
            raise StorageError(
                f"the file system of {run} has no file locks, which keep two writers apart: "
                "choose another folder with --runs-root or DM_RUNS"
            ) from refusal
    try:
        # Locks do not always reach across a network folder: the heartbeat of another machine counts as well.
        owner = read_owner(run)
        if owner is not None and owner.host != platform.node() and _beats_within(run, WATCH_SECONDS):
            raise RunBusyError(_busy_message(run))
        set_owner_state(run, "running")
        try:
            yield
        finally:
            _held.discard(_key(run))
            with suppress(OSError):  # what stays names a process that is gone, or that knows it has let go
                (run / "owner.json").unlink(missing_ok=True)
    finally:
        lock.release()


@contextmanager
def used(run: Path) -> Iterator[None]:
    """Keep a run from being deleted while the block lasts; several may use it at once, beside its writer.

    Where nothing can be written or locked, it is not kept.
    """
    file = run / USE_FILES.replace("*", secrets.token_hex(6))
    lock = FileLock(file, timeout=0, thread_local=False)
    if run.is_dir() and not (run / PACKED_FILE).is_file():
        with suppress(OSError, NotImplementedError):
            lock.acquire()
    try:
        yield
    finally:
        lock.release()
        with suppress(OSError):
            file.unlink(missing_ok=True)


def is_used(run: Path) -> bool:
    """Whether a process, or another thread of this one, uses a run."""
    return any(map(_is_locked, run.glob(USE_FILES)))


def _is_locked(file: Path) -> bool:
    try:
        with FileLock(file, timeout=0):
            return False
    except NotImplementedError:  # no locks here: the file tells nothing
        return False
    except OSError:  # `Timeout` among them
        return True


def set_owner_state(run: Path, state: OwnerState) -> None:
    """Write the state of this process, which holds the lock, to the owner file. Counts as a heartbeat.

    Raises:
        StorageError: the folder cannot be written to.
    """
    owner = Owner(
        pid=os.getpid(),
        process_started=psutil.Process().create_time(),
        process_stamp=start_stamp(),
        host=platform.node(),
        state=state,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_record(run / "owner.json", owner, durable=False)
    _held.add(_key(run))


def heartbeat(run: Path) -> None:
    """Renew the heartbeat: readers on other machines take the owner for active for two more minutes."""
    os.utime(run / "owner.json")


def active_owner(run: Path) -> Owner | None:
    """Owner of the run's lock; None without one, or when its process is gone.

    A process that cannot be inspected, on another machine or of another user, counts by its heartbeat.
    """
    owner = read_owner(run)
    if owner is None:
        return None
    alive: bool | None = None
    if owner.host == platform.node():
        alive = is_same_process(owner.pid, owner.process_started, owner.process_stamp)
        if alive and owner.pid == os.getpid():
            alive = _key(run) in _held
    if alive is None:
        alive = _heartbeats.is_alive(run / "owner.json")
    return owner if alive else None


def read_owner(run: Path) -> Owner | None:
    """Read `owner.json`; None without it, or when it is damaged."""
    try:
        return read_record(Owner, run / "owner.json")
    except (FileNotFoundError, DamagedFileError):
        return None


def _beats_within(run: Path, seconds: float) -> bool:
    """Whether the heartbeat is recent, or changes while we watch: the clock that set it may be wrong."""
    deadline = time.monotonic() + seconds
    while not _heartbeats.is_alive(run / "owner.json"):
        if time.monotonic() > deadline:
            return False
        time.sleep(seconds / 20)
    return True


def _key(run: Path) -> str:
    return os.path.realpath(run)


def _busy_message(run: Path) -> str:
    owner = read_owner(run)
    remedy = "stop it there first, or wait until it ends"
    if owner is None:
        return f"run {run.name} is being worked on by another process: {remedy}"
    silent = _heartbeats.seconds_since_beat(run / "owner.json")
    if owner.host != platform.node() and silent < HEARTBEAT_SECONDS:
        remedy += f"; if that machine died, try again in {math.ceil(HEARTBEAT_SECONDS - silent)} seconds"
    return f"run {run.name} is being worked on by process {owner.pid} on {owner.host}: {remedy}"
