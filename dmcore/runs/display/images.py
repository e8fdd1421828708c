"""Conversion of synthetic pixels to uint8 display images, and their size on a screen, with NumPy.

For pages and films.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from dmcore.runs.description import DataDescription
from dmcore.runs.folder import RunFolder

DisplayImages = npt.NDArray[np.uint8]
Values = npt.NDArray[np.floating[Any]]


def images_at(run: RunFolder, set_name: str, iteration: int) -> DisplayImages:
    """Display images of a set at a stored iteration, uint8 [class, image, channel, height, width].

    Raises:
        ValueError: nothing is stored of that iteration, or its file is damaged.
    """
    return to_display_images(run.snapshot(set_name, iteration).pixels, run.description.data)


def to_display_images(pixels: Values, data: DataDescription) -> DisplayImages:
    """Denormalise pixels [..., channel, height, width] to uint8, rounded and clamped to 0..255."""
    mean = np.array(data.mean, np.float32).reshape(-1, 1, 1) * 255
    images = grey_levels(pixels, data)
    images += mean
    np.rint(images, out=images)
    np.clip(images, 0, 255, out=images)
    return images.astype(np.uint8)


def grey_levels(differences: Values, data: DataDescription) -> Values:
    """Differences of normalised pixels [..., channel, height, width] -> in levels of 255, signed."""
    levels: Values = differences * (np.array(data.std, np.float32).reshape(-1, 1, 1) * 255)
    return levels


def downsample(images: DisplayImages, factor: int) -> DisplayImages:
    """Downsample images [..., height, width]: each block of `factor` x `factor` pixels becomes its mean.

    Edges that fill no block are cut.
    """
    height, width = (max(1, size // factor) for size in images.shape[-2:])
    rows, columns = (min(factor, size) for size in images.shape[-2:])
    cut = images[..., : height * rows, : width * columns]
    blocks = cut.reshape(*images.shape[:-2], height, rows, width, columns)
    small: DisplayImages = np.rint(blocks.mean(axis=(-3, -1), dtype=np.float32)).astype(np.uint8)
    return small


def enlarge(image: DisplayImages, factor: int) -> DisplayImages:
    """Enlarge an image [height, width, ...]: each pixel becomes a square, which a browser does not blur."""
    return image.repeat(factor, axis=0).repeat(factor, axis=1)
