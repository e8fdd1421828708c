"""Time that a computation takes on a quiet machine, whatever else computes on it while it is measured."""

import threading
import time
from collections.abc import Callable

from dmcore.execution.workers import THREAD_NAME

MOST_WAITING = 1.3
"""Time that passes to processor time, at most: with two workers a small update waits for Python's lock and to
be woken up for a third of its processor time, a large one hardly (2 cores, n = 14 each)."""
FEW_WORKERS = 2
"""Workers with which that was measured: more wait longer for Python's lock."""


def quiet_seconds(compute: Callable[[], object], device: str) -> float:
    """Seconds that a computation takes on a quiet machine.

    It is the time that passes. On a CPU no more of it counts than processor time explains, because a process
    that waits for a core uses none: that of this thread, and of the busiest of its workers. More than
    `FEW_WORKERS` count as if they had worked one after the other, which is what Python's lock does to them at
    the worst. Where the processor time of other threads cannot be read, all counts.

    Args:
        compute: what is measured; it waits for the device itself.
        device: as torch names it.
    """
    began, own, before = time.perf_counter(), time.thread_time(), _worker_times()
    compute()
    times = (seconds - before.get(worker, 0.0) for worker, seconds in _worker_times().items())
    workers = [seconds for seconds in times if seconds > 0]  # others belong to a pool that rests
    of_workers = sum(workers) if len(workers) > FEW_WORKERS else max(workers, default=0.0)
    computed = time.thread_time() - own + of_workers
    passed = time.perf_counter() - began
    is_known = device == "cpu" and hasattr(time, "pthread_getcpuclockid")
    return min(passed, MOST_WAITING * computed) if is_known else passed


def _worker_times() -> dict[int, float]:
    """Processor seconds of each worker so far, where they can be read; workers end with the process."""
    if not hasattr(time, "pthread_getcpuclockid"):
        return {}
    workers = [thread.ident for thread in threading.enumerate() if thread.name.startswith(THREAD_NAME)]
    return {
        ident: time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in workers if ident is not None
    }
