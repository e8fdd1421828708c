"""Loss curves and noise floor of a run while it grows: append-only buffers, incremental readers of its log.

A reader can have a view of a curve at any time without a copy.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64

from dmcore.runs.events import EventTail, losses_of, parse_event
from dmcore.runs.folder import RunFolder

Curve = tuple[Int64[np.ndarray, " event"], Float32[np.ndarray, " event"]]
"""Iterations [event] and the value at each [event]."""


class CurveBuffer:
    """Append-only curve; views of it stay valid because stored values never change."""

    def __init__(self) -> None:
        self.count = 0
        self._iteration = np.empty(1024, np.int64)
        self._loss = np.empty(1024, np.float32)

    def extend(self, iteration: Int64[np.ndarray, " event"], loss: Float32[np.ndarray, " event"]) -> None:
        """Append points: iterations and losses, both [event]."""
        end = self.count + len(iteration)
        if end > len(self._loss):
            size = max(end, 2 * len(self._loss))
            self._iteration = np.concatenate(
                [self._iteration[: self.count], np.empty(size - self.count, np.int64)]
            )
            self._loss = np.concatenate([self._loss[: self.count], np.empty(size - self.count, np.float32)])
        self._iteration[self.count : end], self._loss[self.count : end] = iteration, loss
        self.count = end

    def view(self) -> Curve:
        """The whole curve so far, without a copy."""
        return self._iteration[: self.count], self._loss[: self.count]


class NoiseFloor:
    """Noise floor of a run so far: mean real-against-real distance over classes and over measurements.

    The one rule for a live run and for a run read from its folder, so that the line on the chart does not
    move when a run ends.
    """

    def __init__(self) -> None:
        self._distances: list[float] = []

    def extend(self, events: Iterable[Mapping[str, Any]]) -> None:
        """Add the measurements among these events."""
        self._distances += [float(np.mean(event["floor"])) for event in events if "floor" in event]

    def mean(self) -> float | None:
        """Mean of the measurements so far; None before the first."""
        return fmean(self._distances) if self._distances else None


class NoiseFloorReader:
    """Incremental reader of the noise floor from a growing `events.jsonl`; parses only the lines with one."""

    def __init__(self, file: Path) -> None:
        self._file, self._offset = file, 0
        self._noise_floor = NoiseFloor()

    def mean(self) -> float | None:
        """Mean of the measurements written so far; None before the first."""
        if self._file.is_file():
            with self._file.open("rb") as stream:
                stream.seek(self._offset)
                complete = stream.read().rpartition(b"\n")[0]
            self._offset += len(complete)
            for line in complete.split(b"\n"):
                if b'"floor"' in line and (event := parse_event(line)) is not None:
                    self._noise_floor.extend([event])
        return self._noise_floor.mean()


RATE_EVENTS = 100
"""Iterations over which the rate of a run computed by another process is measured."""


class StoredCurves:
    """Loss curves of a run from its folder, read incrementally, whichever process writes it."""

    def __init__(self, run: RunFolder) -> None:
        """Prepare to read; nothing is read yet."""
        self._run, self._tail = run, EventTail(run.events_file)
        self._curves = {name: CurveBuffer() for name in run.set_names}
        self._seconds: deque[float] = deque(maxlen=RATE_EVENTS)
        self._noise_floor = NoiseFloor()
        self.iteration = 0
        """Iteration of the last event."""

    def continues(self, run: RunFolder) -> bool:
        """Whether the run's events continue what was read; if not, begin with new curves."""
        return tuple(self._curves) == run.set_names and self._tail.still_follows()

    def refresh(self) -> None:
        """Read the events written since the last time, without damaged lines."""
        try:
            events, classes = self._tail.read(), len(self._run.class_names)
        except OSError:  # unreadable: `dmcore.runs.problems` says so
            return
        if not events:
            return
        self.iteration = events[-1]["iteration"]
        for name, curve in self._curves.items():
            new = losses_of(events, name, classes)
            curve.extend(new.iteration, new.loss.mean(axis=1))
        self._seconds.extend(event["seconds"] for event in events if event.get("loss"))
        self._noise_floor.extend(events)

    def loss(self) -> dict[str, Curve]:
        """Loss curve of each set that has one: the mean over classes."""
        return {name: curve.view() for name, curve in self._curves.items() if curve.count}

    def noise_floor(self) -> float | None:
        """Mean distance between two batches of real images; None before the first was measured."""
        return self._noise_floor.mean()

    def iterations_per_second(self) -> float | None:
        """Iterations a second over the last hundred."""
        if len(self._seconds) < 2 or self._seconds[-1] <= self._seconds[0]:
            return None
        return (len(self._seconds) - 1) / (self._seconds[-1] - self._seconds[0])
