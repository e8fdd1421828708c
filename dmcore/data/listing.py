"""List and read the files of a folder or zip archive safely, without unpacking to disk.

A zip may be hostile: paths, links, declared sizes and the compression ratio (zip bombs) are checked before a
byte is unpacked, and every file is read into memory under a limit.
"""

import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOST_FILES = 1_500_000  # ImageNet-1K has 1.3 million
MOST_FILE_BYTES = 256 << 20
MOST_TOTAL_BYTES = 200 << 30
MOST_RATIO = 300  # images hardly shrink in a zip; deflate can reach 1032
RATIO_MATTERS_FROM_BYTES = 64 << 20


@dataclass(frozen=True)
class ListedFile:
    """File of a folder or archive: its relative path, and how to read it."""

    parts: tuple[str, ...]
    """Components of its path below the top."""
    read: Callable[[], bytes]
    """Returns its content; raises ValueError where it cannot be read."""

    @property
    def relative_path(self) -> str:
        """Path below the top, with slashes."""
        return "/".join(self.parts)


@contextmanager
def open_listing(path: Path) -> Iterator[list[ListedFile]]:
    """Open a folder or zip and list its files, sorted by path; hidden ones are left out.

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


def _list_folder(top: Path) -> list[ListedFile]:
    files = []
    for folder, parts in _folders(top, ()):
        for file in folder.iterdir():
            if not file.name.startswith(".") and file.is_file():
                files.append(ListedFile((*parts, file.name), _reader(file)))
        if len(files) > MOST_FILES:
            raise ValueError(f"{top} holds more than {MOST_FILES} files: give the folder of the images only")
    return sorted(files, key=lambda file: file.parts)


def _folders(folder: Path, parts: tuple[str, ...]) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Walk a folder; class folders may be symlinks, deeper ones are skipped (they may form cycles)."""
    yield folder, parts
    for inner in folder.iterdir():
        if not inner.name.startswith(".") and inner.is_dir() and (len(parts) < 2 or not inner.is_symlink()):
            yield from _folders(inner, (*parts, inner.name))


def _reader(file: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        if file.stat().st_size > MOST_FILE_BYTES:
            raise ValueError(f"{file} is larger than {MOST_FILE_BYTES >> 20} MB: shrink it or take it out")
        return file.read_bytes()

    return read


def _list_zip(archive: zipfile.ZipFile, path: Path) -> list[ListedFile]:
    members = archive.infolist()
    if len(members) > MOST_FILES:
        raise ValueError(f"{path.name} holds more than {MOST_FILES} files: unpack it and give the folder")
    for member in members:
        _refuse_unsafe(member, path)
    _refuse_bomb(members, path)
    files = [
        ListedFile(parts, _zip_reader(archive, member, path))
        for member, parts in ((member, PurePosixPath(member.filename).parts) for member in members)
        if not member.is_dir() and not any(part.startswith((".", "__MACOSX")) for part in parts)
    ]
    return sorted(files, key=lambda file: file.parts)


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
    total = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    too_tight = total > RATIO_MATTERS_FROM_BYTES and total > MOST_RATIO * packed
    if total > MOST_TOTAL_BYTES or too_tight:
        raise ValueError(
            f"{path.name} would unpack from {packed / 1e6:.1f} MB to {total / 1e6:.0f} MB, "
            "more than images do: unpack it yourself if you trust it, and give the folder"
        )
    largest = max(members, key=lambda member: member.file_size, default=None)
    if largest is not None and largest.file_size > MOST_FILE_BYTES:
        raise ValueError(
            f"{largest.filename!r} in {path.name} is larger than {MOST_FILE_BYTES >> 20} MB: "
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
