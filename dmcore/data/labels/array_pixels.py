"""Images of arrays as image files in memory, all arrays on one scale: what reads files then reads them."""

import io
from collections.abc import Callable, Sequence
from typing import NoReturn

import numpy as np
import psutil
from numpy import ndarray
from PIL import Image

from dmcore.data.image_decoding import BIT_DEPTHS
from dmcore.data.npz_arrays import NpzArrays

MEMORY_FACTOR = 3
"""Bytes of memory for each byte of the arrays: unpacked, scaled, and the images as networks see them."""
_CHANNELS = (1, 3, 4)
_ROUNDING = 1e-3
"""By which floats may lie outside their range."""
_UNCLEAR = 2.0
"""Floats up to here, but not to 1, may be on any scale."""


class ArrayPixels:
    """Pixels of arrays of images; unpacked when the first is read."""

    def __init__(self, arrays: NpzArrays, names: Sequence[str], source: str) -> None:
        self._arrays, self._names, self._source = arrays, names, source
        self._loaded: dict[str, ndarray] = {}

    def reader(self, name: str, row: int) -> Callable[[], bytes]:
        """Reads a row of an array as an image file."""

        def read() -> bytes:
            if not self._loaded:
                self._loaded = self._load()
            return _image_file(self._loaded[name][row])

        return read

    def _load(self) -> dict[str, ndarray]:
        needed = MEMORY_FACTOR * sum(map(self._arrays.nbytes, self._names))
        if needed > psutil.virtual_memory().available:
            raise ValueError(
                f"{self._source} needs {needed / 1e9:.1f} GB of memory, more than is free: give fewer images"
            )
        arrays = {name: self._channels_last(name, self._arrays.array(name)) for name in self._names}
        convert = self._scale(list(arrays.values()))
        for name, array in arrays.items():
            arrays[name] = convert(array)
        return arrays

    def _channels_last(self, name: str, array: ndarray) -> ndarray:
        if array.ndim == 3 or array.shape[3] in _CHANNELS:
            return array
        if array.shape[1] in _CHANNELS:
            return array.transpose(0, 2, 3, 1)
        raise ValueError(
            f"{name} in {self._source} has the shape {list(array.shape)}, without 1, 3 or 4 channels: "
            "give [image, height, width] or [image, height, width, channel]"
        )

    def _scale(self, arrays: Sequence[ndarray]) -> Callable[[ndarray], ndarray]:
        """What brings the values of all arrays to whole numbers from 0 to 255, or of grey images to 65535.

        Raises:
            ValueError: values that are no pixels.
        """
        if any(array.dtype.kind not in "buif" for array in arrays):
            raise ValueError(f"the images in {self._source} are no numbers: give uint8 from 0 to 255")
        low = min(float(array.min()) for array in arrays)
        highs = [float(array.max()) for array in arrays]
        high = max(highs)
        whole = all(array.dtype.kind in "bui" for array in arrays)
        slack = 0 if whole else _ROUNDING
        if not -slack <= low <= high <= (65535 if whole else 255 + slack):  # and no NaN
            self._refuse(low, high)
        if high <= 1 + slack:
            return lambda array: np.rint(np.clip(array, 0, 1) * np.float32(255)).astype(np.uint8)
        unit = [each for each, array in zip(highs, arrays, strict=True) if array.dtype.kind == "f"]
        if not whole and min(high, *unit) <= _UNCLEAR:
            self._refuse(low, min(high, *unit))
        if not whole:
            return lambda array: np.rint(np.clip(array, 0, 255)).astype(np.uint8)
        if high <= 255:
            return lambda array: array.astype(np.uint8, copy=False)
        if all(array.ndim == 3 or array.shape[3] == 1 for array in arrays):
            return lambda array: array.astype(np.uint16, copy=False)  # whoever reads them tells their bits
        shift = next(bits for bits in BIT_DEPTHS if high < 1 << bits) - 8
        return lambda array: (array.astype(np.uint16) >> shift).astype(np.uint8)

    def _refuse(self, low: float, high: float) -> NoReturn:
        raise ValueError(
            f"the images in {self._source} have values from {low:g} to {high:g}, which are no pixels: "
            "give uint8 from 0 to 255 or floats from 0 to 1; a condensed set is imported instead"
        )


def _image_file(pixels: ndarray) -> bytes:
    """Bytes of an uncompressed image file (PGM, PPM), or of a PNG for colours with transparency."""
    height, width, *channels = pixels.shape
    if channels == [4]:
        stream = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(stream, "PNG", compress_level=1)
        return stream.getvalue()
    magic = "P6" if channels == [3] else "P5"
    largest = 255 if pixels.dtype == np.uint8 else 65535
    content = pixels if largest == 255 else pixels.astype(">u2")
    return f"{magic} {width} {height} {largest}\n".encode() + content.tobytes()
