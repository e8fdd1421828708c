"""Names that tell which part of a data set lies in a folder or stands in a table: train, test_set, seg_val.

Words are compared, not letters: folders called "trains" or "latest" are classes.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

TRAINING = ("train", "training")
_CERTAIN = ("test", "testing", "val", "valid", "validation")
TESTING = (*_CERTAIN, "eval", "evaluation", "dev", "development")
"""The first that has labels is the test set."""
PARTS = frozenset((*TRAINING, *_CERTAIN))
"""Names that are never those of a folder around a whole data set."""
UNLABELLED = ("pred", "prediction", "predictions", "unlabeled", "unlabelled")
_ALL = (*TRAINING, *TESTING, *UNLABELLED)
_FILLERS = frozenset(
    (
        *("set", "sets", "subset", "data", "dataset", "datasets", "split", "part", "seg", "batch"),
        *("image", "images", "img", "imgs", "picture", "pictures", "pic", "pics", "photo", "photos"),
        *("folder", "dir", "file", "files", "sample", "samples", "jpg", "jpeg", "jpgs", "png", "pngs"),
        *("labeled", "labelled"),
    )
)
"""Words that only say that a folder holds data."""
PART_WORDS = _FILLERS.union(_ALL)
"""Words that tell which part of a data set something is, and that it holds data."""
_GLUED = re.compile(rf"({'|'.join(_ALL)})({'|'.join(sorted(_FILLERS))})")
_WORD = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class SplitName(NamedTuple):
    """Part of a data set that a name stands for."""

    word: str
    """Of TRAINING, TESTING or UNLABELLED."""
    rest: tuple[str, ...]
    """Its other words, with an empty one in the place of `word`; () where all of them are fillers."""


def split_name(name: str) -> SplitName | None:
    """Part of a data set that the name of a folder or table stands for; None for any other name."""
    words = _words(name)
    positions = [index for index, word in enumerate(words) if word in _ALL]
    if len(positions) != 1:
        return None
    (position,) = positions
    others = [*words[:position], *words[position + 1 :]]
    if _FILLERS.issuperset(others):
        return SplitName(words[position], ())
    return SplitName(words[position], (*words[:position], "", *words[position + 1 :]))


def is_wrapper(inner: str, outer: str = "") -> bool:
    """Whether a folder that lies alone in another adds nothing: train_set/train_set/, train/images/."""
    inner_name, outer_name = split_name(inner), split_name(outer)
    same_part = inner_name is not None and outer_name is not None and inner_name.word == outer_name.word
    words = _words(inner)
    return inner.lower() == outer.lower() or same_part or (bool(words) and _FILLERS.issuperset(words))


def are_numbered(folders: Collection[str]) -> bool:
    """Whether folders only hold so many images each: images_part_1, images_part_2."""
    words = {tuple(word for word in _words(folder) if not word.isdigit()) for folder in folders}
    return len(words) == 1 and not _FILLERS.isdisjoint(*words)


def _words(name: str) -> list[str]:
    """Words of a name in lower case: apart at signs, digits and capitals; "trainset" are two."""
    words: list[str] = []
    for word in _WORD.findall(_CAMEL.sub(" ", name)):
        glued = _GLUED.fullmatch(word.lower())
        words.extend(glued.groups() if glued else (word.lower(),))
    return words


@dataclass(frozen=True)
class SplitFolders:
    """Folders beside each other that are the parts of a data set, not its classes."""

    training: tuple[str, ...]
    testing: tuple[tuple[str, ...], ...]
    """Those that may be the test set, in order of preference."""
    unlabelled: tuple[str, ...] = ()


def find_split(folders: Mapping[str, bool]) -> SplitFolders | None:
    """Find the parts of a data set among folders that lie beside each other; None where they are classes.

    Args:
        folders: name of each folder that holds images, and whether they lie in folders of their own in it.
    """
    groups: dict[tuple[str, ...], dict[str, str]] = {}
    for folder in sorted(folders):
        if (name := split_name(folder)) is not None:
            groups.setdefault(name.rest, {})[folder] = name.word
    for rest in sorted(groups):  # fillers only come first
        words = groups[rest]
        split = SplitFolders(
            tuple(folder for folder, word in words.items() if word in TRAINING),
            tuple(
                tuple(folder for folder in words if words[folder] == word)
                for word in TESTING
                if word in words.values()
            ),
            tuple(folder for folder, word in words.items() if word in UNLABELLED),
        )
        whole = len(words) == len(folders)
        certain = not rest and any(word in _CERTAIN for word in words.values())
        deep = any(folders[folder] for folder in split.training)
        # beside "bus station", "train station" and "test station" are classes, unless classes lie in them
        if split.training and (split.testing or whole) and (certain or deep or whole):
            return split
    return None


def find_class_parts(folders: Collection[str]) -> dict[str, tuple[str, str]]:
    """Class and part of folders that each are a part of a class: cat_train, cat_test, dog_train, dog_test.

    Empty where one of them is no such folder, or a class lacks a part that another one has.
    """
    names = {folder: split_name(folder) for folder in folders}
    parts = {
        folder: (" ".join(filter(None, name.rest)), "train" if name.word in TRAINING else name.word)
        for folder, name in names.items()
        if name is not None and name.rest
    }
    classes, words = ({pair[index] for pair in parts.values()} for index in (0, 1))
    complete = len(parts) == len(folders) == len(classes) * len(words)
    return parts if complete and len(classes) > 1 and "train" in words and len(words) > 1 else {}


def are_testing_only(folders: Collection[str]) -> bool:
    """Whether all folders beside each other hold test images."""
    names = list(map(split_name, folders))
    parts = {(name.rest, name.word in TESTING) for name in names if name is not None}
    return None not in names and len(parts) == 1 and all(testing for _, testing in parts)
