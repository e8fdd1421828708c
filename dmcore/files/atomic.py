"""Atomic, durable file writes: temporary file, fsync, rename; errors of the disk with a remedy.

A reader never sees half a file, whatever is killed or full. Hand-written because it is ten lines and every
durable file of a run goes through it.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

TEMPORARY = ".tmp"
DAMAGED = ".damaged"
"""Suffix of a damaged file that was set aside: no reader takes notice of it."""
_ELSEWHERE = "choose another folder with --runs-root or DM_RUNS"


class StorageError(ValueError):
    """Writing failed (full disk, permissions); the message says what to do about it."""


@contextmanager
def storage_errors_explained(path: Path, elsewhere: str = _ELSEWHERE) -> Iterator[None]:
    """Context manager that turns an OSError of writing below `path` into a `StorageError` with a remedy.

    Args:
        path: what is written.
        elsewhere: how to choose another place for it.

    Raises:
        StorageError: the disk is full, the folder is read-only or not ours, or another error of the system.
    """
    try:
        yield
    except OSError as error:
        raise StorageError(_message(error, path, elsewhere)) from error


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a file atomically: an existing file stays as it was until the new one is complete.

    Args:
        path: the file to create or replace; its folder exists.
        content: its whole content.
        durable: fsync. Without, the file survives a killed process but perhaps not a power cut.

    Raises:
        StorageError: the disk is full or writing failed; no partial file is left.
    """
    temporary = path.with_name(f".{path.name}{temporary_ending()}")
    with storage_errors_explained(path):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(temporary, path)  # noqa: PTH105 - the one name that tests make fail
        except BaseException:  # also without memory, or at Ctrl-C
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if durable:
            fsync_folder(path.parent)


def temporary_ending() -> str:
    """End of the name of a temporary file of this process: `is_being_written` knows it by it."""
    return f".{os.getpid()}{TEMPORARY}"


def fsync_file(path: Path) -> None:
    """Flush a file to the disk (fsync)."""
    with storage_errors_explained(path), path.open("rb+") as file:
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Flush a folder's entries to the disk (fsync), so that a rename survives a power cut; POSIX only."""
    if os.name != "posix":
        return
    with storage_errors_explained(folder):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def set_aside(file: Path) -> None:
    """Rename a damaged file, so that it is not read again: its bytes may still be of use.

    Where a new file takes its place: `replacing_damaged`.

    Raises:
        StorageError: the folder cannot be written to.
    """
    with storage_errors_explained(file):
        file.rename(_aside(file))
        fsync_folder(file.parent)


@contextmanager
def replacing_damaged(file: Path) -> Iterator[None]:
    """Context manager around the atomic writing of a new file in place of a damaged or missing one.

    The damaged file gets a second name first, so that the place is never empty and no byte is lost; where
    the new one cannot be written, all is as it was.

    Raises:
        StorageError: the folder cannot be written to, or the disk is full.
    """
    aside = _aside(file)
    with storage_errors_explained(file):
        before = file.lstat() if os.path.lexists(file) else None
        if before is not None and stat.S_ISREG(before.st_mode):
            _link_or_copy(file, aside)
        elif before is not None:  # a folder or a link: nothing to be read there meanwhile
            file.rename(aside)
        fsync_folder(file.parent)
    try:
        yield
    except BaseException:
        with suppress(OSError):
            if before is not None and not os.path.lexists(file):
                aside.rename(file)
            elif before is not None and os.path.samestat(before, file.lstat()):
                aside.unlink()
        raise


def _aside(file: Path) -> Path:
    """Free name for a damaged file that is set aside; those from earlier damages stay as they are."""
    target, number = file.with_name(file.name + DAMAGED), 2
    while os.path.lexists(target):
        target, number = file.with_name(f"{file.name}.{number}{DAMAGED}"), number + 1
    return target


def _link_or_copy(file: Path, copy: Path) -> None:
    """Give a file a second name; where the file system has no hard links, copy it."""
    try:
        os.link(file, copy)
    except OSError:
        try:
            shutil.copy2(file, copy)
            fsync_file(copy)
        except BaseException:
            copy.unlink(missing_ok=True)
            raise


def remove_stale_temporaries(folder: Path) -> None:
    """Remove temporary files of processes that were killed while writing. Call with the lock held.

    Files of another running process stay: results are written without the lock.
    """
    for leftover in folder.rglob(f".*{TEMPORARY}"):
        if not is_being_written(leftover):
            leftover.unlink(missing_ok=True)


def is_being_written(temporary: Path) -> bool:
    """Whether the process whose id is in the name of a temporary file is not ours and is running."""
    pid = temporary.name.removesuffix(TEMPORARY).rpartition(".")[2]
    if not pid.isdecimal() or int(pid) == os.getpid():
        return False
    try:
        return psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:  # it exists, but we may not inspect it
        return True


def _message(error: OSError, path: Path, elsewhere: str) -> str:
    folder = path.parent
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"the disk of {folder} is full: free some space, then resume; what was written before is intact"
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{folder} cannot be written to: {elsewhere}, or change its permissions"
    if error.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{path} cannot be created because a file is in the way: {elsewhere}"
    reason = (error.strerror or str(error)).lower()
    return f"{path} could not be written ({reason}): check the disk, or {elsewhere}"
