"""Class folders -> which file belongs to which class, and to training or testing.

Looks at names only: `[top/][train/|test/|val/]CLASS/.../file`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from dmcore.data.listing import ListedFile

ENDINGS = frozenset(
    (
        *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".bmp", ".gif", ".webp"),
        *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm"),
    )
)
TRAINING = frozenset(("train", "training"))
TESTING = ("test", "testing", "val", "valid", "validation")  # the first that is there is the test set


@dataclass(frozen=True)
class LabelledFiles:
    """Image files with their labels; `test` is None where the data have no split of their own."""

    class_names: tuple[str, ...]
    train: tuple[tuple[ListedFile, int], ...]
    test: tuple[tuple[ListedFile, int], ...] | None
    notes: tuple[str, ...]


def label_files(files: Sequence[ListedFile], title: str) -> LabelledFiles:
    """Find the classes and the split.

    Raises:
        ValueError: no images, no class folders, one class only, or a split with a part missing.
    """
    images = [one for one in files if PurePosixPath(one.parts[-1]).suffix.lower() in ENDINGS]
    notes = []
    if len(images) < len(files):
        others = len(files) - len(images)
        notes.append(f"{count_were(others, 'file')} left out because of a name that is not an image's.")
    if not images:
        raise ValueError(f"{title} holds no images: give a folder with one folder of images for each class")
    images, level = _below_single_folders(images)
    tops = {one.parts[level].lower() for one in images if len(one.parts) > level + 1}
    training = tops & TRAINING
    testing = [name for name in TESTING if name in tops]
    if training and (testing or tops == training):
        return _split_arrangement(images, level, testing, title, notes)
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


def _split_arrangement(
    images: list[ListedFile], level: int, testing: list[str], title: str, notes: list[str]
) -> LabelledFiles:
    def part(names: frozenset[str]) -> tuple[dict[str, list[ListedFile]], list[ListedFile]]:
        inside = [one for one in images if len(one.parts) > level + 1 and one.parts[level].lower() in names]
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
    unused = sum(1 for one in images if one.parts[level].lower() not in used)
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
    """How many levels at the top hold one folder only and nothing else (a zip often has one)."""
    level = 0
    while True:
        tops = {one.parts[level] for one in images}
        alone = len(tops) == 1 and all(len(one.parts) > level + 2 for one in images)
        if not alone or next(iter(tops)).lower() in TRAINING.union(TESTING):
            return images, level
        level += 1


def _by_class(
    images: Sequence[ListedFile], level: int
) -> tuple[dict[str, list[ListedFile]], list[ListedFile]]:
    """Images by the folder at `level`, and those that lie in none."""
    by_class: dict[str, list[ListedFile]] = {}
    stray = []
    for one in images:
        if len(one.parts) > level + 1:
            by_class.setdefault(one.parts[level], []).append(one)
        else:
            stray.append(one)
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
        notes.append(f"{count_were(len(stray), 'image')} left out, lying in no class folder.")


def count_were(number: int, noun: str) -> str:
    """A count as the start of a sentence in the passive: "1 file was", "3 files were"."""
    return f"{number} {noun} was" if number == 1 else f"{number} {noun}s were"


def printable_name(name: str) -> str:
    """A folder's name as text that can be stored and shown anywhere; markup stays text."""
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in name
    )
