"""Learned pixels as a screen shows them, without torch: for pages, films and pictures of a run."""

from typing import Any

import numpy as np
import numpy.typing as npt

from dmcore.runs.description import DataDescription


def pictures_of(pixels: npt.NDArray[np.floating[Any]], data: DataDescription) -> npt.NDArray[np.uint8]:
    """Learned pixels [..., channel, height, width] -> uint8: rounded and clamped to what a screen shows."""
    mean = np.array(data.mean, np.float32).reshape(-1, 1, 1) * 255
    std = np.array(data.std, np.float32).reshape(-1, 1, 1) * 255
    shown = pixels * std
    shown += mean
    np.rint(shown, out=shown)
    np.clip(shown, 0, 255, out=shown)
    return shown.astype(np.uint8)
