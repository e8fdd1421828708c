"""Heartbeat of a file: whether its writer on another machine, which touches it again and again, is alive.

Judged by the change that this process has seen, in its own monotonic time: clocks of two machines may be
hours apart. Only a first look has to compare times, and takes both from the clock that stamps the files.
"""

import math
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dmcore.files.atomic import temporary_ending

HEARTBEAT_SECONDS = 120.0
"""A file unchanged for so long has no living writer."""
FUTURE_SECONDS = 2.0
"""A file stamped so far in the future was stamped by another clock; file systems round to 2 s at most."""


class _Sighting(NamedTuple):
    stamp: tuple[int, int]
    """Modification time in ns, and inode: a replaced file is a heartbeat as well."""
    beat_at: float
    looked_at: float


def file_system_time(folder: Path) -> float:
    """Time of the clock that stamps files in a folder, which on a network folder is the file server's.

    This machine's own time where no file can be written.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".clock-", suffix=temporary_ending()) as probe:
            os.utime(probe.name)
            return os.stat(probe.name).st_mtime  # noqa: PTH116 - a name, not a path
    except OSError:
        return time.time()


class HeartbeatMonitor:
    """Remembers the last change of each file it was shown, by the monotonic clock of this process."""

    def __init__(
        self,
        monotonic: Callable[[], float] = time.monotonic,
        file_system_time: Callable[[Path], float] = file_system_time,
    ) -> None:
        self._monotonic, self._file_system_time = monotonic, file_system_time
        self._seen: dict[Path, _Sighting] = {}

    def is_alive(self, file: Path) -> bool:
        """Whether the file has changed in the last two minutes, as far as this process can tell."""
        return self.seconds_since_beat(file) < HEARTBEAT_SECONDS

    def seconds_since_beat(self, file: Path) -> float:
        """Seconds since the file changed; infinite without it, or if it is from the future at first sight."""
        try:
            status = file.stat()
        except FileNotFoundError:
            self._seen.pop(file, None)
            return math.inf
        stamp, now, seen = (status.st_mtime_ns, status.st_ino), self._monotonic(), self._seen.get(file)
        if seen is not None and seen.stamp == stamp:
            beat_at = seen.beat_at
        elif seen is not None and now - seen.looked_at < HEARTBEAT_SECONDS:
            beat_at = now
        else:  # a first look, or one so late that the change may be long ago
            age = self._file_system_time(file.parent) - status.st_mtime
            beat_at = -math.inf if age < -FUTURE_SECONDS else now - age
        self._seen[file] = _Sighting(stamp, beat_at, now)
        return max(0.0, now - beat_at)
