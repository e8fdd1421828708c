"""Version of the images in a folder or zip: it changes when files are added, removed or replaced there.

Folders and tables are looked at, not images: what is inside a folder is listed again only once that was
written.
"""

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from pathlib import Path, PurePath
from typing import TypeAlias

from dmcore.data import limits
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.labels.column_batches import COLUMN_SUFFIXES
from dmcore.data.labels.text_tables import TABLE_SUFFIXES
from dmcore.data.listing import is_entered

FolderVersion: TypeAlias = tuple[int, ...]

MOST_FOLDERS = 5000
"""Folders that are looked at, at most; the upper ones, where the classes are, first."""
_TABLES = TABLE_SUFFIXES | COLUMN_SUFFIXES
PAUSE_FACTOR = 10
"""The pause until the next look, in times of what the last one took."""


def folder_version(name: str) -> FolderVersion:
    """When a folder or zip and the folders that `open_listing` enters were written; () for a named data set.

    So are the tables in them, which may be the labels. An image that is overwritten in place is not seen, a
    change only after `PAUSE_FACTOR` times the time that a look takes. What cannot be read counts as written
    at 0: whoever opens it says why.
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
                inner, tables = _inside(folder, depth, status.st_mtime_ns)
                folders.extend((each, depth + 1) for each in inner)
                for table in tables:
                    with suppress(OSError):  # gone
                        yield table.stat().st_mtime_ns
            yield status.st_mtime_ns
        except (OSError, ValueError):  # gone, not permitted, or a name with a zero byte
            yield 0


@lru_cache(maxsize=4 * MOST_FOLDERS)
def _inside(folder: Path, depth: int, _written: int) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    """Folders in a folder, and the tables that are read at most."""
    inner, tables = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_entered(entry, depth) or _leads_nowhere(entry):
                inner.append(Path(entry.path))
            elif PurePath(entry.name).suffix.lower() in _TABLES:
                tables.append(Path(entry.path))
    return tuple(inner), tuple(sorted(tables)[: limits.MOST_TABLES])


def _leads_nowhere(entry: "os.DirEntry[str]") -> bool:
    """Whether it is a link to what is not there yet, such as a folder of a disk that is not mounted."""
    return entry.is_symlink() and not Path(entry.path).exists()
