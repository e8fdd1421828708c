"""Readers of the named data sets: IDX, CIFAR and SVHN files in torchvision's layout, and those of packages.

Titles and statistics are in `catalogue`. Nothing here uses the network.
"""

import gzip
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TypeAlias

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from numpy import ndarray

from dmcore.data.catalogue import DataSetEntry
from dmcore.data.cifar import is_published, read_cifar_batch, read_cifar_names
from dmcore.data.fashion import read_fashion
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.data.split import split_stratified

# training and test parts differ in their number of images, so that axis goes unnamed
Part: TypeAlias = tuple[UInt8[ndarray, "_ channel height width"], Int64[ndarray, " _"]]


def read_named_dataset(entry: DataSetEntry, root: Path) -> DataSet:
    """Read a named data set from the data root.

    Raises:
        ValueError: its files are damaged or something else; with the remedy.
    """
    try:
        train, test, class_names = _READERS[entry.name](root, entry)
        for part_name, part in (("training", train), ("test", test)):
            _check(part_name, part, entry.shape, len(class_names))
    except (ValueError, OSError) as error:
        folders = " and ".join(sorted({str((root / file).parent) for file in entry.files}))
        remedy = (
            f"install {entry.package} again, for it comes with that"
            if entry.package
            else f"delete its files in {folders} and download it again"
        )
        raise ValueError(f"{entry.title} on disk cannot be read: {error}; {remedy}") from error
    notes = _differences(entry, root, train, test)
    train_images = torch.from_numpy(train[0])
    if entry.mean is None or entry.std is None:
        statistics = Statistics.measured(train_images)
    else:
        statistics = Statistics(entry.mean, entry.std)
    shared = (class_names, statistics, entry.flip_keeps_label)
    return DataSet(
        name=entry.name,
        title=entry.title,
        train=LabelledImages(train_images, torch.from_numpy(train[1]), *shared),
        test=LabelledImages(torch.from_numpy(test[0]), torch.from_numpy(test[1]), *shared),
        notes=notes,
    )


def _read_fashion(root: Path, entry: DataSetEntry) -> tuple[Part, Part, tuple[str, ...]]:
    return read_fashion("train"), read_fashion("test"), entry.class_names


def _read_digits(root: Path, entry: DataSetEntry) -> tuple[Part, Part, tuple[str, ...]]:
    table = _digits_table()
    # 0 ... 16 grey levels -> 0 ... 255
    images = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
    label = table[:, 64].astype(np.int64)
    train, test = split_stratified(label, entry.test_count)
    return (images[train], label[train]), (images[test], label[test]), entry.class_names


def _digits_table() -> ndarray:
    """Rows of 64 pixels and a label, from scikit-learn's own file: importing scikit-learn takes seconds."""
    package = find_spec("sklearn")
    assert package is not None
    assert package.origin is not None
    file = Path(package.origin).parent / "datasets" / "data" / "digits.csv.gz"
    if file.is_file():
        with gzip.open(file, "rt") as text:
            return np.loadtxt(text, delimiter=",")
    from sklearn.datasets import load_digits  # where a later scikit-learn keeps the file elsewhere

    bunch = load_digits()
    return np.column_stack((bunch.data, bunch.target))


def _read_idx(root: Path, entry: DataSetEntry) -> tuple[Part, Part, tuple[str, ...]]:
    arrays = [_read_idx_file(root / file) for file in entry.files]
    train, test = (
        (images.reshape(len(images), 1, *images.shape[1:]), label.astype(np.int64))
        for images, label in (arrays[:2], arrays[2:])
    )
    return train, test, entry.class_names


