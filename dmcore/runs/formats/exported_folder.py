"""Folder of an exported set: written as a whole or not at all, with names that every system takes."""

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

from dmcore.data.labels.class_names import in_natural_order
from dmcore.files.atomic import storage_errors_explained
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.set_metadata import METADATA_FILE, write_metadata

LONGEST_SLUG = 40
_SPLIT_WORD = re.compile(
    r"(?<![^-._ 0-9])(train|training|validation|valid|dev|val|test|testing|eval|evaluation)(?![^-._ 0-9])"
)
"""What Hugging Face's `datasets` takes for the name of a split, wherever it stands alone in a file's path."""
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]", re.IGNORECASE)
"""No names of files on Windows."""


def write_folder(
    folder: Path, condensed: CondensedSet, about: str, save: Callable[[Path], None]
) -> list[Path]:
    """Write a folder atomically, under a temporary name first: what `save` writes, and the normalisation.

    Args:
        folder: the folder, which must not exist yet.
        condensed: the set.
        about: a sentence on what the files lose, written beside the normalisation.
        save: writes the files into the folder that it is given.

    Raises:
        ValueError: the folder exists already.
        StorageError: the disk is full or refuses.
    """
    if folder.exists():
        raise ValueError(f"{folder} exists already: delete it, or choose another destination")
    with (
        storage_errors_explained(folder),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as temporary,
    ):
        unfinished = Path(temporary) / folder.name
        unfinished.mkdir()
        save(unfinished)
        write_metadata(unfinished / METADATA_FILE, condensed, about)
        shutil.move(unfinished, folder)
    return [folder]


def class_folders(class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the folders of the classes, in the order of the labels when sorted.

    The classes' own where all can be file names on every system and are sorted, however numbers in them are
    sorted, so that programs that read the folder have them exactly; else those of `class_slug`.
    """
    distinct = len({name.casefold() for name in class_names}) == len(class_names)
    in_order = sorted(class_names) == in_natural_order(class_names) == list(class_names)
    if distinct and in_order and all(map(_is_file_name, class_names)):
        return class_names
    return tuple(class_slug(class_names, label) for label in range(len(class_names)))


def _is_file_name(name: str) -> bool:
    """Whether a class's name names a folder on every system, and no split for another program."""
    usual = all(unicodedata.category(char)[0] in "LMN" or char in " _-+&'" for char in name)
    ends = name[:1].isalnum() and not name.endswith(" ")
    short = len(name) <= LONGEST_SLUG and unicodedata.is_normalized("NFC", name)
    return usual and ends and short and not _RESERVED.fullmatch(name) and not _SPLIT_WORD.search(name)


def class_slug(class_names: tuple[str, ...], label: int) -> str:
    """Name of a class for files, valid on every system, that begins with its label: `03-Dress`, `7-(train)`.

    Sorted names are in the order of the labels, and equal ones differ. Of the class's name its letters and
    digits are kept. Words that name a split for other programs are put in brackets.
    """
    digits = len(str(len(class_names) - 1))
    name = unicodedata.normalize("NFC", class_names[label])
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in name)  # letters with marks
    slug = "-".join("".join(kept).split())[:LONGEST_SLUG].strip("-")
    return f"{label:0{digits}d}-" + (_SPLIT_WORD.sub(r"(\1)", slug) or "class")
