"""Curves of any length -> as many points as a figure shows, spaced along its axis; and their running median.

Must not know what is drawn.
"""

from typing import Literal

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int32] | npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32] | npt.NDArray[np.float64]
Scale = Literal["log", "linear"]

MEDIAN_REACH = 0.03
"""How far a running median looks to each side, as a share of the shown axis."""
MEDIAN_POINTS = 120
"""Places at which a running median is taken."""


def downsample_indices(x: Integers, most: int, scale: Scale) -> npt.NDArray[np.int64]:
    """Positions of at most `most` values of ascending x, evenly spaced along the axis; the last is kept."""
    if len(x) <= most:
        return np.arange(len(x))
    place = _along(x, scale)
    wanted = np.linspace(place[0], place[-1], most)
    found = np.searchsorted(place, wanted - 1e-9)
    return found[np.diff(found, prepend=-1) > 0]


def evenly_spaced_indices(x: Integers, count: int, scale: Scale) -> npt.NDArray[np.int64]:
    """Positions of `count` values (2 or more) of ascending x with both ends; of all where there are fewer.

    Evenly spaced along the axis, but for where the values themselves lie wider apart than that, as the first
    ones on a log axis do: there all are kept, and what they leave is spread over the others.
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
    """Where the median stands, and the (upper) median of what lies near along the axis; cut at the ends."""
    kept = evenly_spaced_indices(x, MEDIAN_POINTS, scale)
    place = _along(x, scale)
    reach = MEDIAN_REACH * (place[-1] - place[0]) + 1e-9
    first = np.searchsorted(place, place[kept] - reach)
    after = np.searchsorted(place, place[kept] + reach)
    windows = [y[low:high] for low, high in zip(first, after, strict=True)]
    return x[kept], np.asarray(
        [np.partition(one, len(one) // 2)[len(one) // 2] for one in windows], np.float32
    )


def _along(x: Integers, scale: Scale) -> npt.NDArray[np.float64]:
    return np.log(x.astype(np.float64)) if scale == "log" else x.astype(np.float64)
