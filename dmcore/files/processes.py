"""Identity of a process: its id and start, so that a reused id is not taken for it.

Linux derives a process's start time from the wall clock, so that a step of the clock moves it. The start in
clock ticks since boot does not move.
"""

import os
from contextlib import suppress
from pathlib import Path

import psutil

TOLERANCE_SECONDS = 2.0
"""Of start times in wall-clock time, where there is no stamp."""


def start_stamp(pid: int | None = None) -> str:
    """Boot and start of a process in clock ticks since that boot; empty where the system does not tell.

    Args:
        pid: process id; left out, this process.
    """
    with suppress(OSError, IndexError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        status = Path(f"/proc/{os.getpid() if pid is None else pid}/stat").read_bytes()
        ticks = status.rpartition(b")")[2].split()[19]  # field 22; the name before may contain anything
        return f"{boot}:{ticks.decode('ascii')}"
    return ""


def is_same_process(pid: int, started: float, stamp: str = "") -> bool | None:
    """Whether a process recorded earlier still runs; None where it may not be inspected.

    Args:
        pid: its process id.
        started: its start in seconds since the epoch, as psutil told it.
        stamp: its `start_stamp`; empty if none was recorded.
    """
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        current = start_stamp(pid) if stamp else ""
        if current:
            return current == stamp
        return abs(process.create_time() - started) < TOLERANCE_SECONDS
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:
        return None
