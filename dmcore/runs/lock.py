"""Lock of a run folder: one writer at a time, with an owner file (`owner.json`) and its heartbeat.

The file lock keeps two writers apart; the owner file tells readers, who never take the lock, whether a
process is running the run. The modification time of the file is the heartbeat.
"""

import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import psutil
from filelock import FileLock, Timeout
from pydantic import ValidationError

from dmcore.files.atomic import storage_errors_explained, write_atomically
from dmcore.runs.description import StoredModel

HEARTBEAT_SECONDS = 120.0
RETRY_SECONDS = 1.0
OwnerState = Literal["running", "paused"]


class RunBusyError(ValueError):
    """Another process, here or on another machine, holds the lock of the run."""


class Owner(StoredModel):
    """`owner.json`: the process that holds the lock of the run."""

    pid: int
    """Process id."""
    process_started: float
    """Start time of the process, so that a reused id is not mistaken for it."""
    host: str
    """Host name."""
    state: OwnerState
    """Whether it is running or paused by the user."""
    since: str
    """Start of that state, in UTC (ISO 8601)."""


@contextmanager
def lock_run(run: Path) -> Iterator[None]:
    """Hold the lock of a run while the block lasts, with the owner file written.

    Raises:
        RunBusyError: another process holds it; the message names it and the remedy.
        StorageError: the folder cannot be written to.
    """
    # The generator that holds the lock may be closed by another thread than the one that began it.
    lock = FileLock(run / "lock", thread_local=False)
    with storage_errors_explained(run / "lock"):
        try:
            lock.acquire(timeout=RETRY_SECONDS)
        except Timeout as timeout:
            raise RunBusyError(_busy_message(run)) from timeout
    try:
        # Locks do not always reach across a network folder: the heartbeat of another machine counts as well.
        owner = read_owner(run)
        if owner is not None and owner.host != platform.node() and _heartbeat_is_recent(run):
            raise RunBusyError(_busy_message(run))
        set_owner_state(run, "running")
        try:
            yield
        finally:
            (run / "owner.json").unlink(missing_ok=True)
    finally:
        lock.release()


def set_owner_state(run: Path, state: OwnerState) -> None:
    """Write the state of this process, which holds the lock, to the owner file. Counts as a heartbeat.

    Raises:
        StorageError: the folder cannot be written to.
    """
    owner = Owner(
        pid=os.getpid(),
        process_started=psutil.Process().create_time(),
        host=platform.node(),
        state=state,
        since=datetime.now(UTC).isoformat(timespec="seconds"),
    )
    write_atomically(run / "owner.json", owner.model_dump_json().encode(), durable=False)


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
    if owner.host != platform.node():
        return owner if _heartbeat_is_recent(run) else None
    try:
        process = psutil.Process(owner.pid)
        is_owner = (
            abs(process.create_time() - owner.process_started) < 2
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return owner if _heartbeat_is_recent(run) else None
    return owner if is_owner else None


def read_owner(run: Path) -> Owner | None:
    """Read `owner.json`; None without it, or when it is damaged."""
    try:
        return Owner.model_validate_json((run / "owner.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _heartbeat_is_recent(run: Path) -> bool:
    try:
        return time.time() - (run / "owner.json").stat().st_mtime < HEARTBEAT_SECONDS
    except FileNotFoundError:
        return False


def _busy_message(run: Path) -> str:
    owner = read_owner(run)
    remedy = "stop it there first, or wait until it ends"
    if owner is None:
        return f"run {run.name} is being worked on by another process: {remedy}"
    if owner.host != platform.node():
        remedy += f"; if that machine died, try again in {HEARTBEAT_SECONDS:.0f} seconds"
    return f"run {run.name} is being worked on by process {owner.pid} on {owner.host}: {remedy}"
