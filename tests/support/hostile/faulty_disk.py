"""A disk on which the n-th write call fails: every call below a folder that changes something is counted.

Open for writing, write, flush, truncate, close, fsync, replace, rename, unlink, mkdir, rmdir, utime, chmod
and file locks, wrapped where Python, pathlib, shutil, zipfile, tempfile, filelock and Pillow look them up.
"""

import builtins
import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

PATH_CALLS = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "utime", "chmod", "truncate", "link")
"""Functions of `os` that change the disk, with a path or a file descriptor first."""
DESCRIPTOR_CALLS = ("write", "fsync", "ftruncate", "fdatasync", "fchmod")


class Fault:
    """Counts the write calls below a folder and raises an error in the one of a number."""

    def __init__(self, root: Path, number: int | None = None, error: BaseException | None = None) -> None:
        self.root, self.number, self.error = os.path.realpath(root), number, error
        self.calls: list[str] = []
        """What was called, as `replace run.json`."""
        self.paths: dict[int, str] = {}

    def call(self, name: str, path: object) -> None:
        """Count a call, or raise in its place."""
        place = self.paths.get(path) if isinstance(path, int) else os.path.realpath(os.fspath(path))  # type: ignore[call-overload]
        if place is None or not place.startswith(self.root):
            return
        self.calls.append(f"{name} {os.path.relpath(place, self.root)}")
        if len(self.calls) == self.number and self.error is not None:
            raise self.error


class CountedFile:
    """File open for writing whose calls are counted; all else is the file's own."""

    def __init__(self, file: Any, path: str, fault: Fault) -> None:
        self._file, self._path, self._fault = file, path, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "CountedFile":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._file)

    def write(self, content: Any) -> Any:
        """Write half of the content and fail, as a disk does that fills up; or write it."""
        try:
            self._fault.call("write", self._path)
        except OSError:
            self._file.write(content[: len(content) // 2])
            self._file.flush()
            raise
        return self._file.write(content)

    def flush(self) -> None:
        self._fault.call("flush", self._path)
        self._file.flush()

    def truncate(self, *size: int) -> Any:
        self._fault.call("truncate", self._path)
        return self._file.truncate(*size)

    def close(self) -> None:
        """Close; like the system's, it closes the file also where it fails."""
        was_closed = self._file.closed
        self._file.close()
        if not was_closed:
            self._fault.call("close", self._path)


@contextmanager
def faulty_disk(fault: Fault) -> Iterator[Fault]:
    """Context manager in which the write calls of this process go through `fault`."""
    with pytest.MonkeyPatch.context() as patch:
        for name in PATH_CALLS:
            patch.setattr(os, name, _counted(fault, name, getattr(os, name)))
        for name in DESCRIPTOR_CALLS:
            patch.setattr(os, name, _counted(fault, name, getattr(os, name)))
        patch.setattr(fcntl, "flock", _locking(fault, fcntl.flock))
        patch.setattr(os, "open", _opening(fault, os.open))
        patch.setattr(os, "close", _closing(fault, os.close))
        counted_open = _opening_files(fault, io.open)
        patch.setattr(io, "open", counted_open)
        patch.setattr(builtins, "open", counted_open)
        yield fault


def _counted(fault: Fault, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(path: Any, *arguments: Any, **named: Any) -> Any:
        if named.get("dir_fd") is not None:
            fault.call(name, f"{fault.paths.get(named['dir_fd'], fault.root)}/{os.fspath(path)}")
        else:
            fault.call(name, path)
        return function(path, *arguments, **named)

    return call


def _locking(fault: Fault, function: Callable[[int, int], None]) -> Callable[[int, int], None]:
    def call(descriptor: int, operation: int) -> None:
        if not operation & fcntl.LOCK_UN:  # an unlock changes nothing on the disk
            fault.call("flock", descriptor)
        function(descriptor, operation)

    return call


def _opening(fault: Fault, function: Callable[..., int]) -> Callable[..., int]:
    def call(path: Any, flags: int, *arguments: Any, **named: Any) -> int:
        place = os.path.realpath(os.fspath(path))
        if named.get("dir_fd") is not None:
            place = f"{fault.paths.get(named['dir_fd'], fault.root)}/{os.fspath(path)}"
        if flags & (os.O_WRONLY | os.O_RDWR):
            fault.call("open", place)
        descriptor = function(path, flags, *arguments, **named)
        fault.paths[descriptor] = place
        return descriptor

    return call


def _closing(fault: Fault, function: Callable[[int], None]) -> Callable[[int], None]:
    def call(descriptor: int) -> None:
        function(descriptor)
        fault.paths.pop(descriptor, None)

    return call


def _opening_files(fault: Fault, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(file: Any, mode: str = "r", *arguments: Any, **named: Any) -> Any:
        writes = any(letter in mode for letter in "wax+")
        if not writes or (isinstance(file, int) and file not in fault.paths):
            return function(file, mode, *arguments, **named)
        path = fault.paths[file] if isinstance(file, int) else os.path.realpath(os.fspath(file))
        if not isinstance(file, int):
            fault.call("open", path)
        opened = function(file, mode, *arguments, **named)
        if not path.startswith(fault.root):
            return opened
        fault.paths[opened.fileno()] = path
        return CountedFile(opened, path, fault)

    return call
