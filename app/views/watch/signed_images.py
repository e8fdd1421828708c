"""Signed values as grey images: mid-grey is 0, brighter is positive, darker is negative.

The factor is a round number, so that it can be named next to the image.
"""

import math

import numpy as np
import numpy.typing as npt

from app.jobs.run_view import DisplayImages

MID_GREY = 128
REACH = 127
OUTLIERS = 0.002
"""Share of the pixels that may be beyond black and white, so that one of them does not hide the rest."""


def signed_images(values: npt.NDArray[np.float32], factor: float) -> DisplayImages:
    """Signed values [...], in grey levels -> uint8: mid-grey + factor · value, clamped."""
    images: DisplayImages = np.clip(np.rint(MID_GREY + factor * values), 0, 255).astype(np.uint8)
    return images


def amplification_factor(values: npt.NDArray[np.float32]) -> float:
    """The largest of … 0.5, 1, 2, 5, 10 … that leaves nearly all values between black and white."""
    peak = float(np.quantile(np.abs(values), 1 - OUTLIERS)) if values.size else 0.0
    if not math.isfinite(peak) or peak <= 0:
        return 1.0
    largest = REACH / peak
    decade = 10.0 ** math.floor(math.log10(largest))
    return max(step * decade for step in (1, 2, 5) if step * decade <= largest)
