"""Curves that grow while a run works, kept so that a page can have them at any moment without a copy."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

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
