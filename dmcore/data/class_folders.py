"""Class labels and train/test split of files from their folder names.

Only names are read: `[top/][train/|test/|val/]CLASS/.../file`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dmcore.config.formatting import grouped
from dmcore.data.catalogue import unknown_dataset
from dmcore.data.folder_version import FolderVersion, folder_version
from dmcore.data.listing import ListedFile, open_listing

IMAGE_SUFFIXES = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp"),
        *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
    )
)
TRAINING = frozenset(("train", "training"))
TESTING = ("test", "testing", "val", "valid", "validation")  # the first that exists is the test set
TEST_SHARE = 0.2
"""Of each class, kept for testing where the folders have no split."""
NAMED_CLASSES = 5
"""Classes that a description names."""


@dataclass(frozen=True)
class LabelledFiles:
    """Image files with class labels; `test` is None where the folders have no split."""

    class_names: tuple[str, ...]
    train: tuple[tuple[ListedFile, int], ...]
    test: tuple[tuple[ListedFile, int], ...] | None
    notes: tuple[str, ...]


def label_files(files: Sequence[ListedFile], title: str) -> LabelledFiles:
    """Label image files by their class folders, and split them by train/ and test/ folders.

    Raises:
        ValueError: no images, no class folders, a single class, or a split with a part missing.
    """
    title = f"“{title}”"  # a sentence that begins with it keeps its letters
    images = [file for file in files if PurePosixPath(file.parts[-1]).suffix.lower() in IMAGE_SUFFIXES]
    notes = []
    if len(images) < len(files):
        is_image = {file.parts for file in images}
        others = [file.relative_path for file in files if file.parts not in is_image]
        why = "because of a name that is not an image's"
        notes.append(f"{count_were(len(others), 'file')} left out {why}{_example(others)}.")
    if not images and files:
        kinds = sorted({PurePosixPath(file.parts[-1]).suffix.lower() or "others" for file in files})
        raise ValueError(
            f"{title} holds no images that can be read, but files of another kind ({', '.join(kinds[:3])}): "
            "save the images as JPEG or PNG"
        )
    if not images:
        raise ValueError(f"{title} holds no images: give a folder with one folder of images for each class")
    images, level = _below_single_folders(images)
    tops = {file.parts[level].lower() for file in images if len(file.parts) > level + 1}
    training = tops & TRAINING
    testing = [name for name in TESTING if name in tops]
    if training and (testing or tops == training):
        return _label_split(images, level, testing, title, notes)
    if tops and tops <= set(TESTING):
        raise ValueError(f"{title} has no train/ folder with images: put the training images under train/")
    by_class, stray = _by_class(images, level)
    _refuse_single(by_class, title)
    _note_strays(stray, notes)
    names = sorted(by_class)
    return LabelledFiles(
        tuple(map(printable_name, names)),
        tuple((file, label) for label, name in enumerate(names) for file in by_class[name]),
        None,
        tuple(notes),
    )


def describe_folder(path: str) -> str:
    """Describe a folder or zip of images: how many images of which classes.

    Raises:
        ValueError: nothing that can be learned from, with the remedy.
    """
    return _look_into(path).description


def count_smallest_class(path: str) -> int:
    """Count the training images of the class with the fewest, by the names of the files.

    Raises:
        ValueError: nothing that can be learned from, with the remedy.
    """
    return _look_into(path).smallest_class


class _Content(NamedTuple):
    description: str
    smallest_class: int


def _look_into(path: str) -> _Content:
    try:
        location = Path(path).expanduser()
        if not location.exists():
            raise ValueError(unknown_dataset(path))
        return _read_names(location, folder_version(path))
    except (OSError, RuntimeError) as refusal:
        reason = getattr(refusal, "strerror", None) or refusal
        raise ValueError(f"{path} cannot be read ({reason}): check it and its permissions") from refusal


@lru_cache(maxsize=8)
def _read_names(location: Path, _version: FolderVersion) -> _Content:
    with open_listing(location) as files:
        labelled = label_files(files, location.name)
    names = labelled.class_names
    first = ", ".join(names[:NAMED_CLASSES]) + (" …" if len(names) > NAMED_CLASSES else "")
    split = "" if labelled.test is None else f" and {grouped(len(labelled.test))} test images"
    smallest = min(Counter(label for _, label in labelled.train).values())
    if labelled.test is None:
        smallest -= max(1, round(TEST_SHARE * smallest))
    return _Content(
        f"{grouped(len(labelled.train))} images{split} of {len(names)} classes: {first}.", smallest
    )


def _label_split(
    images: list[ListedFile], level: int, testing: list[str], title: str, notes: list[str]
) -> LabelledFiles:
    def part(names: frozenset[str]) -> tuple[dict[str, list[ListedFile]], list[ListedFile]]:
        inside = [
            file for file in images if len(file.parts) > level + 1 and file.parts[level].lower() in names
        ]
        return _by_class(inside, level + 1)

    train, stray = part(TRAINING)
    test, stray_test = part(frozenset(testing[:1]))
    if not test:
        raise ValueError(
            f"{title} has a train/ folder but no test images: add class folders under test/ or val/, "
            "or take the train/ level away to have one image in five kept for testing"
        )
    _refuse_single(train, title)
    unknown = sorted(set(test) - set(train))
    if unknown:
        raise ValueError(
            f"{title} has no training images of {', '.join(map(repr, unknown[:3]))}, "
            f"found under {testing[0]}/: give train/ and {testing[0]}/ the same class folders"
        )
    _note_strays([*stray, *stray_test], notes)
    used = TRAINING | {testing[0]}
    unused = sum(1 for file in images if file.parts[level].lower() not in used)
    if unused:
        notes.append(f"{count_were(unused, 'image')} left out, outside train/ and {testing[0]}/.")
    untested = sorted(set(train) - set(test))
    if untested:
        notes.append(
            f"{len(untested)} of {len(train)} classes have no test images: {', '.join(untested[:3])}."
        )
    names = sorted(train)
    return LabelledFiles(
        tuple(map(printable_name, names)),
        tuple((file, label) for label, name in enumerate(names) for file in train[name]),
        tuple((file, label) for label, name in enumerate(names) for file in test.get(name, ())),
        tuple(notes),
    )


def _below_single_folders(images: list[ListedFile]) -> tuple[list[ListedFile], int]:
    """Number of levels at the top that hold a single folder and nothing else (a zip often has one)."""
    level = 0
    while True:
        tops = {file.parts[level] for file in images}
        single = len(tops) == 1 and all(len(file.parts) > level + 2 for file in images)
        if not single or next(iter(tops)).lower() in TRAINING.union(TESTING):
            return images, level
        level += 1


def _by_class(
    images: Sequence[ListedFile], level: int
) -> tuple[dict[str, list[ListedFile]], list[ListedFile]]:
    """Group images by the folder at `level`; and the images outside any folder."""
    by_class: dict[str, list[ListedFile]] = {}
    stray = []
    for file in images:
        if len(file.parts) > level + 1:
            by_class.setdefault(file.parts[level], []).append(file)
        else:
            stray.append(file)
    return by_class, stray


def _refuse_single(by_class: dict[str, list[ListedFile]], title: str) -> None:
    if not by_class:
        raise ValueError(
            f"{title} has no class folders: put the images of each class in a folder named after it"
        )
    if len(by_class) == 1:
        raise ValueError(
            f"{title} has one class only ({printable_name(next(iter(by_class)))!r}): "
            "give at least two class folders with images"
        )


def _note_strays(stray: Sequence[ListedFile], notes: list[str]) -> None:
    if stray:
        example = _example([file.relative_path for file in stray])
        notes.append(f"{count_were(len(stray), 'image')} left out, lying in no class folder{example}.")


def _example(names: Sequence[str]) -> str:
    """End of a sentence that names one of several files, or the only one."""
    return f"{': ' if len(names) == 1 else ', like '}{printable_name(names[0])}"


def count_were(number: int, noun: str) -> str:
    """Start of a sentence in the passive with a count: "1 file was", "3 files were"."""
    return f"{number} {noun} was" if number == 1 else f"{number} {noun}s were"


def printable_name(name: str) -> str:
    """Folder name with unprintable characters replaced, safe to store and show."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name
    )
