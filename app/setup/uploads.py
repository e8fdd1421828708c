"""Store of uploaded image folders and zips: copied once to the disk of this machine, where runs find them.

A copy lies in a folder named by its content, so that the same upload is one data set, and a run that is
resumed meets the images it began with. Guards of what is read are those of every folder and zip.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from app.data.folders import data_root
from dmcore.data import limits
from dmcore.data.labels.class_names import printable_name
from dmcore.files.atomic import storage_errors_explained

FOLDER = "uploads"
DIGITS = 12
"""Hexadecimal digits of the content's SHA-256 that name its folder."""
LONGEST_NAME = 255
"""Bytes of a file's name that every file system takes."""
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
        ValueError: nothing was uploaded, or a name that cannot be a file's here; with the remedy.
        StorageError: the disk is full or writing failed; nothing is left of it then.
    """
    if not files:
        raise ValueError("the folder is empty: upload one with a folder of images for each class")
    paths = [_checked_path(file.name) for file in files]
    title = paths[0].parts[0]
    if len(files) > 1 and ({path.parts[0] for path in paths} != {title} or min(map(_depth, paths)) < 2):
        raise ValueError(
            "these files come from no single folder: upload the folder that holds them, or a zip"
        )
    digest = _digest(zip(paths, files, strict=True))
    folder = uploads_root() / digest
    if not (folder / title).exists():
        with storage_errors_explained(folder):
            _write(folder, list(zip(paths, files, strict=True)))
    return folder / title


def is_upload(path: str) -> bool:
    """Whether a path is a copy of an upload."""
    return uploads_root() in Path(path).parents


def _write(folder: Path, files: Sequence[tuple[PurePosixPath, UploadedFile]]) -> None:
    """Write files into a folder, which is there at once and complete, or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    incoming = Path(tempfile.mkdtemp(prefix=_INCOMING, dir=folder.parent))
    try:
        for path, file in files:
            target = incoming / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.content)
        with suppress(FileExistsError):
            os.replace(incoming, folder)  # noqa: PTH105 - the one name that tests make fail
    finally:
        shutil.rmtree(incoming, ignore_errors=True)  # gone already where all went well


def _checked_path(name: str) -> PurePosixPath:
    """Path of an uploaded file below its folder.

    Raises:
        ValueError: it leads elsewhere, is too deep or too long, or no text.
    """
    parts = name.split("/")
    shown = printable_name(name)[:80]
    if any(part in ("", ".", "..") or "\\" in part for part in parts) or printable_name(name) != name:
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
