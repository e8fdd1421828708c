"""The first images of each class of the default data set, as the scripts of these components take them."""

from dataclasses import dataclass
from functools import cache

from jaxtyping import UInt8
from numpy import ndarray

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.fashion import CLASSES, SIDE, read_fashion

PER_CLASS = 20
"""Images of each class."""


@dataclass(frozen=True)
class ImageSheet:
    """Images and how they are normalised; in the header of a packed frame, see types.d.ts."""

    images: UInt8[ndarray, "class image height width"]
    class_names: tuple[str, ...]
    mean: float
    """Of the data set's pixels between 0 and 1; the deviation as well."""
    deviation: float


@cache
def image_sheet() -> ImageSheet:
    """The first `PER_CLASS` training images of each class.

    Raises:
        ValueError: the data set's file is missing or damaged.
    """
    entry = CATALOGUE["fashion"]
    assert entry.mean is not None
    assert entry.std is not None
    images, _ = read_fashion("train")
    return ImageSheet(
        images[: CLASSES * PER_CLASS].reshape(PER_CLASS, CLASSES, SIDE, SIDE).swapaxes(0, 1),
        entry.class_names,
        entry.mean[0],
        entry.std[0],
    )
