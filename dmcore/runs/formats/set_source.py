"""Where a condensed set lies: a file, a pair of files, a folder, or a zip of any of these."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dmcore.data.labels.class_names import printable_name
from dmcore.data.listing import ListedFile, open_listing
from dmcore.runs.formats.array_files import read_npz, read_safetensors
from dmcore.runs.formats.image_files import read_image_set
from dmcore.runs.formats.pt_file import read_pt, read_pt_pairs
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
        top = _unpack(path, unpacked)
        return read_image_set(path) if top is None else _read_folder(top)
    if suffix not in READERS or not path.is_file():
        raise ValueError(
            f"{path.name} is no condensed set: give {', '.join(READERS)}, a folder of image files, or a .zip "
            "of one of these"
        )
    return READERS[suffix](path)


def _read_folder(folder: Path) -> list[UncheckedSet]:
    """Read the pairs of files in a folder, its only file of a set, or its pictures."""
    if pairs := read_pt_pairs(folder):
        return pairs
    files = [file for file in sorted(folder.iterdir()) if file.suffix.lower() in READERS and file.is_file()]
    if len(files) > 1:
        raise ValueError(
            f"{folder.name} has several files of sets, {printable_name(files[0].name)} and "
            f"{printable_name(files[1].name)}: give one of them"
        )
    return READERS[files[0].suffix.lower()](files[0]) if files else read_image_set(folder)


def _unpack(path: Path, unpacked: Path) -> Path | None:
    """Unpack the files of sets in a zip and return their folder; None where there are only other files.

    Raises:
        ValueError: unsafe, damaged or too large, or such files in several folders.
    """
    with open_listing(path) as listed:
        files = [file for file in listed if file.suffix in READERS and file.parts[-1][0] != "."]
        folders = {file.parts[:-1] for file in files}
        if not files:
            return None
        if len(folders) > 1:
            raise ValueError(
                f"{path.name} has files of sets in several folders, {files[0].relative_path} and "
                f"{files[-1].relative_path}: unpack it and give one of them"
            )
        total = 0
        for file in (*files, *_metadata(listed, folders)):
            content = file.read()
            total += len(content)
            check_bytes(total, path.name)
            (unpacked / file.parts[-1]).write_bytes(content)
    return unpacked


def _metadata(listed: list[ListedFile], folders: set[tuple[str, ...]]) -> list[ListedFile]:
    """Files of metadata that lie beside those of sets."""
    return [file for file in listed if file.parts[-1].endswith(METADATA_FILE) and file.parts[:-1] in folders]
