"""Images and labels of an npz file: `images` and `labels`, `x_train` and `y_train`, `train_images` ..."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dmcore.data import limits
from dmcore.data.labels.array_pixels import ArrayPixels
from dmcore.data.labels.labelled_files import LabelledFiles
from dmcore.data.labels.labelled_rows import Rows, label_rows
from dmcore.data.labels.split_folders import PART_WORDS, split_name
from dmcore.data.listing import ListedFile
from dmcore.data.npz_arrays import NpzArrays, open_npz

_IMAGES = frozenset(("x", "image", "images", "img", "imgs", "data", "pixels"))
_LABELS = frozenset(("y", "label", "labels", "target", "targets"))
_NAMES = re.compile(r"(class|label|target)_?names?|classes|categories", re.IGNORECASE)
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")


class _Pair(NamedTuple):
    """Arrays of the images and labels of one part of the data set."""

    images: str
    labels: str
    word: str
    """Of the part; "" where the names do not say."""


@contextmanager
def open_arrays(path: Path, known_names: tuple[str, ...] = ()) -> Iterator[LabelledFiles]:
    """Open an npz file and label its images.

    Raises:
        ValueError: damaged, too large, with Python objects, or without images and labels that fit.
    """
    with open_npz(path) as arrays:
        pairs = _pairs(arrays, path.name)
        names = next(filter(_NAMES.fullmatch, arrays.names), None)
        pixels = ArrayPixels(arrays, [pair.images for pair in pairs], path.name)
        rows = []
        for pair in pairs:
            labels = _labels(arrays, pair, path.name)
            images = [
                ListedFile((pair.images, str(row)), pixels.reader(pair.images, row))
                for row in range(len(labels))
            ]
            rows.append(Rows(pair.images, pair.word, images, labels))
        yield label_rows(rows, path.name, _texts(arrays, names, path.name), known_names)


def _pairs(arrays: NpzArrays, source: str) -> list[_Pair]:
    """Arrays of images with those of their labels."""
    images: dict[str, list[str]] = {}
    labels: dict[str, list[str]] = {}
    for name in arrays.names:
        words = _words(name)
        part = split_name(name)
        if not _NAMES.fullmatch(name) and words & (_LABELS | _IMAGES):
            (labels if words & _LABELS else images).setdefault(part.word if part else "", []).append(name)
    if set(arrays.names) == {"arr_0", "arr_1"}:  # of numpy.savez without names
        images, labels = {"": ["arr_0"]}, {"": ["arr_1"]}
    pairs = []
    for word in images:
        if word in labels:
            name = _chosen(arrays, images[word], "images", source)
            pairs.append(_Pair(name, _chosen(arrays, labels[word], "labels", source, name), word))
    if not pairs:
        held = f"the arrays {', '.join(arrays.names[:5])}" if arrays.names else "no arrays"
        raise ValueError(
            f"{source} holds {held}: name them images and labels, or train_images, train_labels, "
            "test_images and test_labels"
        )
    for pair in pairs:
        shape, of_labels = arrays.shape(pair.images), arrays.shape(pair.labels)
        if len(shape) not in (3, 4) or 0 in shape:
            raise ValueError(
                f"{pair.images} in {source} has the shape {list(shape)}: "
                "give [image, height, width] or [image, height, width, channel]"
            )
        if arrays.nbytes(pair.labels) > limits.MOST_FILE_BYTES:
            raise ValueError(
                f"{pair.labels} in {source} take more than {limits.MOST_FILE_BYTES >> 20} MB: "
                "give each image the number of its class"
            )
        if shape[0] > limits.MOST_FILES or of_labels[:1] != shape[:1]:
            raise ValueError(
                f"{source} has {shape[0]:,} {pair.images} and the shape {list(of_labels)} of {pair.labels}: "
                f"give each image one label, and {limits.MOST_FILES:,} images at most"
            )
    return pairs


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _chosen(arrays: NpzArrays, names: list[str], noun: str, source: str, images: str | None = None) -> str:
    """The array among those that may be meant: of a shape that fits, and best without other words.

    Args:
        arrays: of the file.
        names: those that may be meant.
        noun: what they hold: "images" or "labels".
        source: the file's name.
        images: those that the labels are of.

    Raises:
        ValueError: there are several.
    """
    if len(names) == 1:
        return names[0]
    shapes = {name: _shape(arrays, name) for name in names}
    if images is None:
        fitting = [name for name, shape in shapes.items() if len(shape) in (3, 4)]
    else:
        fitting = [name for name, shape in shapes.items() if shape[:1] == _shape(arrays, images)[:1] != ()]
    fitting = fitting or names
    plain = [name for name in fitting if _words(name) <= _IMAGES | _LABELS | PART_WORDS]
    chosen = plain or fitting
    if len(chosen) > 1:
        raise ValueError(
            f"{source} has several arrays that may be its {noun} ({', '.join(chosen[:4])}): keep one, "
            f"or call the right one {noun}"
        )
    return chosen[0]


def _shape(arrays: NpzArrays, name: str) -> tuple[int, ...]:
    """Shape of an array; () for one that is not plain."""
    try:
        return arrays.shape(name)
    except ValueError:
        return ()


def _labels(arrays: NpzArrays, pair: _Pair, source: str) -> list[int | str | None]:
    """Label of each image; None where it is below 0."""
    number = arrays.shape(pair.images)[0]
    values = arrays.array(pair.labels)
    if values.ndim == 2 and values.shape[1] > 1 and values.dtype.kind in "buif":
        one_hot = ((values == 0) | (values == 1)).all() and (values.sum(1) == 1).all()
        values = values.argmax(1) if one_hot else values
    if values.size != number:
        raise ValueError(
            f"{pair.labels} in {source} has several labels for an image: give each image one label"
        )
    values = values.reshape(-1)
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind == "U":
        return [str(value) or None for value in values]
    if values.dtype.kind not in "buif" or not np.isfinite(values).all() or (values != np.rint(values)).any():
        raise ValueError(
            f"{pair.labels} in {source} are neither whole numbers nor names: give each image the number "
            "of its class"
        )
    return [int(value) if value >= 0 else None for value in values]


def _texts(arrays: NpzArrays, name: str | None, source: str) -> tuple[str, ...]:
    """Class names; none where there is no array of texts."""
    if name is None:
        return ()
    if arrays.nbytes(name) > limits.MOST_METADATA_BYTES:
        raise ValueError(f"the class names in {source} are too large: give short ones")
    values = arrays.array(name).reshape(-1)
    return tuple(map(str, values)) if values.dtype.kind == "U" else ()
