"""Files that are either whole or not there: temporary file, flush to the disk, rename.

A reader, a kill or a full disk never meets half a file. Hand-written because it is ten lines and every
durable file of a run goes through it. This module knows nothing of what is in the files.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

TEMPORARY = ".tmp"
_ELSEWHERE = "choose another place with --runs-root or DM_RUNS"


class StorageError(ValueError):
    """The disk or the folder refuses; the sentence says what a person can do about it."""


@contextmanager
def storage_errors_explained(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals to write below `path` into a sentence with a remedy.

    Raises:
        StorageError: the disk is full, the folder is read-only or not ours, or the system refused otherwise.
    """
    try:
        yield
    except OSError as refusal:
        raise StorageError(_sentence(refusal, path)) from refusal


def write_atomically(path: Path, content: bytes, *, durable: bool = True) -> None:
    """Write a whole file or none; an existing file stays as it was until the new one is complete.

    Args:
        path: the file to make or to replace; its folder exists.
        content: everything that is to be in it.
        durable: wait until the disk has it. Without, the file survives a kill but perhaps not a power cut.

    Raises:
        StorageError: the disk is full or refuses; nothing half-written is left.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}")
    with storage_errors_explained(path):
        try:
            with temporary.open("wb") as file:
                file.write(content)
                if durable:
                    file.flush()
                    os.fsync(file.fileno())
            os.replace(temporary, path)  # noqa: PTH105 - the one name that tests make fail
        except OSError:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if durable:
            fsync_folder(path.parent)


def fsync_file(path: Path) -> None:
    """Wait until the disk has what was written to this file."""
    with storage_errors_explained(path), path.open("rb+") as file:
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's names, so that a rename survives a power cut (POSIX only)."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_stale_temporaries(folder: Path) -> None:
    """Remove what writers that were killed in the middle of a file left behind. Call with the lock held.

    A file of another process that lives stays: results are written without the lock.
    """
    for leftover in folder.rglob(f".*{TEMPORARY}"):
        if not _is_being_written(leftover):
            leftover.unlink(missing_ok=True)


def _is_being_written(temporary: Path) -> bool:
    """Whether the process whose number is in the name is another one than ours, and lives."""
    number = temporary.name.removesuffix(TEMPORARY).rpartition(".")[2]
    if not number.isdecimal() or int(number) == os.getpid():
        return False
    try:
        return psutil.Process(int(number)).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
    except psutil.Error:  # it is there, and not ours to ask
        return True


def _sentence(refusal: OSError, path: Path) -> str:
    folder = path.parent
    if refusal.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"the disk of {folder} is full: free some space, then resume; what was written before is intact"
        )
    if refusal.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"{folder} cannot be written to: {_ELSEWHERE}, or change its permissions"
    if refusal.errno in (errno.ENOTDIR, errno.EEXIST):
        return f"{path} cannot be made because a file is in the way: {_ELSEWHERE}"
    reason = (refusal.strerror or str(refusal)).lower()
    return f"{path} could not be written ({reason}): check the disk, or {_ELSEWHERE}"
