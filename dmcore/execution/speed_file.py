"""Stored speeds of elementary pieces of work, of all machines that share the user's cache folder."""

import threading
from collections.abc import Sequence
from pathlib import Path

from dmcore.execution.cost import Piece
from dmcore.files.atomic import StorageError
from dmcore.files.checked_json import DamagedFileError, Record, read_record, write_record

FILE = "speeds.json"
MAX_SPEEDS = 1000
"""Recorded pieces, newest last; older ones are dropped."""


class RecordedSpeed(Record):
    """Seconds of a piece on a machine."""

    machine: str
    """Processor, device and threads."""
    piece: Piece
    seconds: float
    operations: float
    """Floating-point operations of the piece."""
    jobs: int = 0
    """Finished jobs that corrected it."""
    measured_at: int | None = None
    """Unix time of its measurement in nanoseconds, the same for pieces that were measured together; 0 if it
    was only scaled, and corrected by jobs. None in a record of an older version, whose measurements included
    waits for a core."""


class _Speeds(Record):
    """Content of the file."""

    speeds: tuple[RecordedSpeed, ...] = ()


class SpeedFile:
    """The file of recorded speeds in a cache folder. Thread-safe."""

    def __init__(self, cache: Path) -> None:
        """Open the file in the cache root, where it need not exist."""
        self._file, self._writing = cache / FILE, threading.Lock()

    def read(self) -> tuple[RecordedSpeed, ...]:
        """Read the speeds, without those of older versions; a damaged file is ignored."""
        try:
            speeds = read_record(_Speeds, self._file).speeds
        except (FileNotFoundError, DamagedFileError):
            return ()
        return tuple(speed for speed in speeds if speed.measured_at is not None)

    def write(self, changed: Sequence[RecordedSpeed]) -> None:
        """Write speeds; those that others wrote meanwhile stay.

        Raises:
            StorageError: the cache cannot be written to.
        """
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{self._file.parent} cannot be made ({error}): set DM_CACHE") from error
        replaced = {(speed.machine, speed.piece) for speed in changed}
        with self._writing:
            others = [speed for speed in self.read() if (speed.machine, speed.piece) not in replaced]
            content = _Speeds(speeds=tuple((*others, *changed)[-MAX_SPEEDS:]))
            write_record(self._file, content, durable=False)
