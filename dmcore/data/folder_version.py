"""Version of the images in a folder or zip: it changes when files are added, removed or replaced there.

Folders are looked at, not files: which folders are inside one is listed again only once that was written.
"""

import os
import stat
import time
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.listing import is_entered

FolderVersion: TypeAlias = tuple[int, ...]

MOST_FOLDERS = 5000
"""Folders that are looked at, at most; the upper ones, where the classes are, first."""
PAUSE_FACTOR = 10
"""The pause until the next look, in times of what the last one took."""


def folder_version(name: str) -> FolderVersion:
    """When a folder or zip and the folders that `open_listing` enters were written; () for a named data set.

    A file that is overwritten in place is not seen, a change only after `PAUSE_FACTOR` times the time that a
    look takes. What cannot be read counts as written at 0: whoever opens it says why.
    """
    if name in CATALOGUE:
        return ()
    try:
        return _watched(Path(name).expanduser()).version()
    except RuntimeError:  # the home folder of nobody
        return (0,)


class _WatchedFolder:
    """Version of a folder, and when to look next."""

    def __init__(self, path: Path) -> None:
        self._path, self._next_look = path, 0.0
        self._version: FolderVersion = ()

    def version(self) -> FolderVersion:
        begun = time.monotonic()
        if begun >= self._next_look:
            self._version = tuple(islice(_write_times(self._path), MOST_FOLDERS))
            ended = time.monotonic()
            self._next_look = ended + PAUSE_FACTOR * (ended - begun)
        return self._version


_watched = lru_cache(maxsize=8)(_WatchedFolder)


def _write_times(top: Path) -> Iterator[int]:
    folders = [(top, 0)]
    for folder, depth in folders:
        try:
            status = folder.stat()
            if stat.S_ISDIR(status.st_mode):
                inner = _inner_folders(folder, depth, status.st_mtime_ns)
                folders.extend((each, depth + 1) for each in inner)
            yield status.st_mtime_ns
        except (OSError, ValueError):  # gone, not permitted, or a name with a zero byte
            yield 0


@lru_cache(maxsize=4 * MOST_FOLDERS)
def _inner_folders(folder: Path, depth: int, _written: int) -> tuple[Path, ...]:
    with os.scandir(folder) as entries:
        return tuple(
            Path(entry.path) for entry in entries if is_entered(entry, depth) or _leads_nowhere(entry)
        )


def _leads_nowhere(entry: "os.DirEntry[str]") -> bool:
    """Whether it is a link to what is not there yet, such as a folder of a disk that is not mounted."""
    return entry.is_symlink() and not Path(entry.path).exists()
