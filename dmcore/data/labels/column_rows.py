"""Images and labels of parquet and arrow files, as Hugging Face's data sets have them.

A column of image files (bytes, or a struct with them) and one of labels: numbers, whose names the schema's
metadata has, or texts.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dmcore.data import limits
from dmcore.data.labels.column_batches import read_batches, read_schema
from dmcore.data.labels.label_tables import LABEL_TITLES
from dmcore.data.labels.labelled_files import LabelledFiles
from dmcore.data.labels.labelled_rows import Rows, label_rows
from dmcore.data.labels.split_folders import split_name
from dmcore.data.listing import ListedFile

if TYPE_CHECKING:
    from pyarrow import RecordBatch, Schema

_IMAGE_TITLES = ("image", "img", "images", "picture", "photo")
_IMAGE_ROWS, _LABEL_ROWS = 16, 65_536
"""Rows of a batch: image files may be large."""


def label_columns(
    files: Sequence[ListedFile], title: str, known_names: tuple[str, ...] = ()
) -> LabelledFiles:
    """Label the images in the rows of parquet and arrow files.

    Raises:
        ValueError: damaged files, or without a column of images or labels; with the remedy.
    """
    parts: list[Rows] = []
    class_names: tuple[str, ...] = ()
    for file in files:
        columns = _find_columns(file)
        labels = _read_labels(file, columns.label)
        column = _ImageColumn(file, columns.image)
        images = [ListedFile((*file.parts, str(row)), column.reader(row)) for row in range(len(labels))]
        parts.append(Rows(file.relative_path, _part_of(file), images, labels))
        class_names = class_names or columns.class_names
    return label_rows(parts, title, class_names, known_names)


def _part_of(file: ListedFile) -> str:
    """Word of the part of the data set that a file is, by its name or its folders'."""
    for name in (file.parts[-1].removesuffix(file.suffix), *reversed(file.parts[:-1])):
        if (found := split_name(name)) is not None:
            return found.word
    return ""


class _ImageColumn:
    """Column of image files: read forwards, and from the start again where a row before is asked for."""

    def __init__(self, file: ListedFile, name: str) -> None:
        self._file, self._name = file, name
        self._batches: Iterator[RecordBatch] = iter(())
        self._first = 0
        self._values: Any = None

    def reader(self, row: int) -> Callable[[], bytes]:
        """Reads the image file of a row; an empty one where there is none."""

        def read() -> bytes:
            value = self._value(row)
            content = value.get("bytes") if isinstance(value, Mapping) else value
            if content is not None and len(content) > limits.MOST_FILE_BYTES:
                raise ValueError(
                    f"image {row} of {self._file.relative_path} is larger than "
                    f"{limits.MOST_FILE_BYTES >> 20} MB: take it out"
                )
            return content or b""

        return read

    def _value(self, row: int) -> Any:
        if self._values is None or row < self._first:
            self._batches = read_batches(self._file, self._name, _IMAGE_ROWS)
            self._first, self._values = 0, ()
        while row >= self._first + len(self._values):
            batch = next(self._batches, None)
            if batch is None:
                raise ValueError(f"{self._file.relative_path} was changed while it was read: try again")
            self._first += len(self._values)
            self._values = batch.column(0)
        return self._values[row - self._first].as_py()


def _read_labels(file: ListedFile, name: str) -> list[int | str | None]:
    labels: list[int | str | None] = []
    for batch in read_batches(file, name, _LABEL_ROWS):
        labels += (_label(value, name, file) for value in batch.column(0).to_pylist())
        if len(labels) > limits.MOST_FILES:
            raise ValueError(
                f"{file.relative_path} has more than {limits.MOST_FILES:,} rows: give a part of them"
            )
    return labels


def _label(value: object, name: str, file: ListedFile) -> int | str | None:
    """Label of a row; None without one, which is -1 in Hugging Face's data sets."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and math.isfinite(value) and value == int(value):
        return int(value) if value >= 0 else None
    raise ValueError(
        f"the column {name} of {file.relative_path} holds neither numbers of classes nor their names: "
        "call the one that does label"
    )


@dataclass(frozen=True)
class _Columns:
    """Columns that matter."""

    image: str
    label: str
    class_names: tuple[str, ...]


def _find_columns(file: ListedFile) -> _Columns:
    """Find the columns of image files and labels.

    Raises:
        ValueError: there are none, or several of labels.
    """
    schema = read_schema(file)
    features = _features(schema)
    listed = ", ".join(schema.names[:5]) or "none"
    images = _image_columns(schema)
    if not images:
        raise ValueError(
            f"{file.relative_path} has no column of image files (its columns: {listed}): "
            "save the images themselves in it, as Hugging Face's datasets does"
        )
    named = {name: names for name in schema.names if (names := _class_names(features.get(name)))}
    if named:
        label = max(named, key=lambda name: (name == "label", len(named[name])))
        return _Columns(images[0], label, named[label])
    plain = {re.sub(r"[\W_]", "", name.lower()): name for name in reversed(schema.names)}
    titled = [plain[title] for title in LABEL_TITLES if title in plain]
    others = [name for name in schema.names if name not in images]
    if not titled and len(others) != 1:
        raise ValueError(
            f"{file.relative_path} has no column that is known to hold the classes (its columns: {listed}): "
            "call it label"
        )
    return _Columns(images[0], (titled or others)[0], ())


def _image_columns(schema: "Schema") -> list[str]:
    """Names of the columns that hold files, those called image first."""
    import pyarrow

    def holds_files(kind: "pyarrow.DataType") -> bool:
        if pyarrow.types.is_struct(kind):
            position = kind.get_field_index("bytes")
            return position >= 0 and holds_files(kind.field(position).type)
        return bool(pyarrow.types.is_binary(kind) or pyarrow.types.is_large_binary(kind))

    found = [field.name for field in schema if holds_files(field.type)]
    return sorted(found, key=lambda name: (name.lower() not in _IMAGE_TITLES, found.index(name)))


def _features(schema: "Schema") -> Mapping[str, Any]:
    """Hugging Face's description of the columns; empty without one."""
    text = (schema.metadata or {}).get(b"huggingface", b"{}")
    with suppress(ValueError, LookupError, TypeError, RecursionError):
        features = json.loads(text[: limits.MOST_METADATA_BYTES])["info"]["features"]
        return features if isinstance(features, dict) else {}
    return {}


def _class_names(feature: object) -> tuple[str, ...]:
    """Names of a column of class labels; none for any other."""
    names = feature.get("names") if isinstance(feature, dict) else None
    return tuple(map(str, names)) if isinstance(names, list) else ()
