"""Layers of a run's images: their amplified change since the start, and their momentum, as signed images.

Much of what condensation does is too small to see, so it is amplified: the change by a chosen factor, the
momentum of each iteration such that it uses the whole range.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from dmcore.runs.display.images import DisplayImages, Values, grey_levels, images_at
from dmcore.runs.display.signed import REACH, signed_images
from dmcore.runs.folder import RunFolder

STRONG_PERCENTILE = 99.5
"""Percentile of a stored momentum that has a full colour."""


def start_images(run: RunFolder) -> dict[str, DisplayImages]:
    """Read the images that each set started from; a set whose start was not stored is left out.

    Raises:
        DamagedFileError: a snapshot is damaged.
    """
    if run.description.origin != "condense":  # what it calls iteration 0 was not where it started
        return {}
    stored = tuple(name for name in run.set_names if run.snapshots(name)[:1] == [0])
    return dict(_read_start(run.path, stored))


def change_images(now: DisplayImages, start: DisplayImages, factor: int) -> DisplayImages:
    """What was learned, amplified: factor · (now − start), as signed images.

    Args:
        now: uint8 [..., channel, height, width].
        start: of the same shape.
        factor: levels for a change of one in 255.

    Returns:
        uint8 [..., 1, height, width]: of colour images the mean over the channels.
    """
    return _signed(now.astype(np.float32) - start, float(factor))


def mean_change(now: Mapping[str, DisplayImages], start: Mapping[str, DisplayImages]) -> float | None:
    """Mean absolute change of a pixel since the start, of 255, of the set that changed most."""
    changes = [
        float(np.abs(pixels.astype(np.int16) - start[name]).mean())
        for name, pixels in now.items()
        if name in start and start[name].shape == pixels.shape
    ]
    return max(changes) if changes else None


def momentum_images(run: RunFolder, iteration: int) -> tuple[dict[str, DisplayImages], float | None]:
    """Momentum of each set at a stored iteration as signed images: positive is what grows lighter.

    Args:
        run: the run; sets that were imported have no momentum.
        iteration: an iteration at which all sets are stored.

    Returns:
        The images, and their amplification in levels for a step of one in 255: one round number for all sets,
        so that they can be compared; None where no momentum is stored.

    Raises:
        DamagedFileError: a snapshot is damaged.
    """
    images, gain = _read_momentum(run.path, run.set_names, iteration)
    return dict(images), gain


def _signed(values: Values, factor: float) -> DisplayImages:
    return signed_images(values.mean(axis=-3, keepdims=True), factor)


def _moving(run: RunFolder, name: str, iteration: int) -> Values | None:
    """Distance that each pixel would move by its momentum alone, in 1/255; None where none is stored."""
    spec, momentum = run.set_named(name).spec, run.snapshot(name, iteration).momentum
    if spec is None or momentum is None:  # an import, or a packed run
        return None
    return grey_levels(-spec.image_lr * momentum.astype(np.float32), run.description.data)


@lru_cache(maxsize=4)  # a live run is polled more often than it stores
def _read_momentum(
    path: Path, names: tuple[str, ...], iteration: int
) -> tuple[tuple[tuple[str, DisplayImages], ...], float | None]:
    run = RunFolder(path)
    steps = {name: step for name in names if (step := _moving(run, name, iteration)) is not None}
    strong = max(
        (float(np.percentile(np.abs(step), STRONG_PERCENTILE)) for step in steps.values()), default=0.0
    )
    if not strong:
        return (), None
    gain = float(f"{REACH / strong:.1g}")
    return tuple((name, _signed(step, gain)) for name, step in steps.items()), gain


@lru_cache(maxsize=4)
def _read_start(path: Path, names: tuple[str, ...]) -> tuple[tuple[str, DisplayImages], ...]:
    run = RunFolder(path)
    return tuple((name, images_at(run, name, 0)) for name in names)
