"""Load images by path as a data set (folder, zip, arrays): one square size, one number of channels.

The size is the most common one, made square and at most 64 pixels; everything stays uint8 and in memory,
nothing is written to disk. The data set's notes tell what was changed.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np
import psutil
import torch
from jaxtyping import Int64, UInt8
from numpy import ndarray

from dmcore.config.formatting import grouped
from dmcore.data.class_folders import TEST_SHARE
from dmcore.data.download import ReportLoading
from dmcore.data.image_decoding import (
    HugeImageError,
    ImageHeader,
    UnreadableImageError,
    read_header,
    read_pixels,
    used_bits,
)
from dmcore.data.images import FEWER_BITS, DataSet, LabelledImages, Statistics
from dmcore.data.labels.labelled_files import LabelledFiles
from dmcore.data.labels.left_out import Report, count_were
from dmcore.data.labels.sources import open_labelled
from dmcore.data.listing import ListedFile
from dmcore.data.split import split_stratified

LARGEST_SIDE = 64
SMALLEST_SIDE = 8
_REPORT_EVERY = 256

Labelled: TypeAlias = tuple[ListedFile, int]
Part: TypeAlias = tuple[UInt8[ndarray, "image channel height width"], Int64[ndarray, " image"]]
Content = TypeVar("Content")


def read_image_folder(
    path: Path, name: str, progress: ReportLoading | None = None, class_names: tuple[str, ...] = ()
) -> DataSet:
    """Load labelled images: class folders, images labelled by tables, arrays, parquet or arrow files.

    Args:
        path: a folder, a zip, or a file of arrays or columns.
        name: the path as the user gave it.
        progress: called as progress(what, done, total) now and then.
        class_names: order of the classes, where it is another one of the same names.

    Raises:
        ValueError: no classification data set, or not safe to read; with the remedy.
    """
    try:
        with open_labelled(path, class_names) as labelled:
            return _read(labelled, name, path, progress)
    except OSError as error:
        raise ValueError(
            f"{path} cannot be read ({error.strerror or error}): check that you may read it"
        ) from error


def _read(labelled: LabelledFiles, name: str, path: Path, progress: ReportLoading | None) -> DataSet:
    title = path.stem if path.is_file() else path.resolve().name
    total = len(labelled.train) + len(labelled.test or ())
    unreadable: list[str] = []
    measuring = _counted(progress, f"measuring {path.name}", total)
    listed_train, headers = _with_headers(labelled.train, unreadable, measuring)
    listed_test, test_headers = _with_headers(labelled.test or (), unreadable, measuring)
    headers += test_headers
    names = labelled.class_names
    _refuse_empty(listed_train, names, title)
    report = Report([*labelled.notes], [*labelled.left_out])
    notes = report.notes
    if labelled.test is None:
        listed_train, listed_test = _split(listed_train, names, title)
        notes.append(
            f"There are no labelled test images: {len(listed_test)} of {len(headers)} images, "
            "the same share of each class, are kept for testing, always the same ones."
        )
    side = _choose_side(headers, title, notes)
    channels = _choose_channels(headers, notes)
    needed = len(headers) * channels * side * side
    if needed > psutil.virtual_memory().available:
        raise ValueError(
            f"{title} needs {needed / 1e9:.1f} GB of memory, more than is free: give fewer images"
        )

    bits = used_bits(headers)
    if bits < 16 and (largest := max((header.largest or 0 for header in headers), default=0)):
        notes.append(
            f"{FEWER_BITS} {bits} bits (the largest value is {grouped(largest)}): all are scaled alike."
        )
    changes: Counter[str] = Counter()

    def read(content: bytes) -> UInt8[ndarray, "channel side side"]:
        return read_pixels(content, side, channels, changes, bits)

    decoding = _counted(progress, f"reading {path.name}", total)
    train, test = (
        _decode(members, read, (channels, side), unreadable, decoding)
        for members in (listed_train, listed_test)
    )
    why = f" because no image could be read in {'it' if len(unreadable) == 1 else 'them'}"
    report.leave_out(unreadable, "file", "no image could be read in it", why)
    if len(test[1]) == 0:
        raise ValueError(f"{title} has no test images that can be read: replace the damaged ones")
    _refuse_empty(list(enumerate(train[1].tolist())), names, title)
    notes.extend(f"{count_were(number, 'image')} {change}." for change, number in sorted(changes.items()))

    statistics = Statistics.measured(torch.from_numpy(train[0]))
    labelled_train, labelled_test = (
        LabelledImages(torch.from_numpy(images), torch.from_numpy(label), names, statistics)
        for images, label in (train, test)
    )
    return DataSet(name, title, labelled_train, labelled_test, tuple(notes), tuple(report.left_out))


def _counted(progress: ReportLoading | None, what: str, total: int) -> Callable[[], None]:
    """Callback for each image; reports progress every `_REPORT_EVERY` images."""
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        if progress is not None and (done % _REPORT_EVERY == 0 or done == total):
            progress(what, done, total)

    return advance


def _with_headers(
    members: Sequence[Labelled], unreadable: list[str], advance: Callable[[], None]
) -> tuple[list[Labelled], list[ImageHeader]]:
    """Readable image files with their headers; the others are added to `unreadable`."""
    readable, headers = [], []
    for file, label in members:
        try:
            headers.append(_read_named_file(file, read_header))
            readable.append((file, label))
        except UnreadableImageError:
            unreadable.append(file.relative_path)
        advance()
    return readable, headers


def _read_named_file(file: ListedFile, read: Callable[[bytes], Content]) -> Content:
    """Read a file; the error of an image that is too large names the file."""
    try:
        return read(file.read())
    except HugeImageError as error:
        raise ValueError(f"{file.relative_path} {error}: shrink it or take it out") from error


def _decode(
    members: Sequence[Labelled],
    read: Callable[[bytes], UInt8[ndarray, "channel side side"]],
    shape: tuple[int, int],
    unreadable: list[str],
    advance: Callable[[], None],
) -> Part:
    """Images of a channel count and side, without those that cannot be read."""
    channels, side = shape
    images = np.empty((len(members), channels, side, side), dtype=np.uint8)
    label = np.array([class_index for _, class_index in members], dtype=np.int64)
    decoded = np.ones(len(members), dtype=bool)
    for row, (file, _) in enumerate(members):
        try:
            images[row] = _read_named_file(file, read)
        except UnreadableImageError:
            decoded[row] = False
            unreadable.append(file.relative_path)
        advance()
    return (images, label) if decoded.all() else (images[decoded], label[decoded])


def _split(
    members: Sequence[Labelled], names: tuple[str, ...], title: str
) -> tuple[list[Labelled], list[Labelled]]:
    label = np.array([class_index for _, class_index in members], dtype=np.int64)
    for index, number in enumerate(np.bincount(label, minlength=len(names))):
        if number < 2:
            raise ValueError(
                f"class {names[index]!r} of {title} has one image only: give at least two, "
                "one to learn from and one to test"
            )
    train, test = split_stratified(label, round(len(label) * TEST_SHARE))
    return [members[row] for row in train], [members[row] for row in test]


def _refuse_empty(members: Sequence[tuple[object, int]], names: tuple[str, ...], title: str) -> None:
    empty = sorted(set(range(len(names))) - {label for _, label in members})
    if empty:
        raise ValueError(
            f"class {names[empty[0]]!r} of {title} has no training image that can be read: "
            "replace its images or take its folder out"
        )


def _choose_side(headers: Sequence[ImageHeader], title: str, notes: list[str]) -> int:
    sizes = Counter((header.width, header.height) for header in headers)
    # of equally common sizes the smallest, so that the choice does not depend on the order of the files
    (width, height), number = min(sizes.items(), key=lambda item: (-item[1], item[0]))
    side = min(width, height, LARGEST_SIDE)
    if side < SMALLEST_SIDE:
        raise ValueError(
            f"most images of {title} have {width}×{height} pixels, too few to learn from: "
            f"give images of at least {SMALLEST_SIDE}×{SMALLEST_SIDE}"
        )
    if len(sizes) > 1:
        notes.append(
            f"The images have {len(sizes)} sizes, most often {width}×{height} ({number} of {len(headers)}): "
            f"all are resized to {side}×{side}, from their central square."
        )
    elif (width, height) != (side, side):
        change = "shrunk" if width == height else "cut to their central square and resized"
        notes.append(f"All images have {width}×{height} pixels and are {change} to {side}×{side}.")
    return side


def _choose_channels(headers: Sequence[ImageHeader], notes: list[str]) -> int:
    grey = sum(header.grey for header in headers)
    if 0 < grey < len(headers):
        notes.append(
            f"{grey} of {len(headers)} images are grey, the others in colour: all are converted to RGB."
        )
    return 1 if grey == len(headers) else 3
