"""`events.jsonl`: one line per iteration with the losses of every set, appended in batches.

Losses are written as the shortest decimal that reads back as the same float32. Readers drop a torn last line:
the writer may be in the middle of it, or may have been killed there.
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

from dmcore.files.atomic import storage_trouble_named, write_atomically


class Losses(NamedTuple):
    """The losses of one set: row i is the loss per class at update `iteration[i]`, after `seconds[i]`."""

    iteration: Int64[np.ndarray, " event"]
    loss: Float32[np.ndarray, "event class"]
    seconds: Float64[np.ndarray, " event"]


class Floors(NamedTuple):
    """Distance between two batches of real images, per class, at the iterations where it was measured."""

    iteration: Int64[np.ndarray, " event"]
    floor: Float32[np.ndarray, "event class"]


class Note(NamedTuple):
    """A deviation, and the iteration it happened at."""

    iteration: int
    sentence: str


@dataclass(frozen=True)
class IterationEvent:
    """What one iteration leaves behind."""

    iteration: int
    seconds: float
    loss: dict[str, Float32[np.ndarray, " class"]]
    floor: Float32[np.ndarray, " class"] | None = None

    def line(self) -> str:
        """The JSON object on one line."""
        losses = ",".join(f"{json.dumps(name)}:{_shortest(values)}" for name, values in self.loss.items())
        floor = "" if self.floor is None else f',"floor":{_shortest(self.floor)}'
        return f'{{"iteration":{self.iteration},"seconds":{self.seconds:.3f},"loss":{{{losses}}}{floor}}}\n'


def note_line(iteration: int, sentence: str) -> str:
    """The line of a deviation."""
    return json.dumps({"iteration": iteration, "note": sentence}, ensure_ascii=False) + "\n"


def append_events(file: Path, lines: Iterable[str], *, durable: bool = False) -> None:
    """Append whole lines; `durable` waits until the disk has them.

    Raises:
        StorageError: the disk is full or refuses. A line may then be torn; readers drop it, resuming cuts it.
    """
    with storage_trouble_named(file), file.open("ab") as stream:
        stream.write("".join(lines).encode())
        if durable:
            stream.flush()
            os.fsync(stream.fileno())


class EventTail:
    """Follows a growing `events.jsonl`: each byte is read once, a look costs what has come since the last."""

    def __init__(self, file: Path) -> None:
        """Stand before the first line of `file`, which need not be there yet."""
        self._file = file
        self._offset = self._lines = 0
        self._stamp: tuple[int, int] | None = None

    def still_follows(self) -> bool:
        """Whether the file goes on from what was read; if not, it was cut back or replaced: start anew."""
        if self._stamp is None:
            return True
        if not self._file.is_file():
            return False
        now = self._file.stat()
        return self._stamp == (now.st_dev, now.st_ino) and now.st_size >= self._offset

    def read(self) -> list[dict[str, Any]]:
        """The events since the last time, in order, without a torn last line; none while there is no file.

        Raises:
            ValueError: a line before the last is damaged.
        """
        if not self._file.is_file():
            return []
        with self._file.open("rb") as stream:
            state = os.fstat(stream.fileno())
            stamp = state.st_dev, state.st_ino
            if self._stamp not in (None, stamp) or state.st_size < self._offset:
                return []  # replaced or cut since it was asked: `still_follows` says so at the next look
            stream.seek(self._offset)
            lines = stream.read().split(b"\n")[:-1]
        events = []
        for number, line in enumerate(lines, start=self._lines + 1):
            event = _parsed(line)
            if event is None:
                raise ValueError(
                    f"line {number} of {self._file} is damaged: resume the run to cut it back, or delete it"
                )
            events.append(event)
        self._stamp = stamp
        self._offset += sum(map(len, lines)) + len(lines)
        self._lines += len(lines)
        return events


def read_events(file: Path) -> list[dict[str, Any]]:
    """All events in order, without a torn last line; none when the file is not there yet.

    Raises:
        ValueError: a line before the last is damaged.
    """
    return EventTail(file).read()


def cut_events(file: Path, iteration: int) -> int:
    """Keep what happened up to `iteration` and drop the rest, a torn last line with it.

    Returns:
        How many whole lines up to there were unreadable, and so are lost.
    """
    kept, damaged = [], 0
    for line in _whole_lines(file):
        event = _parsed(line)
        if event is None:
            damaged += 1
        elif event["iteration"] <= iteration:
            kept.append(line + b"\n")
    write_atomically(file, b"".join(kept))
    return damaged


def losses_of(events: Sequence[dict[str, Any]], name: str, classes: int) -> Losses:
    """The losses of the set `name` out of all events."""
    measured = [event for event in events if name in event.get("loss", ())]
    return Losses(
        np.array([event["iteration"] for event in measured], dtype=np.int64),
        np.array([event["loss"][name] for event in measured], dtype=np.float32).reshape(-1, classes),
        np.array([event["seconds"] for event in measured], dtype=np.float64),
    )


def floors_of(events: Sequence[dict[str, Any]], classes: int) -> Floors:
    """The real-against-real distances out of all events."""
    measured = [event for event in events if "floor" in event]
    return Floors(
        np.array([event["iteration"] for event in measured], dtype=np.int64),
        np.array([event["floor"] for event in measured], dtype=np.float32).reshape(-1, classes),
    )


def losses_at(file: Path, name: str, classes: int, iteration: int) -> Losses:
    """The last losses of a set at or before an iteration, found without reading the whole file.

    One event, or none where nothing was written so early. Events stand in the order of their iterations.
    """
    if not file.is_file():
        return losses_of((), name, classes)
    with file.open("rb") as stream:

        def event_from(offset: int) -> dict[str, Any] | None:
            """The first event with losses of the set, of those whose line begins at this byte or later."""
            stream.seek(max(0, offset - 1))
            if offset:
                stream.readline()
            events = (_parsed(line) for line in stream)
            return next((one for one in events if one is not None and name in one.get("loss", ())), None)

        def iteration_from(offset: int) -> int:
            event = event_from(offset)
            return sys.maxsize if event is None else int(event["iteration"])

        # the first byte after which all is too late: the one before it begins the line that is looked for
        after = bisect_right(range(os.fstat(stream.fileno()).st_size), iteration, key=iteration_from)
        event = event_from(after - 1) if after else None
    return losses_of(() if event is None else (event,), name, classes)


def _shortest(values: Float32[np.ndarray, " class"]) -> str:
    return f"[{','.join(str(value) for value in values)}]"


def _whole_lines(file: Path) -> list[bytes]:
    return file.read_bytes().split(b"\n")[:-1] if file.is_file() else []


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("iteration"), int) else None
