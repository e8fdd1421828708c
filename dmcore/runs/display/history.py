"""History of one synthetic image: as it was at some of the stored iterations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dmcore.runs.display.images import DisplayImages, to_display_images
from dmcore.runs.folder import RunFolder


@dataclass(frozen=True)
class ImageHistory:
    """An image at several iterations."""

    iterations: tuple[int, ...]
    images: DisplayImages
    """[iteration, channel, height, width]"""


def image_history(run: RunFolder, set_name: str, label: int, image: int, count: int) -> ImageHistory | None:
    """Read an image at about `count` of its stored iterations; None with fewer than two.

    Args:
        run: the run.
        set_name: the set.
        label: the class.
        image: index of the image in its class.
        count: how many iterations, evenly in log time.

    Raises:
        ValueError: there is no such set or image, or a snapshot is damaged.
    """
    iterations = spread_iterations(run.snapshots(set_name), count)
    if len(iterations) < 2:
        return None
    pixels = np.stack([run.image(set_name, at, label, image) for at in iterations])
    return ImageHistory(tuple(iterations), to_display_images(pixels, run.description.data))


def spread_iterations(stored: Sequence[int], count: int) -> list[int]:
    """Choose about `count` of the stored iterations, evenly in log time, with the first and the last."""
    if len(stored) <= count:
        return list(stored)
    log_time = np.log1p(stored)
    targets = np.linspace(log_time[0], log_time[-1], count)
    return sorted({stored[int(np.abs(log_time - target).argmin())] for target in targets})
