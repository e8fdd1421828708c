"""Look into a folder or zip of images: how many of which classes, by the names of the files and by tables."""

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from dmcore.config.formatting import grouped
from dmcore.data.catalogue import unknown_dataset
from dmcore.data.folder_version import FolderVersion, folder_version
from dmcore.data.labels.labelled_files import LabelledFiles
from dmcore.data.labels.sources import open_labelled

TEST_SHARE = 0.2
"""Of each class, kept for testing where no test images have labels."""
NAMED_CLASSES = 5
"""Classes that a description names."""


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
    with open_labelled(location) as labelled:
        return _content_of(labelled)


def _content_of(labelled: LabelledFiles) -> _Content:
    names = labelled.class_names
    first = ", ".join(names[:NAMED_CLASSES]) + (" …" if len(names) > NAMED_CLASSES else "")
    split = "" if labelled.test is None else f" and {grouped(len(labelled.test))} test images"
    smallest = min(Counter(label for _, label in labelled.train).values())
    if labelled.test is None:
        smallest -= max(1, round(TEST_SHARE * smallest))
    return _Content(
        f"{grouped(len(labelled.train))} images{split} of {len(names)} classes: {first}.", smallest
    )
