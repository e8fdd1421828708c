"""This machine for time estimates: its cores, its name, and how busy other processes keep it.

Torch is not needed, except for the name of a GPU.
"""

import hashlib
import math
import os
import platform
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil

SATURATED = 0.9
"""Share of all cores in use from which processes wait for one: only then the load average counts them."""
LEAST_OWN = 0.1
"""Cores from which a job is believed to compute."""
LEAST_INTERVAL = 0.3
"""Seconds between two samples at least: a shorter one says little."""
AVERAGED_SECONDS = 60.0
"""Half-life, in seconds, of the average load that plans are made with."""


def usable_cores(requested: int | None = None) -> int:
    """Number of processor cores to use: as requested, else all that this process may use."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return requested or allowed or 1


@cache
def _processor_facts() -> dict[str, str]:
    """What the system tells of the first processor, by its own names; empty where it has no such file."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(errors="replace") if information.is_file() else ""
    lines = (line.partition(":") for line in text.partition("\n\n")[0].splitlines())
    return {name.strip(): fact.strip() for name, _, fact in lines}


@cache
def processor_name() -> str:
    """Model of the processor and number of cores."""
    model = _processor_facts().get("model name")
    return f"{model or platform.processor() or platform.machine()} x{os.cpu_count() or 1}"


def machine_name(device: str, threads: int) -> str:
    """What recorded speeds are valid for: processor, device and threads."""
    name = device
    if device.startswith("cuda"):
        import torch

        name = torch.cuda.get_device_name(device)
    return f"{processor_name()}, {name}, {threads} threads"


IDENTIFYING = (
    *("vendor_id", "cpu family", "model", "model name", "stepping"),
    *("CPU implementer", "CPU part", "CPU variant", "CPU revision"),
)


def machine_identity(workers: int, threads: int, torch_version: str) -> str:
    """What decides the last bits of results on a CPU: stricter than a name, which other models share.

    Numbers of family, model and stepping, digest of the instructions, cores, threads and torch's version.
    Empty where the system does not tell the processor's model: then no machine is known to be the same.
    """
    facts = _processor_facts()
    numbers = [f"{name} {facts[name]}" for name in IDENTIFYING if facts.get(name)]
    instructions = " ".join(sorted(facts.get("flags", facts.get("Features", "")).split()))
    if not numbers:
        if not any(letter.isdigit() for letter in platform.processor()):  # a family at most, such as "arm"
            return ""
        numbers = [platform.processor()]
    digest = hashlib.sha256(instructions.encode()).hexdigest()[:8]
    return ", ".join(
        (
            *numbers,
            f"instructions {digest}",
            f"{os.cpu_count() or 1} cores",
            f"{workers} × {threads} threads",
            f"torch {torch_version}",
        )
    )


@dataclass(frozen=True)
class LoadSample:
    """Processor time used so far, and the load average of the last minute."""

    at: float
    """Monotonic seconds."""
    busy: float
    """Core-seconds used by all processes."""
    own: float
    """Core-seconds used by this process."""
    load: float
    """Processes that run or wait for a core, averaged over a minute."""


def load_sample() -> LoadSample:
    """Sample the load of this machine now."""
    times = psutil.cpu_times()._asdict()
    idle = times["idle"] + times.get("iowait", 0.0)
    counted_twice = times.get("guest", 0.0) + times.get("guest_nice", 0.0)
    return LoadSample(
        time.monotonic(),
        sum(times.values()) - idle - counted_twice,
        time.process_time(),
        psutil.getloadavg()[0],
    )


FIRST_SAMPLE = load_sample()
"""Taken when this module is imported: a command looks at the load between then and its start."""


class MachineLoad:
    """Cores that other processes ask for, from samples between which some time passes. Thread-safe."""

    def __init__(
        self,
        sample: Callable[[], LoadSample] = load_sample,
        cores: int | None = None,
        first: LoadSample | None = None,
    ) -> None:
        """Begin with a first sample, taken now if None; `cores` of the machine, counted if None."""
        self._sample, self._cores = sample, cores or os.cpu_count() or 1
        self._lock = threading.Lock()
        self._last = first or sample()
        self._others = self._own = 0.0
        self._weighted, self._weights = 0.0, 0.0
        """Of the other processes' cores at each moment; their average is the quotient."""

    def slowdown(self, threads: int) -> float:
        """Factor, at least 1, by which a job of so many threads would be slower than alone on the machine."""
        self._look()
        return max(1.0, (threads + self._others) / self._cores)

    def average_slowdown(self, threads: int) -> float:
        """The same on average over the last minutes: a plan does not change with each moment's load."""
        self._look()
        others = self._weighted / self._weights if self._weights else self._others
        return max(1.0, (threads + others) / self._cores)

    def slowdown_now(self, threads: int) -> float:
        """The same for the job of so many threads that this process computes, since the last look.

        It is no slower than the processor time that it got says.
        """
        slowdown = self.slowdown(threads)
        return max(1.0, min(slowdown, threads / self._own)) if self._own > LEAST_OWN else slowdown

    def _look(self) -> None:
        """Average since the last look, what this process and others use or wait for."""
        with self._lock:
            now, last = self._sample(), self._last
            seconds = now.at - last.at
            if seconds < LEAST_INTERVAL:
                return
            self._own, busy = (now.own - last.own) / seconds, (now.busy - last.busy) / seconds
            self._last, self._others = now, max(0.0, busy - self._own)
            waiting = now.load - self._own
            if busy > SATURATED * self._cores and waiting > self._others:
                # that average is of the last minute, and of processes that wait for a disk too
                self._others = math.sqrt(max(self._others, LEAST_OWN) * waiting)
            kept = 0.5 ** (seconds / AVERAGED_SECONDS)
            self._weighted = kept * self._weighted + (1 - kept) * self._others
            self._weights = kept * self._weights + (1 - kept)