def _read_idx_file(file: Path) -> UInt8[ndarray, "..."]:
    """Parse an IDX file: two zeros, 8 for uint8, the number of axes, their big-endian sizes, the values."""
    content = file.read_bytes()
    axes = 3 if "idx3" in file.name else 1
    if content[:4] != bytes((0, 0, 8, axes)):
        raise ValueError(f"{file.name} does not start like a file of its kind")
    sizes = (
        np.frombuffer(content, dtype=">u4", count=axes, offset=4) if len(content) >= 4 + 4 * axes else None
    )
    expected = None if sizes is None else 4 + 4 * axes + int(np.prod(sizes, dtype=np.float64))
    if sizes is None or expected != len(content):
        raise ValueError(f"{file.name} has {len(content)} bytes where its header promises {expected}")
    return np.frombuffer(bytearray(content), dtype=np.uint8, offset=4 + 4 * axes).reshape(*map(int, sizes))


def _read_cifar(root: Path, entry: DataSetEntry) -> tuple[Part, Part, tuple[str, ...]]:
    *training_files, test_file, meta = (root / file for file in entry.files)
    batches = [read_cifar_batch(file) for file in training_files]
    train = (
        np.concatenate([images for images, _ in batches]),
        np.concatenate([label for _, label in batches]),
    )
    names = read_cifar_names(meta, "label_names" if entry.name == "cifar10" else "fine_label_names")
    return train, read_cifar_batch(test_file), names


def _read_svhn(root: Path, entry: DataSetEntry) -> tuple[Part, Part, tuple[str, ...]]:
    train, test = (_read_svhn_file(root / file) for file in entry.files)
    return train, test, entry.class_names


def _read_svhn_file(file: Path) -> Part:
    from scipy.io import loadmat
    from scipy.io.matlab import MatReadError

    try:
        content = loadmat(file, variable_names=("X", "y"))
        images = np.ascontiguousarray(content["X"].transpose(3, 2, 0, 1))
        label = content["y"].astype(np.int64).reshape(-1)
    except (
        *(MatReadError, ValueError, TypeError, KeyError, IndexError, NotImplementedError),
        *(zlib.error, EOFError, MemoryError, OverflowError, AttributeError, UnicodeDecodeError),
    ) as error:
        raise ValueError(f"{file.name} is no SVHN file or is damaged ({error})") from error
    return images, label % 10  # the published files call the digit 0 class 10


def _check(part_name: str, part: Part, shape: tuple[int, int, int], classes: int) -> None:
    images, label = part
    if images.dtype != np.uint8 or images.shape[1:] != shape:
        raise ValueError(
            f"its {part_name} images are {images.dtype} of shape {images.shape[1:]}, not uint8 of {shape}"
        )
    if len(images) != len(label) or len(images) == 0:
        raise ValueError(f"it has {len(images)} {part_name} images and {len(label)} labels")
    if label.min() < 0 or label.max() >= classes:
        raise ValueError(
            f"its {part_name} labels run from {label.min()} to {label.max()}, not from 0 to {classes - 1}"
        )


def _differences(entry: DataSetEntry, root: Path, train: Part, test: Part) -> tuple[str, ...]:
    """Notes on files that differ from the published data set: results then do not compare with papers."""
    counts = (len(train[1]), len(test[1]))
    if counts != (entry.train_count, entry.test_count):
        return (
            f"The files on disk hold {counts[0]} training and {counts[1]} test images; "
            f"the published {entry.title} has {entry.train_count} and {entry.test_count}.",
        )
    if entry.name.startswith("cifar"):
        batches = (root / file for file in entry.files[:-1])
        changed = [file.name for file in batches if not is_published(file)]
        if changed:
            return (
                f"These are not the published {entry.title} files: "
                f"the checksum of {', '.join(changed)} differs.",
            )
    return ()


_READERS: dict[str, Callable[[Path, DataSetEntry], tuple[Part, Part, tuple[str, ...]]]] = {
    "fashion": _read_fashion,
    "digits": _read_digits,
    "mnist": _read_idx,
    "fashion_mnist": _read_idx,
    "cifar10": _read_cifar,
    "cifar100": _read_cifar,
    "svhn": _read_svhn,
}
