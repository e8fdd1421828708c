"""Store of uploaded image folders and zips: copied once to the disk of this machine, where runs find them.

A copy lies in a folder named by its content, so that the same upload is one data set, and a run that is
resumed meets the images it began with. Guards of what is read are those of every folder and zip.
"""

import hashlib
import os
import shutil
import tempfile
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.data.folders import data_root
from dmcore.data import limits
from dmcore.data.class_folders import describe_folder
from dmcore.data.labels.class_names import printable_name
from dmcore.files.atomic import storage_errors_explained

FOLDER = "uploads"
MOST_BYTES = 4 << 30
"""Of all files of an upload: the server holds them in memory until they are stored."""
DIGITS = 12
"""Hexadecimal digits of the content's SHA-256 that name its folder."""
LONGEST_NAME = 255
"""Bytes of a file's name that every file system takes."""
NOT_IN_NAMES = {"Cc", "Cs"}
"""Unicode categories of what cannot be shown: control characters and halves of characters."""
ABANDONED_SECONDS = 24 * 3600
"""After so long what is half written was left by a process that was killed."""
_INCOMING = ".incoming-"


@dataclass(frozen=True)
class UploadedFile:
    """File as a browser sent it."""

    name: str
    """Its path from the folder that was uploaded on, with slashes; of a single file its name."""
    content: memoryview


def uploads_root() -> Path:
    """Folder of all copies."""
    return data_root() / FOLDER


def store_upload(files: Sequence[UploadedFile]) -> Path:
    """Copy an uploaded zip, or the files of an uploaded folder, to disk; returns the path to read them at.

    Args:
        files: one file, or all files of a folder, whose paths begin with its name.

    Raises:
        ValueError: nothing was uploaded, too much, what is no data set, or a name that cannot be a file's
            here; with the remedy. Nothing is left of it then.
        StorageError: the disk is full or writing failed; nothing is left of it then.
    """
    if not files:
        raise ValueError("the folder is empty: upload one with a folder of images for each class")
    if sum(len(file.content) for file in files) > MOST_BYTES:
        most = f"{MOST_BYTES >> 30} GiB"
        raise ValueError(
            f"these are more than {most}: copy them to this machine, and give their path instead"
        )
    paths = [_checked_path(file.name) for file in files]
    names = Counter(str(path).casefold() for path in paths)
    name, count = names.most_common(1)[0]
    if count > 1:
        raise ValueError(f"two files are called {name}, but for the case of letters: rename one of them")
    title = paths[0].parts[0]
    if len(files) > 1 and ({path.parts[0] for path in paths} != {title} or min(map(_depth, paths)) < 2):
        raise ValueError(
            "these files come from no single folder: upload the folder that holds them, or a zip"
        )
    digest = _digest(zip(paths, files, strict=True))
    folder = uploads_root() / digest
    content = list(zip(paths, files, strict=True))
    if not _is_stored(folder, content):
        with storage_errors_explained(folder, f"set DM_DATA to another folder than {data_root()}"):
            _write(folder, content)
    return folder / title


def _is_stored(folder: Path, files: Sequence[tuple[PurePosixPath, UploadedFile]]) -> bool:
    """Whether a folder has all files, in their sizes; what is there was complete when it was renamed."""
    try:
        return all((folder / path).stat().st_size == len(file.content) for path, file in files)
    except OSError:
        return False


def _write(folder: Path, files: Sequence[tuple[PurePosixPath, UploadedFile]]) -> None:
    """Write files into a folder, which is there at once and complete, or not at all.

    Raises:
        ValueError: they are no data set.
        OSError: the disk is full or refuses.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(folder.parent)
    incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=folder.parent))
    try:
        for path, file in files:
            target = incoming / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with target.open("xb") as written:
                written.write(file.content)
        describe_folder(str(incoming / files[0][0].parts[0]))
        if folder.exists():  # a copy that has lost files
            shutil.rmtree(folder)
        try:
            os.replace(incoming, folder)  # noqa: PTH105 - the one name that tests make fail
        except OSError:
            if not _is_stored(folder, files):  # another session was quicker with the same files
                raise
    finally:
        shutil.rmtree(incoming, ignore_errors=True)  # gone already where all went well


def _remove_abandoned(folder: Path) -> None:
    """Remove what a process left half written."""
    for incoming in folder.glob(f"{_INCOMING}*"):
        with suppress(OSError):
            if time.time() - incoming.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(incoming, ignore_errors=True)


def _checked_path(name: str) -> PurePosixPath:
    """Path of an uploaded file below its folder.

    Raises:
        ValueError: it leads elsewhere, is too deep or too long, or no text.
    """
    parts = name.split("/")
    shown = printable_name(name)[:80]
    unshown = any(unicodedata.category(character) in NOT_IN_NAMES for character in name)
    if unshown or any(part in ("", ".", "..") or set(part) & {"\\", ":"} for part in parts):
        raise ValueError(f"the name {shown!r} cannot be stored: rename the file, or upload a zip")
    if len(parts) > limits.MOST_DEPTH or any(len(part.encode()) > LONGEST_NAME for part in parts):
        raise ValueError(f"the name {shown!r}… is too long or too deep: shorten it, or upload a zip")
    return PurePosixPath(*parts)


def _depth(path: PurePosixPath) -> int:
    return len(path.parts)


def _digest(files: Iterable[tuple[PurePosixPath, UploadedFile]]) -> str:
    """Hash of all names and contents, in no particular order."""
    whole = hashlib.sha256()
    for path, file in sorted(files, key=lambda each: each[0]):
        whole.update(f"{path}\n{len(file.content)}\n".encode())
        whole.update(file.content)
    return whole.hexdigest()[:DIGITS]
