"""Signed values as images of one channel: 128 is zero, more is positive, less is negative.

Pages colour them, from blue over neutral to orange, and state what the full colours stand for.
"""

import numpy as np

from dmcore.runs.display.images import DisplayImages, Values

MID_GREY = 128
REACH = 127
"""Levels from zero to a full colour."""
OUTLIERS = 0.002
"""Share of the pixels that may be beyond the full colours, so that one of them does not hide the rest."""


def signed_images(values: Values, factor: float) -> DisplayImages:
    """Signed values [...] -> uint8: mid-grey + factor · value, clamped."""
    images: DisplayImages = np.clip(np.rint(MID_GREY + factor * values), 0, 255).astype(np.uint8)
    return images


def full_colour(factor: float) -> float:
    """The value, in the unit of the values, that has a full colour."""
    return REACH / factor
