"""Downsampling of curves to the points that a figure shows, spaced along its axis; running median."""

from typing import Literal

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Scale = Literal["log", "linear"]

MEDIAN_REACH = 0.03
"""Half width of a running median's window, as a share of the shown axis."""
MEDIAN_POINTS = 120
"""Positions at which a running median is taken."""


def downsample_indices(x: Integers, most: int, scale: Scale) -> npt.NDArray[np.int64]:
    """Indices of at most `most` values of ascending x, evenly spaced along the axis; the last is included."""
    if len(x) <= most:
        return np.arange(len(x))
    positions = _along(x, scale)
    targets = np.linspace(positions[0], positions[-1], most)
    indices = np.searchsorted(positions, targets - 1e-9)
    return indices[np.diff(indices, prepend=-1) > 0]


def evenly_spaced_indices(x: Integers, count: int, scale: Scale) -> npt.NDArray[np.int64]:
    """Indices of `count` values (2 or more) of ascending x with both ends; of all where there are fewer.

    Evenly spaced along the axis, but for where the values themselves lie wider apart than that, as the first
    ones on a log axis do: there every value is taken, and the rest of `count` is spread over the others.
    """
    if len(x) <= count:
        return np.arange(len(x))
    gaps = np.diff(_along(x, scale))
    widest = np.sort(gaps)[::-1][: count - 1]
    shared = count - 1 - np.arange(count - 1)  # steps that are left when the widest gaps before take one each
    spacing = (gaps.sum() - np.cumsum(widest) + widest) / shared
    steps = np.minimum(gaps / spacing[np.argmax(widest <= spacing + 1e-12)], 1.0)
    picked = np.searchsorted(np.cumsum(steps), np.arange(1, count) - 1e-9) + 1
    return np.concatenate([[0], picked])


def running_median(x: Integers, y: Floats, scale: Scale) -> tuple[Integers, npt.NDArray[np.float32]]:
    """Running (upper) median over a window along the axis, cut at the ends.

    Returns:
        x of `MEDIAN_POINTS` positions or fewer, and the median at each.
    """
    centres = evenly_spaced_indices(x, MEDIAN_POINTS, scale)
    positions = _along(x, scale)
    reach = MEDIAN_REACH * (positions[-1] - positions[0]) + 1e-9
    first = np.searchsorted(positions, positions[centres] - reach)
    after = np.searchsorted(positions, positions[centres] + reach)
    windows = [y[low:high] for low, high in zip(first, after, strict=True)]
    return x[centres], np.asarray(
        [np.partition(window, len(window) // 2)[len(window) // 2] for window in windows], np.float32
    )


def _along(x: Integers, scale: Scale) -> npt.NDArray[np.float64]:
    return np.log(x.astype(np.float64)) if scale == "log" else x.astype(np.float64)
