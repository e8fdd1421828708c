"""Event log of a run, `events.jsonl`: one line per iteration with the losses of every set.

Losses are written as the shortest decimal that reads back as the same float32. Readers drop a truncated last
line: the writer may be in the middle of it, or may have been killed there.
"""

import json
import os
import sys
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64

from dmcore.files.atomic import storage_errors_explained, write_atomically


class Losses(NamedTuple):
    """Losses of one set: row i is the loss per class at update `iteration[i]`, after `seconds[i]`."""

    iteration: Int64[np.ndarray, " event"]
    loss: Float32[np.ndarray, "event class"]
    seconds: Float64[np.ndarray, " event"]


class NoiseFloors(NamedTuple):
    """Real-against-real distances per class, at the iterations where they were measured."""

    iteration: Int64[np.ndarray, " event"]
    noise_floor: Float32[np.ndarray, "event class"]


class Note(NamedTuple):
    """A deviation from an unbroken run, with its iteration."""

    iteration: int
    sentence: str


@dataclass(frozen=True)
class IterationEvent:
    """Log entry of one iteration."""

    iteration: int
    seconds: float
    loss: dict[str, Float32[np.ndarray, " class"]]
    noise_floor: Float32[np.ndarray, " class"] | None = None

    def line(self) -> str:
        """JSON object on one line."""
        losses = ",".join(f"{json.dumps(name)}:{_shortest(values)}" for name, values in self.loss.items())
        floor = "" if self.noise_floor is None else f',"floor":{_shortest(self.noise_floor)}'
        return f'{{"iteration":{self.iteration},"seconds":{self.seconds:.3f},"loss":{{{losses}}}{floor}}}\n'


def note_line(iteration: int, sentence: str) -> str:
    """JSON line of a note."""
    return json.dumps({"iteration": iteration, "note": sentence}, ensure_ascii=False) + "\n"


def append_events(file: Path, lines: Iterable[str], *, durable: bool = False) -> None:
    """Append complete lines; `durable` waits until they are on the disk.

    Raises:
        StorageError: the disk is full or refuses. The last line may be truncated: readers and resume drop it.
    """
    with storage_errors_explained(file), file.open("ab") as stream:
        stream.write("".join(lines).encode())
        if durable:
            stream.flush()
            os.fsync(stream.fileno())


class EventTail:
    """Incremental reader of a growing `events.jsonl`: each `read` parses only the new lines."""

    def __init__(self, file: Path) -> None:
        """Begin before the first line of `file`, which need not exist yet."""
        self._file = file
        self._offset = self._lines = 0
        self._stamp: tuple[int, int] | None = None

    def still_follows(self) -> bool:
        """Whether the file still continues what was read; if not, it was truncated or replaced."""
        if self._stamp is None:
            return True
        if not self._file.is_file():
            return False
        now = self._file.stat()
        return self._stamp == (now.st_dev, now.st_ino) and now.st_size >= self._offset

    def read(self) -> list[dict[str, Any]]:
        """New events in order, without a truncated last line; none while there is no file.

        Raises:
            ValueError: a line before the last is damaged.
        """
        if not self._file.is_file():
            return []
        with self._file.open("rb") as stream:
            state = os.fstat(stream.fileno())
            stamp = state.st_dev, state.st_ino
            if self._stamp not in (None, stamp) or state.st_size < self._offset:
                return []  # replaced or truncated meanwhile: `still_follows` tells at the next call
            stream.seek(self._offset)
            lines = stream.read().split(b"\n")[:-1]
        events = []
        for number, line in enumerate(lines, start=self._lines + 1):
            event = _parsed(line)
            if event is None:
                raise ValueError(
                    f"line {number} of {self._file} is damaged: resume the run to repair it, or delete it"
                )
            events.append(event)
        self._stamp = stamp
        self._offset += sum(map(len, lines)) + len(lines)
        self._lines += len(lines)
        return events


def read_events(file: Path) -> list[dict[str, Any]]:
    """Read all events in order, without a truncated last line; none while there is no file.

    Raises:
        ValueError: a line before the last is damaged.
    """
    return EventTail(file).read()


def truncate_events(file: Path, iteration: int) -> int:
    """Delete the events after `iteration`, and a truncated last line.

    Returns:
        Number of complete lines that were unreadable, and so are lost.
    """
    retained, damaged = [], 0
    for line in _complete_lines(file):
        event = _parsed(line)
        if event is None:
            damaged += 1
        elif event["iteration"] <= iteration:
            retained.append(line + b"\n")
    write_atomically(file, b"".join(retained))
    return damaged


def losses_of(events: Sequence[dict[str, Any]], name: str, classes: int) -> Losses:
    """Losses of the set `name` in a list of events."""
    measured = [event for event in events if name in event.get("loss", ())]
    return Losses(
        np.array([event["iteration"] for event in measured], dtype=np.int64),
        np.array([event["loss"][name] for event in measured], dtype=np.float32).reshape(-1, classes),
        np.array([event["seconds"] for event in measured], dtype=np.float64),
    )


def noise_floors_of(events: Sequence[dict[str, Any]], classes: int) -> NoiseFloors:
    """Real-against-real distances in a list of events."""
    measured = [event for event in events if "floor" in event]
    return NoiseFloors(
        np.array([event["iteration"] for event in measured], dtype=np.int64),
        np.array([event["floor"] for event in measured], dtype=np.float32).reshape(-1, classes),
    )


def losses_at(file: Path, name: str, classes: int, iteration: int) -> Losses:
    """Last losses of a set at or before an iteration, by bisection of the file.

    One event, or none where nothing was written so early. Events are in the order of their iterations.
    """
    if not file.is_file():
        return losses_of((), name, classes)
    with file.open("rb") as stream:

        def event_from(offset: int) -> dict[str, Any] | None:
            """First event with losses of the set whose line begins at this byte or later."""
            stream.seek(max(0, offset - 1))
            if offset:
                stream.readline()
            events = (_parsed(line) for line in stream)
            return next(
                (event for event in events if event is not None and name in event.get("loss", ())), None
            )

        def iteration_from(offset: int) -> int:
            event = event_from(offset)
            return sys.maxsize if event is None else int(event["iteration"])

        # the first byte from which on all is too late: the byte before it begins the requested line
        after = bisect_right(range(os.fstat(stream.fileno()).st_size), iteration, key=iteration_from)
        event = event_from(after - 1) if after else None
    return losses_of(() if event is None else (event,), name, classes)


def _shortest(values: Float32[np.ndarray, " class"]) -> str:
    return f"[{','.join(str(value) for value in values)}]"


def _complete_lines(file: Path) -> list[bytes]:
    return file.read_bytes().split(b"\n")[:-1] if file.is_file() else []


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("iteration"), int) else None
