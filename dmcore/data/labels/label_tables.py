"""Labels of images from tables beside them, instead of class folders.

Hugging Face's metadata.csv and metadata.jsonl, one CSV beside a folder of images as competitions have it
(file names with or without ending, a class or a column for each class), and annotations as of Tiny ImageNet.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from dmcore.data import limits
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
_WHOLE_FLOAT = re.compile(r"(-?[0-9]+)\.0+")


class TableLabel(NamedTuple):
    """Label of an image in a table."""

    label: str
    part: str
    """Word of the part of the data set that the table says it belongs to; "" where it says nothing."""


@dataclass
class TableLabels:
    """Labels of all tables beside the images."""

    by_image: dict[Parts, TableLabel] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)
    """Relative paths of the tables that labels were taken from."""
    certain: bool = True
    """Whether the titles of all their columns say that they hold labels."""
    unclear: str = ""
    """Sentence on a table that names the images, but maybe not their classes; "" without one."""


def read_labels(images: Sequence[ListedFile], others: Sequence[ListedFile]) -> TableLabels:
    """Read the labels of images from the tables among other files.

    Raises:
        ValueError: a table is too large or cannot be read.
    """
    found = TableLabels()
    tables = sorted(filter(_may_be_table, others), key=_rank)[: limits.MOST_TABLES]
    if not tables or not images:
        return found
    index = ImageIndex(images)
    for file in tables:
        scope = index.beside(file.parts)
        table = read_table(file, scope.names_one)
        if table is not None:
            _add_labels(found, file, table, scope.columns(table.columns), len(scope.images))
    return found


def _may_be_table(file: ListedFile) -> bool:
    path = PurePosixPath(file.parts[-1])
    suffix = path.suffix.lower()
    if suffix not in TABLE_SUFFIXES or "submission" in path.stem.lower():  # answers to be filled in
        return False
    return suffix != ".txt" or _TEXT_NAME.search(path.stem) is not None


def _rank(file: ListedFile) -> tuple[bool, int, Parts]:
    """Tables that say what they are come first, then the uppermost."""
    return PurePosixPath(file.parts[-1]).stem.lower() != "metadata", len(file.parts), file.parts


def _add_labels(
    found: TableLabels,
    file: ListedFile,
    table: TextTable,
    matches: Mapping[str, list[Parts | None]],
    images: int,
) -> None:
    """Add the labels of one table, if it is one of labels."""
    file_column, rows = max(matches.items(), key=lambda item: len(set(item[1])), default=("", []))
    named = set(rows) - {None}
    if len(named) < 2 or max(len(named) / len(rows), len(named) / images) < 0.5:
        return
    kept = [number for number, row in enumerate(rows) if row is not None]
    columns = {
        title: [values[number] for number in kept]
        for title, values in table.columns.items()
        if title != file_column
    }
    labels, certain = _labels_of(columns, table.has_titles, list(table.columns).index(file_column))
    if labels is None:
        if columns:
            titles = ", ".join(list(columns)[:4]) + (" …" if len(columns) > 4 else "")
            found.unclear = found.unclear or (
                f"{file.relative_path} names the images, but which of its columns holds their classes is "
                f"unclear ({titles}): call that column label"
            )
        return
    parts = _parts_of(columns, PurePosixPath(file.parts[-1]).stem)
    for number, label, part in zip(kept, labels, parts, strict=True):
        image = rows[number]
        if label and image is not None:
            found.by_image.setdefault(image, TableLabel(label, part))
    found.tables.append(file.relative_path)
    found.certain = found.certain and certain


def _labels_of(
    columns: Mapping[str, list[str]], has_titles: bool, file_position: int
) -> tuple[list[str] | None, bool]:
    """Label of each row, None where no column is known to hold them; and whether its title says so."""
    by_title = {re.sub(r"[\W_]", "", title.lower()): title for title in reversed([*columns])}
    for title in LABEL_TITLES:
        if title in by_title:
            return _whole_numbers(columns[by_title[title]]), True
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
    return (_whole_numbers(values), False) if len(set(values)) <= max(1, len(values) // 2) else (None, False)


def _whole_numbers(values: list[str]) -> list[str]:
    """Labels that were written as numbers with a point, without it: "3.0" is "3"."""
    matches = [_WHOLE_FLOAT.fullmatch(value) for value in values]
    return [match[1] for match in matches if match] if all(matches) else values


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
