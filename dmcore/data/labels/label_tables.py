"""Labels of images from tables beside them, instead of class folders.

Hugging Face's metadata.csv and metadata.jsonl, one CSV beside a folder of images as competitions have it
(file names with or without ending, a class or a column for each class), and annotations as of Tiny ImageNet.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import TypeAlias

from dmcore.data import limits
from dmcore.data.labels.class_names import printable_name
from dmcore.data.labels.image_index import ImageIndex
from dmcore.data.labels.split_folders import split_name
from dmcore.data.labels.text_tables import TABLE_SUFFIXES, TextTable, read_table
from dmcore.data.listing import ListedFile

Parts: TypeAlias = tuple[str, ...]

LABEL_TITLES = (
    *("classname", "labelname", "classlabel", "categoryname", "label", "labels", "class", "classes"),
    *("classid", "labelid", "category", "target", "y", "diagnosis", "dx", "breed", "species", "synset"),
    *("wnid", "expression", "emotion"),
)
"""Titles of the column of labels, without signs; names come before numbers."""
_SPLIT_TITLES = frozenset(("split", "set", "subset", "partition", "dataset", "phase"))
_TEXT_NAME = re.compile(r"annotation|label|class|train|test|val", re.IGNORECASE)
"""In the name of a text file that may be a table of labels."""
_WHOLE = re.compile(r"(-?[0-9]+)(\.0+)?")
_MISSING = frozenset(("", "nan", "null"))
"""Labels in lower case that are none."""


@dataclass
class TableLabels:
    """Labels of all tables beside the images."""

    by_image: dict[Parts, str] = field(default_factory=dict)
    several: dict[Parts, str] = field(default_factory=dict)
    """Images whose rows have different labels, and their table."""
    part_of: dict[Parts, str] = field(default_factory=dict)
    """Word of the part of the data set that a table puts an image in."""
    tables: list[str] = field(default_factory=list)
    """Relative paths of the tables that labels were taken from."""
    split_tables: list[str] = field(default_factory=list)
    """Relative paths of those that `part_of` was taken from."""
    skipped: dict[str, str] = field(default_factory=dict)
    """Tables that are too large or cannot be read, with the words that follow their paths."""
    certain: bool = True
    """Whether the titles of all their columns say that they hold labels."""
    unclear: str = ""
    """Sentence on a table that names the images, but maybe not their classes; "" without one."""

    @property
    def title(self) -> str:
        """The tables that labels were taken from, for a sentence."""
        return " and ".join(map(printable_name, sorted(self.tables)))

    @property
    def are_metadata(self) -> bool:
        """Whether all tables are called metadata, as those that replace class folders are."""
        return all(PurePosixPath(table).stem.lower() == "metadata" for table in self.tables)


@dataclass(frozen=True)
class _Candidate:
    """Table that names images."""

    file: ListedFile
    by_image: Mapping[Parts, str]
    several: Collection[Parts]
    part_of: Mapping[Parts, str]
    certain: bool

    @property
    def rank(self) -> tuple[bool, int, int, Parts]:
        """Tables that say what they are come first, then the uppermost, then those of the most images."""
        return (*_rank(self.file)[:2], -len(self.by_image), self.file.parts)


def read_labels(images: Sequence[ListedFile], others: Sequence[ListedFile]) -> TableLabels:
    """Read the labels of images from the tables among other files."""
    found = TableLabels()
    tables = sorted(filter(_may_be_table, others), key=_rank)[: limits.MOST_TABLES]
    if not tables or not images:
        return found
    index = ImageIndex(images)
    candidates = []
    for file in tables:
        scope = index.beside(file.parts)
        try:
            table = read_table(file, scope.names_one)
        except ValueError as refusal:
            found.skipped[file.relative_path] = str(refusal)
            found.unclear = found.unclear or f"{file.relative_path} {refusal}"
            continue
        if table is not None and (candidate := _candidate(found, file, table, scope)) is not None:
            candidates.append(candidate)
    for candidate in sorted(candidates, key=lambda candidate: candidate.rank):
        _add(found, candidate)
    return found


def _may_be_table(file: ListedFile) -> bool:
    path = PurePosixPath(file.parts[-1])
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES or "submission" in path.stem.lower():  # answers to be filled in
        return False
    return suffix != ".txt" or _TEXT_NAME.search(path.stem) is not None


def _rank(file: ListedFile) -> tuple[bool, int, Parts]:
    return PurePosixPath(file.parts[-1]).stem.lower() != "metadata", len(file.parts), file.parts


def _candidate(
    found: TableLabels, file: ListedFile, table: TextTable, scope: ImageIndex
) -> _Candidate | None:
    """Labels of one table; None where it is none of labels, and why if it seems to be one."""
    file_column = scope.name_column(table.columns)
    if file_column is None:
        return None
    rows = list(map(scope.find, table.columns[file_column]))
    named = set(rows) - {None}
    if len(named) < 2 or max(len(named) / len(rows), len(named) / len(scope.images)) < 0.5:
        return None
    kept = [number for number, row in enumerate(rows) if row is not None]
    columns = {
        title: [values[number] for number in kept]
        for title, values in table.columns.items()
        if title != file_column
    }
    if not columns:
        return None
    labels, certain = _labels_of(columns, table.has_titles, list(table.columns).index(file_column))
    parts = _parts_of(columns, PurePosixPath(file.parts[-1]).stem)
    if labels is None and any(_is_split(title, values) for title, values in columns.items()):
        of_rows = zip(kept, parts, strict=True)
        return _Candidate(file, {}, (), {row: part for at, part in of_rows if (row := rows[at])}, True)
    if labels is None:
        titles = ", ".join(list(columns)[:4]) + (" …" if len(columns) > 4 else "")
        found.unclear = found.unclear or (
            f"{file.relative_path} names the images, but which of its columns holds their classes is "
            f"unclear ({titles}): call that column label"
        )
        return None
    by_image: dict[Parts, str] = {}
    part_of: dict[Parts, str] = {}
    several: set[Parts] = set()
    for number, label, part in zip(kept, labels, parts, strict=True):
        image = rows[number]
        if label and image is not None:
            if by_image.setdefault(image, label) != label:
                several.add(image)
            part_of.setdefault(image, part)
    if 2 * len(several) > len(by_image):
        found.unclear = found.unclear or (
            f"{file.relative_path} gives most images several classes: give each image one"
        )
    return _Candidate(file, by_image, several, part_of, certain)


def _add(found: TableLabels, table: _Candidate) -> None:
    """Add the labels of a table whose images are mostly without labels so far."""
    path = table.file.relative_path
    if not table.by_image:
        found.part_of = {**table.part_of, **found.part_of}
        found.split_tables.append(path)
        return
    new = [image for image in table.by_image if image not in found.by_image and image not in found.several]
    if not new or 2 * len(new) < len(table.by_image):
        return
    labels, known = set(table.by_image.values()), set(found.by_image.values())
    if known and labels.isdisjoint(known) and _are_numbers(labels) != _are_numbers(known):
        return  # one of them tells of something else: what the numbers of classes mean, or boxes
    for image in new:
        if image in table.several:
            found.several[image] = path
        else:
            found.by_image[image] = table.by_image[image]
            found.part_of[image] = table.part_of[image]
    found.tables.append(path)
    found.split_tables += [path] if any(table.part_of.values()) else []
    found.certain = found.certain and table.certain


def _are_numbers(labels: Collection[str]) -> bool:
    return all(map(_WHOLE.fullmatch, labels))


def _labels_of(
    columns: Mapping[str, list[str]], has_titles: bool, file_position: int
) -> tuple[list[str] | None, bool]:
    """Label of each row, None where no column is known to hold them; and whether its title says so."""
    by_title = {re.sub(r"[\W_]", "", title.lower()): title for title in reversed([*columns])}
    for title in LABEL_TITLES:
        if title in by_title:
            return _cleaned(columns[by_title[title]]), True
    rest = {
        title: values
        for title, values in columns.items()
        if title and not title.startswith("Unnamed") and not _is_split(title, values)
    }
    if len(rest) > 1 and (one_hot := _one_hot(rest)) is not None:
        return one_hot, True
    if len(rest) > 1 and not has_titles:  # name, class, and what else is known of the image
        following = list(columns)[min(file_position, len(columns) - 1)]
        rest = {following: columns[following]}
    if len(rest) != 1:
        return None, False
    (values,) = rest.values()
    return (_cleaned(values), False) if len(set(values)) <= max(1, len(values) // 2) else (None, False)


def _cleaned(values: Sequence[str]) -> list[str]:
    """Labels with "" for those that are missing, and numbers without a point: "3.0" is "3".

    Numbers below 0 are missing where others are not, as in Hugging Face's data sets.
    """
    texts = {value: "" if value.lower() in _MISSING else value for value in set(values)}
    matches = {value: _WHOLE.fullmatch(text) for value, text in texts.items() if text}
    whole = {value: match[1] for value, match in matches.items() if match}
    if len(whole) == len(matches):
        texts |= whole
        if len({text for text in whole.values() if not text.startswith("-")}) > 1:
            texts |= {value: "" for value, text in whole.items() if text.startswith("-")}
    return [texts[value] for value in values]


def _one_hot(columns: Mapping[str, list[str]]) -> list[str] | None:
    """Labels of a table with a column of 0 and 1 for each class; None for any other."""
    titles, labels = list(columns), []
    for row in zip(*columns.values(), strict=True):
        ones = [title for title, value in zip(titles, row, strict=True) if value in ("1", "1.0")]
        if len(ones) != 1 or any(value not in ("0", "1", "0.0", "1.0") for value in row):
            return None
        labels.append(ones[0])
    return labels


def _is_split(title: str, values: Sequence[str]) -> bool:
    name = re.sub(r"[\W_]", "", title.lower())
    return name in _SPLIT_TITLES and all(split_name(value) is not None for value in set(values))


def _parts_of(columns: Mapping[str, list[str]], table_name: str) -> list[str]:
    """Part of the data set of each row: by a column, else by the table's name."""
    for title, values in columns.items():
        if values and _is_split(title, values):
            words = {value: split_name(value) for value in set(values)}
            return [name.word if (name := words[value]) else "" for value in values]
    of_table = split_name(table_name)
    number = len(next(iter(columns.values())))
    return [of_table.word if of_table else ""] * number
