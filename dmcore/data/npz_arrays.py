"""Arrays of an npz file from elsewhere: headers first, then those that are wanted, without pickled objects.

The zip's directory and each array's header declare sizes: they must agree with each other and with the limits
before a byte is unpacked.
"""

import math
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy import ndarray
from numpy.lib import format as npy

from dmcore.data import limits
from dmcore.files.npz import DAMAGED_NPZ

if TYPE_CHECKING:
    from torch import Tensor

_HEADER_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


class NpzArrays:
    """Open npz file; from `open_npz`. Each method raises ValueError for an array that is no plain one."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive
        self._members = {member.filename.removesuffix(".npy"): member for member in archive.infolist()}

    @property
    def names(self) -> list[str]:
        """Names of the arrays."""
        return list(self._members)

    def shape(self, name: str) -> tuple[int, ...]:
        """Declared shape of an array, which its declared size in the zip confirms."""
        member = self._members[name]
        with _damage_explained(self._path), self._archive.open(member) as stream:
            version = npy.read_magic(stream)
            if version not in _HEADER_READERS:
                raise ValueError(f"{member.filename} has version {version} of the npy format")
            shape, _, dtype = _HEADER_READERS[version](stream)
            if dtype.hasobject:
                raise ValueError(f"{member.filename} holds Python objects")
            declared = math.prod(shape) * dtype.itemsize
            if min(shape, default=0) < 0 or declared != member.file_size - stream.tell():
                raise ValueError(
                    f"{member.filename} declares {list(shape)} {dtype}, but holds {member.file_size} bytes"
                )
        return tuple(shape)

    def nbytes(self, name: str) -> int:
        """Bytes of an array with its header."""
        return self._members[name].file_size

    def array(self, name: str) -> ndarray:
        """Unpack an array, in the byte order of this machine."""
        with _damage_explained(self._path):
            array = self._read(name)
            return array.astype(array.dtype.newbyteorder("="), copy=False)

    def tensor(self, name: str) -> "Tensor":
        """Unpack an array as a tensor."""
        from torch import from_numpy

        with _damage_explained(self._path):
            return from_numpy(self.array(name))

    def text(self, name: str) -> str:
        """Unpack an array that is one text."""
        with _damage_explained(self._path):
            return str(self._read(name))

    def _read(self, name: str) -> np.ndarray:
        with self._archive.open(self._members[name]) as stream:
            return np.asarray(npy.read_array(stream, allow_pickle=False))


@contextmanager
def open_npz(path: Path) -> Iterator[NpzArrays]:
    """Open an npz file and check how much it would unpack to.

    Raises:
        ValueError: no npz file, damaged, encrypted, or a zip bomb.
    """
    with _damage_explained(path):
        archive = zipfile.ZipFile(path)
    with archive:
        members = archive.infolist()
        packed = sum(member.compress_size for member in members)
        unpacked = sum(member.file_size for member in members)
        limits.check_ratio(path.name, packed, unpacked, "save it with numpy.savez, uncompressed")
        yield NpzArrays(path, archive)


@contextmanager
def _damage_explained(path: Path) -> Iterator[None]:
    try:
        yield
    except DAMAGED_NPZ as damage:
        raise ValueError(
            f"{path.name} cannot be read as plain arrays ({damage}): write it with numpy.savez(file, "
            "images=…, label=…)"
        ) from damage
