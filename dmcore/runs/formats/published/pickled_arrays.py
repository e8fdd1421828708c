"""Stand-ins for what NumPy and argparse leave in a .pt file: plain values; none of their own code is called.

torch's loader calls only what it is given. It is given these in place of NumPy's constructors, whose state
could be anything; an array of objects, texts or records is refused.
"""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

_PLAIN = re.compile(r"[fiub][1248]")
_ORDER = re.compile(r"[<>|=]")


class PickledType:
    """In place of `numpy.dtype`: a plain number of a byte order."""

    def __init__(self, code: str, *_: object) -> None:
        if not isinstance(code, str) or not _PLAIN.fullmatch(code):
            raise ValueError(f"it holds an array of {str(code)[:20]}, which are no plain numbers")
        self._code, self._order = code, "="

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the byte order, of all that describes a type."""
        if not _ORDER.fullmatch(str(state[1])):
            raise ValueError(f"it holds an array of byte order {str(state[1])[:20]}")
        self._order = str(state[1])

    def values(self, content: bytes) -> np.ndarray:
        """Numbers of this type, in the byte order of this machine."""
        kind = np.dtype(self._order + self._code)
        return np.frombuffer(content, kind).astype(kind.newbyteorder("="))


class PickledArray:
    """In place of `numpy.ndarray`."""

    tensor: Tensor | None = None
    """The array; None until its state was read."""

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take shape, type and bytes, which must agree."""
        _, shape, kind, is_fortran, content = state
        if not isinstance(kind, PickledType) or not isinstance(content, bytes):
            raise ValueError("it holds an array without plain numbers")
        values = kind.values(content)
        if min(shape, default=0) < 0 or math.prod(shape) != len(values):
            raise ValueError(f"it declares an array of shape {list(shape)}, but holds {len(values)} numbers")
        self.tensor = torch.from_numpy(values.reshape(shape, order="F" if is_fortran else "C").copy())


class PickledSettings:
    """In place of `argparse.Namespace`, the options of the program that wrote the file: left out."""

    def __setstate__(self, state: object) -> None:
        """Leave the options out."""


def _empty_array(*_: object) -> PickledArray:
    return PickledArray()


def _scalar(kind: PickledType, content: bytes) -> float | int:
    (number,) = kind.values(content).tolist()
    return number  # type: ignore[no-any-return]


STAND_INS: list[Callable[..., Any] | tuple[Callable[..., Any], str]] = [
    *((_scalar, f"numpy.{core}.multiarray.scalar") for core in ("core", "_core")),  # by version of NumPy
    *((_empty_array, f"numpy.{core}.multiarray._reconstruct") for core in ("core", "_core")),
    (PickledArray, "numpy.ndarray"),
    (PickledType, "numpy.dtype"),
    (PickledSettings, "argparse.Namespace"),
]
"""For `torch.serialization.safe_globals`."""
