"""Catalogue of the named data sets: titles, shapes, sizes, classes, statistics, files on disk.

Known without reading any data. Means and deviations are those of the published code (METHOD.md,
"Normalisation").
"""

import os
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from platformdirs import user_cache_path

_FILE_SUFFIXES = (".zip", ".npz", ".parquet", ".arrow")
"""Endings of a name that is meant as a path."""


@dataclass(frozen=True)
class DataSetEntry:
    """Catalogue entry of a named data set, and whether it is on this machine."""

    name: str
    """Name in a configuration and on the command line."""
    title: str
    """Display name."""
    sentence: str
    """Description in one sentence."""
    shape: tuple[int, int, int]
    """Channels, height, width."""
    classes: int
    train_count: int
    test_count: int
    smallest_class: int
    """Training images of the class that has fewest."""
    flip_keeps_label: bool
    """False where a horizontal flip changes what an image means (digits)."""
    mean: tuple[float, ...] | None
    """Per channel, of training images scaled to [0, 1]; None: computed when loaded."""
    std: tuple[float, ...] | None
    files: tuple[str, ...] = ()
    """Files in torchvision's layout, relative to the data root; empty: comes with `package`."""
    download_bytes: int = 0
    on_disk: bool = False
    class_names: tuple[str, ...] = ()
    """Empty: read from the data set's own files."""
    package: str = ""
    """Installed Python package that the data come with; empty: they are under the data root."""


_DIGIT_NAMES = tuple("0123456789")
_FASHION_NAMES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
_IDX_FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)

CATALOGUE = {
    entry.name: entry
    for entry in (
        DataSetEntry(
            name="fashion",
            title="Fashion-MNIST subset",
            sentence=(
                "Pieces of clothing of 28×28 pixels in grey: of each class of Fashion-MNIST 500 for training "
                "and 100 for testing, always there."
            ),
            shape=(1, 28, 28),
            classes=10,
            train_count=5000,
            test_count=1000,
            smallest_class=500,
            flip_keeps_label=True,
            mean=(0.2861,),  # of all Fashion-MNIST; the subset's own are 0.2873 and 0.3544
            std=(0.3530,),
            class_names=_FASHION_NAMES,
            package="dm-explorer",
        ),
        DataSetEntry(
            name="digits",
            title="Digits",
            sentence="Handwritten digits of 8×8 pixels that come with scikit-learn: quick, always there.",
            shape=(1, 8, 8),
            classes=10,
            train_count=1437,
            test_count=360,
            smallest_class=139,
            flip_keeps_label=False,
            mean=None,
            std=None,
            class_names=_DIGIT_NAMES,
            package="scikit-learn",
        ),
        DataSetEntry(
            name="mnist",
            title="MNIST",
            sentence="Handwritten digits of 28×28 pixels in grey.",
            shape=(1, 28, 28),
            classes=10,
            train_count=60_000,
            test_count=10_000,
            smallest_class=5421,
            flip_keeps_label=False,
            mean=(0.1307,),
            std=(0.3081,),
            files=tuple(f"MNIST/raw/{file}" for file in _IDX_FILES),
            download_bytes=11_594_722,
            class_names=_DIGIT_NAMES,
        ),
        DataSetEntry(
            name="fashion_mnist",
            title="Fashion-MNIST",
            sentence="Pieces of clothing of 28×28 pixels in grey.",
            shape=(1, 28, 28),
            classes=10,
            train_count=60_000,
            test_count=10_000,
            smallest_class=6000,
            flip_keeps_label=True,
            mean=(0.2861,),
            std=(0.3530,),
            files=tuple(f"FashionMNIST/raw/{file}" for file in _IDX_FILES),
            download_bytes=30_878_645,
            class_names=_FASHION_NAMES,
        ),
        DataSetEntry(
            name="cifar10",
            title="CIFAR-10",
            sentence="Colour photographs of animals and vehicles, 32×32 pixels, 10 classes.",
            shape=(3, 32, 32),
            classes=10,
            train_count=50_000,
            test_count=10_000,
            smallest_class=5000,
            flip_keeps_label=True,
            mean=(0.4914, 0.4822, 0.4465),
            std=(0.2023, 0.1994, 0.2010),
            files=tuple(
                f"cifar-10-batches-py/{file}"
                for file in (
                    *(f"data_batch_{number}" for number in range(1, 6)),
                    "test_batch",
                    "batches.meta",
                )
            ),
            download_bytes=170_498_071,
        ),
        DataSetEntry(
            name="cifar100",
            title="CIFAR-100",
            sentence="Colour photographs of things of every kind, 32×32 pixels, 100 classes.",
            shape=(3, 32, 32),
            classes=100,
            train_count=50_000,
            test_count=10_000,
            smallest_class=500,
            flip_keeps_label=True,
            mean=(0.5071, 0.4866, 0.4409),
            std=(0.2673, 0.2564, 0.2762),
            files=tuple(f"cifar-100-python/{file}" for file in ("train", "test", "meta")),
            download_bytes=169_001_437,
        ),
        DataSetEntry(
            name="svhn",
            title="SVHN",
            sentence="House numbers cut from street photographs, 32×32 pixels in colour.",
            shape=(3, 32, 32),
            classes=10,
            train_count=73_257,
            test_count=26_032,
            smallest_class=4659,
            flip_keeps_label=False,
            mean=(0.4377, 0.4438, 0.4728),
            std=(0.1980, 0.2010, 0.1970),
            files=("train_32x32.mat", "test_32x32.mat"),
            download_bytes=246_316_178,
            class_names=_DIGIT_NAMES,
        ),
    )
}


