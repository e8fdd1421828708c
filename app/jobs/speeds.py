"""Recorded speeds of this machine and its load, for the background thread's timers and for pages."""

from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path

from app.data.folders import cache_root
from dmcore.execution.cost import DataShape, Workload
from dmcore.execution.job_timer import JobTimer
from dmcore.execution.machine import FIRST_SAMPLE, MachineLoad, machine_name, usable_cores
from dmcore.execution.speed_record import SpeedRecord
from dmcore.runs.description import DataDescription


def record_of(device: str) -> SpeedRecord:
    """Recorded speeds of this machine on a device."""
    return _record_in(cache_root(), device)


def threads_of(device: str) -> int:
    """Threads that a job uses on a device, and networks that it trains side by side."""
    return usable_cores() if device == "cpu" else 1


@cache
def machine_load() -> MachineLoad:
    """Load of this machine by other processes."""
    return MachineLoad(first=FIRST_SAMPLE)


def start_timer(workload: Workload, device: str, clock: Callable[[], float], done: float = 0.0) -> JobTimer:
    """Start the timer of a job of the background thread, on a device or on `auto`; see `JobTimer`."""
    if device == "auto":
        from dmcore.execution.plan import choose_device

        device = str(choose_device(device)[0])
    return JobTimer(workload, record_of(device), machine_load(), threads_of(device), clock, done)


def run_data_shape(data: DataDescription) -> DataShape:
    """What the cost depends on of the data set of a run."""
    shape = (data.channels, data.height, data.width)
    return DataShape(shape, len(data.class_names), data.train_count or 0, data.test_count or 0)


@lru_cache(maxsize=1)
def _record_in(cache: Path, device: str) -> SpeedRecord:
    return SpeedRecord(cache, machine_name(device, threads_of(device)))
