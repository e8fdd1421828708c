"""Event log of a run, `events.jsonl`: one line per iteration with the losses of every set.

Losses are written as the shortest decimal that reads back as the same float32. A line ends with the CRC-32 of
what stands before it. Readers drop a truncated last line (the writer may be in the middle of it, or may have
been killed there) and damaged ones; `dmcore.runs.problems` counts those.
"""

import json
import os
import sys
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int64
from pydantic_core import from_json

from dmcore.files.atomic import storage_errors_explained, write_atomically

_CRC = b',"crc32":"'
_CRC_BYTES = len(_CRC) + len('01234567"}')
"""Length of the end of a checked line."""
_LARGEST_ITERATION = 2**53
_LARGEST_FLOAT32 = float(np.finfo(np.float32).max)


class Losses(NamedTuple):
    """Losses of one set: row i is the loss per class at update `iteration[i]`, after `seconds[i]`."""

    iteration: Int64[np.ndarray, " event"]
    loss: Float32[np.ndarray, "event class"]
    seconds: Float64[np.ndarray, " event"]


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
        floor = ""
        if self.noise_floor is not None and np.isfinite(self.noise_floor).all():
            floor = f',"floor":{_shortest(self.noise_floor)}'
        return _checked(
            f'{{"iteration":{self.iteration},"seconds":{self.seconds:.3f},"loss":{{{losses}}}{floor}'
        )


def note_line(iteration: int, sentence: str) -> str:
    """JSON line of a note."""
    return _checked(json.dumps({"iteration": iteration, "note": sentence}, ensure_ascii=False)[:-1])


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


def parse_event(line: bytes) -> dict[str, Any] | None:
    """Parse a line without its line feed; None where it is damaged.

    A line without a CRC-32, of an older version, counts as damaged if it is no event.
    """
    matches = _crc_matches(line)
    if matches is False:
        return None
    try:
        event = from_json(line, allow_inf_nan=False)
    except ValueError:
        return None
    return event if isinstance(event, dict) and (matches or _is_event(event)) else None


class EventTail:
    """Incremental reader of a growing `events.jsonl`: each `read` parses only the new lines."""

    def __init__(self, file: Path) -> None:
        """Begin before the first line of `file`, which need not exist yet."""
        self._file = file
        self._offset = self._lines = 0
        self._stamp: tuple[int, int] | None = None
        self.damaged: list[int] = []
        """Numbers of the damaged lines so far, from 1; `read` leaves them out."""

    def still_follows(self) -> bool:
        """Whether the file still continues what was read; if not, it was truncated or replaced."""
        if self._stamp is None:
            return True
        if not self._file.is_file():
            return False
        now = self._file.stat()
        return self._stamp == (now.st_dev, now.st_ino) and now.st_size >= self._offset

    def read(self) -> list[dict[str, Any]]:
        """New events in order, without damaged lines and a truncated last one; none while there is no file.

        Raises:
            OSError: the system refuses to read it.
        """
        lines = self._new_lines()
        parsed = [parse_event(line) for line in lines]
        self._count(lines, parsed)
        return [event for event in parsed if event is not None]

    def verify(self) -> None:
        """Pass over the new lines and add the damaged ones to `damaged`; those with a CRC-32 are not parsed.

        Raises:
            OSError: the system refuses to read it.
        """
        lines = self._new_lines()
        self._count(lines, [_crc_matches(line) or parse_event(line) for line in lines])

    def _new_lines(self) -> list[bytes]:
        """Complete lines that were not read yet, without their line feeds."""
        if not self._file.is_file():
            return []
        with self._file.open("rb") as stream:
            state = os.fstat(stream.fileno())
            stamp = state.st_dev, state.st_ino
            if self._stamp not in (None, stamp) or state.st_size < self._offset:
                return []  # replaced or truncated meanwhile: `still_follows` tells at the next call
            stream.seek(self._offset)
            self._stamp = stamp
            return stream.read().split(b"\n")[:-1]

    def _count(self, lines: list[bytes], parsed: Sequence[object]) -> None:
        """Advance past these lines; `parsed`: None or False for each damaged one."""
        self.damaged += [number for number, event in enumerate(parsed, self._lines + 1) if not event]
        self._offset += sum(map(len, lines)) + len(lines)
        self._lines += len(lines)


