"""Recorded speeds of this machine and its load, for the background thread's timers and for pages."""

import threading
from collections.abc import Callable
from functools import cache
from pathlib import Path

from app.data.folders import cache_root
from dmcore.execution.cost import Workload
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import FIRST_SAMPLE, MachineLoad, machine_name, usable_cores
from dmcore.execution.speed_record import SpeedRecord

_FIRST_CALL = threading.Lock()
"""Two first calls at once would make two of what is cached."""


def record_of(device: str) -> SpeedRecord:
    """Recorded speeds of this machine on a device, one object for all threads, which correct it."""
    with _FIRST_CALL:
        return _record_in(cache_root(), device)


def threads_of(device: str) -> int:
    """Threads that a job uses on a device, and networks that it trains side by side."""
    return usable_cores() if device == "cpu" else 1


def machine_load() -> MachineLoad:
    """Load of this machine by other processes, the same for all threads."""
    with _FIRST_CALL:
        return _load()


def start_timer(
    workload: Workload,
    device: str,
    clock: Callable[[], float],
    done: float = 0.0,
    pace: float | None = None,
) -> JobTimer:
    """Start the timer of a job of the background thread, on a device or on `auto`; see `JobTimer`."""
    if device == "auto":
        from dmcore.execution.plan import choose_device

        device = str(choose_device(device)[0])
    return JobTimer(workload, record_of(device), machine_load(), threads_of(device), clock, done, pace)


@cache
def _record_in(folder: Path, device: str) -> SpeedRecord:
    return SpeedRecord(folder, machine_name(device, threads_of(device)))


@cache
def _load() -> MachineLoad:
    return MachineLoad(first=FIRST_SAMPLE)
