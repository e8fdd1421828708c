"""List and read the files of a folder or zip archive safely, without unpacking to disk.

A zip may be hostile: paths, links, declared sizes and the compression ratio (zip bombs) are checked before a
byte is unpacked, and every file is read into memory under a limit.
"""

import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from dmcore.data import limits

IMAGE_SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp"),
        *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
    )
)
"""Endings of the names of image files, in lower case."""
SYSTEM_NAMES = frozenset(
    (
        *("__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin"),
        *("system volume information", "@eadir", "lost+found"),
    )
)
"""Files and folders that operating systems leave among a user's own, in lower case."""


@dataclass(frozen=True)
class ListedFile:
    """File of a folder or archive: its relative path, and how to read it."""

    parts: tuple[str, ...]
    """Components of its path below the top."""
    read: Callable[[], bytes]
    """Returns its content; raises ValueError where it cannot be read."""
    path: Path | None = None
    """Where it lies on disk; None for a file of an archive."""

    @property
    def relative_path(self) -> str:
        """Path below the top, with slashes."""
        return "/".join(self.parts)

    @property
    def suffix(self) -> str:
        """Ending of its name, in lower case: ".png"."""
        stem, point, ending = self.parts[-1].rpartition(".")
        return f".{ending.lower()}" if stem and point and ending else ""


class Listing(list[ListedFile]):
    """Files of a folder or archive, sorted by path."""

    def __init__(self, files: Iterable[ListedFile], folders: Iterable[tuple[str, ...]]) -> None:
        super().__init__(sorted(files, key=lambda file: file.parts))
        self.folders = frozenset(folders)
        """Folders that are entered, by the components of their paths; those without files, too."""


@contextmanager
def open_listing(path: Path) -> Iterator[Listing]:
    """Open a folder or zip and list its files, sorted by path; hidden and system ones are left out.

    Raises:
        ValueError: neither folder nor zip, or a zip that is damaged, encrypted, unsafe or far too large.
    """
    if path.is_dir():
        yield _list_folder(path)
        return
    if not zipfile.is_zipfile(path):
        raise ValueError(
            f"{path.name} is neither a folder nor a zip (or the zip is damaged): "
            "give an image folder or a zip of one"
        )
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise ValueError(f"{path.name} is a damaged zip ({error}): make or download it again") from error
    with archive:
        yield _list_zip(archive, path)


def _list_folder(top: Path) -> Listing:
    """Files below a folder, in the folders that are entered."""
    files: list[ListedFile] = []
    folders: list[tuple[str, ...]] = []
    unvisited: list[tuple[Path, tuple[str, ...]]] = [(top, ())]
    number = 0
    while unvisited:
        folder, parts = unvisited.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                number += 1
                inner = (*parts, entry.name)
                _refuse_too_many(number, inner, top.name)
                if _is_system_name(entry.name):
                    continue
                if entry.is_file():
                    files.append(ListedFile(inner, file_reader(Path(entry.path)), Path(entry.path)))
                elif is_entered(entry, len(parts)):
                    unvisited.append((Path(entry.path), inner))
                    folders.append(inner)
    return Listing(files, folders)


def is_entered(entry: "os.DirEntry[str]", depth: int) -> bool:
    """Whether images are looked for in an entry of a folder, `depth` folders below the top.

    Class folders may be symlinks, deeper ones are skipped: they may form cycles.
    """
    return not _is_system_name(entry.name) and entry.is_dir() and (depth < 2 or not entry.is_symlink())


def _is_system_name(name: str) -> bool:
    """Whether a file or folder is hidden or of an operating system: no image, no class."""
    return name.startswith(".") or name.lower() in SYSTEM_NAMES


def _refuse_too_many(number: int, parts: Sequence[str], name: str) -> None:
    if number > limits.MOST_FILES:
        raise ValueError(
            f"{name} holds more than {limits.MOST_FILES:,} files and folders: "
            "give the folder of the images only"
        )
    if len(parts) > limits.MOST_DEPTH + 1:
        raise ValueError(
            f"{name} has more than {limits.MOST_DEPTH} folders inside each other "
            f"({'/'.join(parts)[:40]}…): give the folder with the class folders"
        )


def file_reader(file: Path) -> Callable[[], bytes]:
    """Reads a file on disk, of limited size."""

    def read() -> bytes:
        if file.stat().st_size > limits.MOST_FILE_BYTES:
            raise ValueError(
                f"{file} is larger than {limits.MOST_FILE_BYTES >> 20} MB: shrink it or take it out"
            )
        return file.read_bytes()

    return read


def _list_zip(archive: zipfile.ZipFile, path: Path) -> Listing:
    members = archive.infolist()
    for number, member in enumerate(members, start=1):
        _refuse_too_many(number, PurePosixPath(member.filename).parts, path.name)
        _refuse_unsafe(member, path)
    _refuse_bomb(members, path)
    listed = [
        (member, parts)
        for member, parts in ((member, PurePosixPath(member.filename).parts) for member in members)
        if parts and not any(map(_is_system_name, parts))
    ]
    return Listing(
        (
            ListedFile(parts, _zip_reader(archive, member, path))
            for member, parts in listed
            if not member.is_dir()
        ),
        (parts[:depth] for member, parts in listed for depth in range(1, len(parts) + member.is_dir())),
    )


def _refuse_unsafe(member: zipfile.ZipInfo, path: Path) -> None:
    name = member.filename
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or name.startswith(("/", "\\")) or (len(parts[0]) == 2 and parts[0][1] == ":"):
        raise ValueError(
            f"{path.name} names a file outside itself ({name!r}): zip the folder of the images again"
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        raise ValueError(f"{path.name} contains a link ({name!r}): zip the images themselves")
    if member.flag_bits & 1:
        raise ValueError(f"{path.name} is encrypted: unpack it and give the folder")


def _refuse_bomb(members: list[zipfile.ZipInfo], path: Path) -> None:
    limits.check_ratio(
        path.name,
        sum(member.compress_size for member in members),
        sum(member.file_size for member in members),
        "unpack it yourself if you trust it, and give the folder",
    )
    largest = max(members, key=lambda member: member.file_size, default=None)
    if largest is not None and largest.file_size > limits.MOST_FILE_BYTES:
        raise ValueError(
            f"{largest.filename!r} in {path.name} is larger than {limits.MOST_FILE_BYTES >> 20} MB: "
            "shrink it or take it out"
        )


def _zip_reader(archive: zipfile.ZipFile, member: zipfile.ZipInfo, path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            return archive.read(member)  # never more than the declared size, which is below the limit
        except (
            *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
            *(NotImplementedError, RuntimeError, ValueError),
        ) as error:
            raise ValueError(
                f"{member.filename!r} in {path.name} cannot be unpacked ({error}): "
                "make or download the zip again"
            ) from error

    return read