def read_events(file: Path) -> list[dict[str, Any]]:
    """Read all events in order, without damaged lines and a truncated last one; none if it is unreadable."""
    try:
        return EventTail(file).read()
    except OSError:
        return []


def last_iteration(file: Path) -> int:
    """Iteration of the last complete event line, read from the end of the file; 0 without one."""
    try:
        if not file.is_file():
            return 0
        with file.open("rb") as stream:
            stream.seek(0, 2)
            stream.seek(max(0, stream.tell() - 2**18))
            lines = stream.read().split(b"\n")[:-1]
    except OSError:
        return 0
    events = (parse_event(line) for line in reversed(lines))
    return next((event["iteration"] for event in events if event is not None), 0)


def truncate_events(file: Path, iteration: int, notes: Sequence[str] = ()) -> None:
    """Delete damaged lines and events after `iteration`, and add notes, in one atomic write.

    Lines that are twice or out of order, as after a copy that went wrong, are put in order.

    Args:
        file: the event log, which need not exist yet.
        iteration: iteration of the last events that stay.
        notes: sentences to add at that iteration, those that are there already excepted.

    Raises:
        StorageError: the disk is full or refuses; the file is as it was.
    """
    retained = {}
    for line in _complete_lines(file):
        event = parse_event(line)
        if event is not None and event["iteration"] <= iteration:
            retained[event["iteration"], event.get("note", "")] = line + b"\n"
    for sentence in notes:
        retained.setdefault((iteration, sentence), note_line(iteration, sentence).encode())
    ordered = sorted(retained.items(), key=lambda entry: entry[0][0])
    write_atomically(file, b"".join(line for _, line in ordered))


def losses_of(events: Sequence[dict[str, Any]], name: str, classes: int) -> Losses:
    """Losses of the set `name` in a list of events."""
    measured = [event for event in events if len(event.get("loss", {}).get(name, ())) == classes]
    return Losses(
        np.array([event["iteration"] for event in measured], dtype=np.int64),
        np.array([event["loss"][name] for event in measured], dtype=np.float32).reshape(-1, classes),
        np.array([event["seconds"] for event in measured], dtype=np.float64),
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
            events = (parse_event(line.rstrip(b"\n")) for line in stream)
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


def _crc_matches(line: bytes) -> bool | None:
    """Whether a line is as it was written; None for one without a CRC-32."""
    if line[-_CRC_BYTES : len(_CRC) - _CRC_BYTES] != _CRC:
        return None
    return b"%08x" % zlib.crc32(line[:-_CRC_BYTES]) == line[-10:-2]


def _checked(unclosed: str) -> str:
    """Line of a JSON object that lacks its closing brace, with its CRC-32."""
    return f'{unclosed},"crc32":"{zlib.crc32(unclosed.encode()):08x}"}}\n'


def _is_event(fields: dict[str, Any]) -> bool:
    iteration, losses = fields.get("iteration"), fields.get("loss", {})
    return (
        isinstance(iteration, int)
        and 0 <= iteration < _LARGEST_ITERATION
        and isinstance(losses, dict)
        and all(_are_numbers(values) for values in losses.values())
        and _are_numbers([fields.get("seconds", None if losses else 0)])
        and _are_numbers(fields.get("floor", []))
        and isinstance(fields.get("note", ""), str)
    )


def _are_numbers(values: object) -> bool:
    return isinstance(values, list) and all(
        isinstance(value, float | int) and abs(value) <= _LARGEST_FLOAT32 for value in values
    )
