"""Conversion of synthetic pixels to uint8 display images, with NumPy: for pages and films."""

from typing import Any

import numpy as np
import numpy.typing as npt

from dmcore.runs.description import DataDescription


def to_display_images(pixels: npt.NDArray[np.floating[Any]], data: DataDescription) -> npt.NDArray[np.uint8]:
    """Denormalise pixels [..., channel, height, width] to uint8, rounded and clamped to 0..255."""
    mean = np.array(data.mean, np.float32).reshape(-1, 1, 1) * 255
    std = np.array(data.std, np.float32).reshape(-1, 1, 1) * 255
    images = pixels * std
    images += mean
    np.rint(images, out=images)
    np.clip(images, 0, 255, out=images)
    return images.astype(np.uint8)
