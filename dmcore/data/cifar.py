"""Reader of CIFAR-10 and CIFAR-100 in their Python layout, with a restricted unpickler.

The published files are pickles, and a pickle can run any code. This reader builds arrays, numbers, strings,
lists and dicts and nothing else, so untrusted files are safe.
"""

import pickle  # noqa: TID251  the published format; only _ArraysOnly below uses it
from collections.abc import Callable
from hashlib import md5
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Int64, UInt8
from numpy import ndarray

Content = TypeVar("Content")

_MD5 = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
    "train": "16019d7e3df5f24257cddd939b257f8d",
    "test": "f0ef6b0ae62326f3e7ffdfab6717acfc",
}


def _encoded(text: str, encoding: str) -> bytes:
    """Replaces `codecs.encode` in old pickles; latin1 only, so that a file cannot choose the codec."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"bytes in the encoding {encoding!r}")
    return text.encode("latin1")


# the functions that numpy's own pickles call, taken from numpy because their module was renamed in numpy 2
_ALLOWED: dict[str, Any] = {
    "_codecs.encode": _encoded,
    "numpy.ndarray": ndarray,
    "numpy.dtype": np.dtype,
    **{
        f"numpy.{core}.{name}": function
        for core in ("core", "_core")
        for name, function in (
            ("multiarray._reconstruct", np.zeros(0).__reduce__()[0]),
            ("multiarray.scalar", np.float64(0).__reduce__()[0]),
            ("numeric._frombuffer", np.zeros(0).__reduce_ex__(5)[0]),
        )
    },
}


class _ArraysOnly(pickle.Unpickler):
    """Unpickler that refuses every class and function not needed to rebuild an array."""

    def find_class(self, module: str, name: str) -> Any:
        if f"{module}.{name}" not in _ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which no CIFAR file needs")
        return _ALLOWED[f"{module}.{name}"]


def read_cifar_names(file: Path, key: str) -> tuple[str, ...]:
    """Read class names from `batches.meta` (key `label_names`) or `meta` (key `fine_label_names`)."""
    return tuple(str(name) for name in _read(file, lambda content: content[key]))


def read_cifar_batch(file: Path) -> tuple[UInt8[ndarray, "image 3 32 32"], Int64[ndarray, " image"]]:
    """Read images and labels of one file.

    Raises:
        ValueError: the file is no CIFAR file, is damaged, or carries code.
    """

    def arrays(content: Any) -> tuple[ndarray, ndarray]:
        images = np.asarray(content["data"]).reshape(-1, 3, 32, 32)
        if images.dtype != np.uint8:
            raise ValueError(f"pixels are {images.dtype}, not uint8")
        label = content["labels"] if "labels" in content else content["fine_labels"]
        return images, np.asarray(label, dtype=np.int64)

    return _read(file, arrays)


def is_published(file: Path) -> bool:
    """Whether the file's MD5 is the published one."""
    return md5(file.read_bytes(), usedforsecurity=False).hexdigest() == _MD5[file.name]


def _read(file: Path, use: Callable[[Any], Content]) -> Content:
    with file.open("rb") as stream:
        try:
            return use(_ArraysOnly(stream, encoding="latin1").load())
        except (
            *(pickle.UnpicklingError, EOFError, ValueError, TypeError, KeyError, IndexError),
            *(AttributeError, ImportError, OverflowError, MemoryError),
        ) as error:
            raise ValueError(f"{file.name} is no CIFAR file or is damaged ({error})") from error
