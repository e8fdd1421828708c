"""Where a condensed set lies: a file, a pair of files, a folder, or a zip of any of these."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from dmcore.data import limits
from dmcore.data.labels.class_names import printable_name
from dmcore.data.listing import IMAGE_SUFFIXES, ListedFile, open_listing
from dmcore.runs.formats.array_files import read_npz, read_safetensors, sidecar_file
from dmcore.runs.formats.image_files import read_image_set
from dmcore.runs.formats.pt_file import read_pt, read_pt_pairs
from dmcore.runs.formats.published.paired_files import names_of_pairs
from dmcore.runs.formats.published.tensors import unused
from dmcore.runs.formats.set_metadata import METADATA_FILE, UncheckedSet
from dmcore.runs.formats.tensor_checks import check_bytes

READERS: dict[str, Callable[[Path], list[UncheckedSet]]] = {
    ".npz": read_npz,
    ".safetensors": read_safetensors,
    ".pt": read_pt,
    ".pth": read_pt,
}


@contextmanager
def open_sets(path: Path) -> Iterator[list[UncheckedSet]]:
    """Open the sets at a path; large values may not be in memory yet, and are there until it is closed.

    Raises:
        ValueError: nothing there, no condensed set, damaged, or too large.
    """
    if not path.exists():
        raise ValueError(f"there is nothing at {path}: check the path")
    if printable_name(str(path)) != str(path):
        raise ValueError(f"the path {printable_name(str(path))} holds bytes that are no text: rename it")
    with TemporaryDirectory(prefix="dmcore-import-", ignore_cleanup_errors=True) as unpacked:
        try:
            sets = _read(path, Path(unpacked))
        except OSError as error:
            raise ValueError(
                f"{path} cannot be read ({error.strerror or error}): check that you may read it"
            ) from error
        yield sets


def _read(path: Path, unpacked: Path) -> list[UncheckedSet]:
    if path.is_dir():
        return _read_folder(path)
    suffix = path.suffix.lower()
    if suffix == ".zip":
        left_out = _unpack(path, unpacked)
        return read_image_set(path) if left_out is None else _noting(_read_folder(unpacked), left_out)
    if suffix not in READERS or not path.is_file():
        raise ValueError(
            f"{path.name} is no condensed set: give {', '.join(READERS)}, a folder of image files, or a .zip "
            "of one of these"
        )
    return READERS[suffix](path)


def _read_folder(folder: Path) -> list[UncheckedSet]:
    """Read the pairs of files in a folder, its only file of a set, or its pictures.

    Raises:
        ValueError: several of these.
    """
    with open_listing(folder) as listed:
        files = [file for file in listed if len(file.parts) == 1 and file.suffix in READERS]
        _refuse_pictures_beside(files, listed, folder.name)
        present = [file.relative_path for file in listed]
    if not files:
        return read_image_set(folder)
    if pairs := read_pt_pairs(folder):
        return _noting(pairs, unused(present, METADATA_FILE, *names_of_pairs(folder)))
    if len(files) > 1:
        raise ValueError(
            f"{folder.name} has several files of sets, {printable_name(files[0].parts[-1])} and "
            f"{printable_name(files[1].parts[-1])}: give one of them"
        )
    file = folder / files[0].parts[-1]
    sets = READERS[files[0].suffix](file)
    return _noting(sets, unused(present, METADATA_FILE, file.name, sidecar_file(file).name))


def _refuse_pictures_beside(files: Sequence[ListedFile], listed: Sequence[ListedFile], source: str) -> None:
    """Refuse pictures beside files of sets: either may be meant. One picture is no set, but a view of one."""
    pictures = [file for file in listed if file.suffix in IMAGE_SUFFIXES]
    if files and len(pictures) > 1:
        raise ValueError(
            f"{source} has the file {printable_name(files[0].relative_path)} and {len(pictures):,} pictures, "
            f"such as {printable_name(pictures[0].relative_path)}: give one of them, the file or a folder of "
            "the pictures alone"
        )


def _noting(sets: Sequence[UncheckedSet], sentences: Sequence[str]) -> list[UncheckedSet]:
    return [replace(each, notes=(*each.notes, *sentences)) for each in sets]


def _unpack(path: Path, unpacked: Path) -> tuple[str, ...] | None:
    """Unpack the files of sets in a zip; None where there are only other files.

    Returns:
        A sentence on the other files.

    Raises:
        ValueError: unsafe, damaged or too large, or such files in several folders.
    """
    _refuse_large_members(path)
    with open_listing(path) as listed:
        files = [file for file in listed if file.suffix in READERS and file.parts[-1][0] != "."]
        folders = {file.parts[:-1] for file in files}
        if not files:
            return None
        _refuse_pictures_beside(files, listed, path.name)
        if len(folders) > 1:
            raise ValueError(
                f"{path.name} has files of sets in several folders, {files[0].relative_path} and "
                f"{files[-1].relative_path}: unpack it and give one of them"
            )
        total, of_set = 0, (*files, *_metadata(listed, folders))
        for file in of_set:
            content = file.read()
            total += len(content)
            check_bytes(total, path.name)
            (unpacked / file.parts[-1]).write_bytes(content)
        names = [file.relative_path for file in of_set]
        return unused((file.relative_path for file in listed), *names)


def _refuse_large_members(path: Path) -> None:
    """Refuse files of sets in a zip that are larger than what is unpacked.

    Raises:
        ValueError: there is one; `open_listing` says so of other files.
    """
    if not zipfile.is_zipfile(path):
        return
    with suppress(zipfile.BadZipFile, NotImplementedError), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            is_set = PurePosixPath(member.filename).suffix.lower() in READERS
            if is_set and member.file_size > limits.MOST_FILE_BYTES:
                raise ValueError(
                    f"{printable_name(member.filename)} in {path.name} is larger than "
                    f"{limits.MOST_FILE_BYTES >> 20} MB, the most of a file in a zip: unpack it and give the "
                    "file"
                )


def _metadata(listed: list[ListedFile], folders: set[tuple[str, ...]]) -> list[ListedFile]:
    """Files of metadata that lie beside those of sets."""
    return [file for file in listed if file.parts[-1].endswith(METADATA_FILE) and file.parts[:-1] in folders]
