"""Curves that grow while a run works, kept so that a page can have them at any moment without a copy."""

import json
from collections import deque
from pathlib import Path

import numpy as np
import numpy.typing as npt

from dmcore.runs.events import EventTail, floors_of, losses_of
from dmcore.runs.folder import RunFolder

Curve = tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]
"""Iterations [event] and the value at each [event]."""


class CurveBuffer:
    """A curve that grows at its end; views of it stay true because what is in it never changes."""

    def __init__(self) -> None:
        self.count = 0
        self._iteration = np.empty(1024, np.int64)
        self._loss = np.empty(1024, np.float32)

    def extend(self, iteration: npt.NDArray[np.int64], loss: npt.NDArray[np.float32]) -> None:
        """Append."""
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
        """Everything so far, without a copy."""
        return self._iteration[: self.count], self._loss[: self.count]


class FloorReader:
    """The newest real-against-real distance out of a growing `events.jsonl`; each byte is read once."""

    def __init__(self, file: Path) -> None:
        self._file, self._offset = file, 0
        self._latest: float | None = None

    def latest(self) -> float | None:
        """Mean over classes; None before the first."""
        if self._file.is_file():
            with self._file.open("rb") as stream:
                stream.seek(self._offset)
                whole = stream.read().rpartition(b"\n")[0]
            self._offset += len(whole)
            measured = [line for line in whole.split(b"\n") if b'"floor"' in line]
            if measured:
                self._latest = float(np.mean(json.loads(measured[-1])["floor"]))
        return self._latest


PACE_EVENTS = 100
"""Iterations over which the pace of a run that another process works on is measured."""


class StoredCurves:
    """The losses of a run out of its folder, whoever writes it; as it goes on, only what is new is read."""

    def __init__(self, run: RunFolder) -> None:
        """Read nothing yet."""
        self._run, self._tail = run, EventTail(run.events_file)
        self._curves = {name: CurveBuffer() for name in run.set_names}
        self._seconds: deque[float] = deque(maxlen=PACE_EVENTS)
        self._floors, self._floor_sum = 0, 0.0
        self.iteration = 0
        """Of the last event."""

    def still_follow(self, run: RunFolder) -> bool:
        """Whether the run's events go on from what was read; if not, begin with new curves."""
        return tuple(self._curves) == run.set_names and self._tail.still_follows()

    def refresh(self) -> None:
        """Read what has come since the last time.

        Raises:
            ValueError: a line is damaged.
        """
        events, classes = self._tail.read(), len(self._run.class_names)
        if not events:
            return
        self.iteration = events[-1]["iteration"]
        for name, curve in self._curves.items():
            new = losses_of(events, name, classes)
            curve.extend(new.iteration, new.loss.mean(axis=1))
        self._seconds.extend(event["seconds"] for event in events if event.get("loss"))
        measured = floors_of(events, classes).floor.mean(axis=1)
        self._floors += len(measured)
        self._floor_sum += float(measured.sum())

    def loss(self) -> dict[str, Curve]:
        """For each set that has one, the loss per class averaged over classes."""
        return {name: curve.view() for name, curve in self._curves.items() if curve.count}

    def floor(self) -> float | None:
        """Mean distance between two batches of real images; None before the first was measured."""
        return self._floor_sum / self._floors if self._floors else None

    def pace(self) -> float | None:
        """Iterations a second over the last hundred."""
        if len(self._seconds) < 2 or self._seconds[-1] <= self._seconds[0]:
            return None
        return (len(self._seconds) - 1) / (self._seconds[-1] - self._seconds[0])
