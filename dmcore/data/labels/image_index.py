"""Find images by what a table calls them: a path, a file name, or a name without its ending."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from dmcore.data.labels.split_folders import TRAINING, split_name
from dmcore.data.listing import ListedFile

Parts: TypeAlias = tuple[str, ...]

_SAMPLE = 5000
"""Rows of which each column is looked at: other tables than those of images may be large."""
_ELSEWHERE = 3


class ImageIndex:
    """Images by path, name and stem, as seen from a table."""

    def __init__(self, images: Sequence[ListedFile], folder: Parts = ()) -> None:
        self.images = images
        self._folder = folder
        folders = {file.parts[:-1] for file in images}
        self._one_folder = len(folders) == 1
        self._folders = {folder.lower() for path in folders for folder in path}
        self._by_path = {file.relative_path: file.parts for file in images}
        self._by_name: dict[str, list[Parts]] = {}
        self._by_stem: dict[str, list[Parts]] = {}
        for file in images:
            name = file.parts[-1].lower()
            self._by_name.setdefault(name, []).append(file.parts)
            self._by_stem.setdefault(name.removesuffix(file.suffix), []).append(file.parts)

    def beside(self, table: Parts) -> "ImageIndex":
        """Images that a table is about: below its folder, and of its part of the data set if it has one.

        A table train.csv beside train/ and test/ is about the images in train/.
        """
        folder = table[:-1]
        of_table = split_name(PurePosixPath(table[-1]).stem)
        below = [file for file in self.images if file.parts[: len(folder)] == folder]
        if of_table is not None:
            same = [file for file in below if _part_of(file.parts[:-1]) in _family(of_table.word)]
            below = same or below
        if not folder and len(below) == len(self.images):
            return self
        return ImageIndex(below, folder)

    def name_column(self, columns: Mapping[str, list[str]]) -> str | None:
        """Title of the column that names the most images in a sample of its rows; None without one."""
        found = {
            title: len(set(map(self.find, values[:: 1 + len(values) // _SAMPLE])) - {None})
            for title, values in columns.items()
        }
        best = max(found, key=lambda title: found[title], default=None)
        return best if best is not None and found[best] > 1 else None

    def names_one(self, value: str) -> bool:
        """Whether a value names an image."""
        return self.find(value) is not None

    def find(self, value: str) -> Parts | None:
        """Image that a value names; None where it names none, or several equally well."""
        path = value.replace("\\", "/").removeprefix("./").lstrip("/")
        if not path:
            return None
        for inside in ("/".join((*self._folder, path)), path):
            if inside in self._by_path:
                return self._by_path[inside]
        folder, _, name = path.rpartition("/")
        lower = name.lower()
        named = self._by_name.get(lower) or self._by_stem.get(lower, [])
        if len(named) > 1:  # a.png and A.png
            named = [parts for parts in named if parts[-1].startswith(name)] or named
        fitting = named
        if folder and not self._one_folder:  # an image of this name elsewhere is another one
            within = tuple(map(str.lower, (*self._folder, *folder.split("/"))))
            distances = [self._distance(tuple(map(str.lower, parts[:-1])), within) for parts in named]
            nearest = min(distances, default=_ELSEWHERE)
            fitting = [
                parts
                for parts, distance in zip(named, distances, strict=True)
                if distance == nearest < _ELSEWHERE
            ]
        if len(fitting) > 1:  # numbered anew in train/ and test/: labels are known of the training images
            fitting = [parts for parts in fitting if _part_of(parts[:-1]) in TRAINING]
        return fitting[0] if len(fitting) == 1 else None

    def _distance(self, folders: Parts, wanted: Parts) -> int:
        """How far the folders of an image are from those that a value names, all in lower case.

        0: the same; 1: one path is the end of the other; 2: the value's are those of another machine;
        `_ELSEWHERE`: it names another of the folders here.
        """
        if folders == wanted:
            return 0
        alike = 0
        for mine, other in zip(reversed(folders), reversed(wanted), strict=False):
            if mine != other:
                break
            alike += 1
        if alike and alike in (len(folders), len(wanted)):
            return 1
        differing = wanted[len(wanted) - alike - 1] if alike < len(wanted) else ""
        return _ELSEWHERE if differing in self._folders or split_name(differing) is not None else 2


def _part_of(folders: Parts) -> str:
    """Word of the part of the data set that a file in these folders belongs to; "" for none."""
    for folder in folders:
        if (name := split_name(folder)) is not None:
            return name.word
    return ""


def _family(word: str) -> tuple[str, ...]:
    return TRAINING if word in TRAINING else (word,)
