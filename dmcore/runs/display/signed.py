"""Signed values as grey images: mid-grey is 0, brighter is positive, darker is negative.

The factor is a round number, so that it can be named next to the image.
"""

import math

import numpy as np

from dmcore.runs.display.images import DisplayImages, Values

MID_GREY = 128
REACH = 127
OUTLIERS = 0.002
"""Share of the pixels that may be beyond black and white, so that one of them does not hide the rest."""


def signed_images(values: Values, factor: float, zero: float = MID_GREY) -> DisplayImages:
    """Signed values [...], in grey levels -> uint8: the grey of `zero` + factor · value, clamped."""
    images: DisplayImages = np.clip(np.rint(zero + factor * values), 0, 255).astype(np.uint8)
    return images


def amplification_factor(values: Values) -> float:
    """The largest of … 0.5, 1, 2, 5, 10 … that leaves nearly all values between black and white."""
    peak = float(np.quantile(np.abs(values), 1 - OUTLIERS)) if values.size else 0.0
    if not math.isfinite(peak) or peak <= 0:
        return 1.0
    largest = REACH / peak
    decade = 10.0 ** math.floor(math.log10(largest))
    return max(step * decade for step in (1, 2, 5) if step * decade <= largest)