def find_data_root(option: str | Path | None = None) -> Path:
    """Data root (folder of the named data sets): the option, else `DM_DATA`, else the user's cache folder."""
    root = option or os.environ.get("DM_DATA")
    return Path(root).expanduser() if root else user_cache_path("dm-explorer") / "data"


def is_on_disk(entry: DataSetEntry, root: Path) -> bool:
    """Whether every file of the data set exists; their content is not checked."""
    return all((root / file).is_file() for file in entry.files)


def describe_datasets(root: str | Path | None = None) -> list[DataSetEntry]:
    """Entries of all named data sets, with `on_disk` set for this data root."""
    folder = find_data_root(root)
    return [replace(entry, on_disk=is_on_disk(entry, folder)) for entry in CATALOGUE.values()]


def closest_name(name: str) -> str | None:
    """Closest name of the catalogue by edit distance, if any ("CIFAR-10" -> "cifar10")."""

    def plain(text: str) -> str:
        return "".join(character for character in text.lower() if character.isalnum())

    names = {plain(entry_name): entry_name for entry_name in CATALOGUE}
    matches = get_close_matches(plain(name), names, n=1, cutoff=0.5)
    return names[matches[0]] if matches else None


def unknown_dataset(name: str) -> str:
    """Error message for a name or path that is no data set, with the remedy."""
    known = f"known are {', '.join(CATALOGUE)}; or give the path of an image folder or a zip of one"
    if not name.strip():
        return f"no data set is named: {known}"
    if any(mark in name for mark in "/\\") or name.lower().endswith(_FILE_SUFFIXES):
        return f"there is nothing at {name}: check the path of the images"
    nearest = closest_name(name)
    return f"there is no data set {name!r}" + (f"; did you mean {nearest}?" if nearest else ":") + f" {known}"


def canonical_name(name: str) -> str:
    """Name of a data set that holds from every working directory: an absolute path for a path that exists."""
    return str(Path(name).expanduser().absolute()) if name not in CATALOGUE and is_there(name) else name


def is_there(path: str) -> bool:
    """Whether anything is found at a path; ~ is the home folder."""
    try:
        return Path(path).expanduser().exists()
    except (OSError, RuntimeError):  # a name too long, not permitted, or the home folder of nobody
        return False
