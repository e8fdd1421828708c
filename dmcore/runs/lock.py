"""Who is working on a run: one writer at a time, known by `owner.json` and its heartbeat.

The lock keeps two writers apart; the owner file tells readers, who never take the lock, whether a run is
alive. The file's modification time is the heartbeat.
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

from dmcore.files.atomic import storage_trouble_named, write_atomically
from dmcore.runs.description import Stored

HEARTBEAT_SECONDS = 120.0
RETRY_SECONDS = 1.0
OwnerState = Literal["running", "paused"]


class RunBusyError(ValueError):
    """Another process, here or elsewhere, is working on the run."""


class Owner(Stored):
    """`owner.json`: the process that works on the run."""

    pid: int
    """Its process number."""
    process_started: float
    """When that process began, so that a reused number is not mistaken for it."""
    host: str
    """The machine it is on."""
    state: OwnerState
    """Whether it is working or waiting for a person."""
    since: str
    """Since when it has been in that state, in UTC (ISO 8601)."""


@contextmanager
def owned(run: Path) -> Iterator[None]:
    """Be the one writer of this run while the block lasts.

    Raises:
        RunBusyError: somebody else is; the sentence says who and what to do.
        StorageError: the folder cannot be written to.
    """
    # The generator that holds the lock may be closed by another thread than the one that began it.
    lock = FileLock(run / "lock", thread_local=False)
    with storage_trouble_named(run / "lock"):
        try:
            lock.acquire(timeout=RETRY_SECONDS)
        except Timeout as held:
            raise RunBusyError(_busy_sentence(run)) from held
    try:
        # Locks do not always reach across a network folder: the heartbeat of another machine counts as well.
        owner = read_owner(run)
        if owner is not None and owner.host != platform.node() and _heart_beats(run):
            raise RunBusyError(_busy_sentence(run))
        set_owner_state(run, "running")
        try:
            yield
        finally:
            (run / "owner.json").unlink(missing_ok=True)
    finally:
        lock.release()


def set_owner_state(run: Path, state: OwnerState) -> None:
    """Say that this process, which holds the run, works on it or has paused. Counts as a heartbeat.

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


def beat(run: Path) -> None:
    """Move the heartbeat: readers on other machines take a run for alive for two minutes more."""
    os.utime(run / "owner.json")


def living_owner(run: Path) -> Owner | None:
    """Who works on the run now; None when nobody does, or its process is gone.

    A process that cannot be asked, on another machine or another user's, counts by its heartbeat.
    """
    owner = read_owner(run)
    if owner is None:
        return None
    if owner.host != platform.node():
        return owner if _heart_beats(run) else None
    try:
        process = psutil.Process(owner.pid)
        same = (
            abs(process.create_time() - owner.process_started) < 2
            and process.status() != psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return None
    except psutil.Error:
        return owner if _heart_beats(run) else None
    return owner if same else None


def read_owner(run: Path) -> Owner | None:
    """What `owner.json` says; None without one, or when a damaged disk made it unreadable."""
    try:
        return Owner.model_validate_json((run / "owner.json").read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def _heart_beats(run: Path) -> bool:
    try:
        return time.time() - (run / "owner.json").stat().st_mtime < HEARTBEAT_SECONDS
    except FileNotFoundError:
        return False


def _busy_sentence(run: Path) -> str:
    owner = read_owner(run)
    remedy = "stop it there first, or wait until it ends"
    if owner is None:
        return f"run {run.name} is being worked on by another process: {remedy}"
    if owner.host != platform.node():
        remedy += f"; if that machine died, try again in {HEARTBEAT_SECONDS:.0f} seconds"
    return f"run {run.name} is being worked on by process {owner.pid} on {owner.host}: {remedy}"
