"""Thumbnail of a run: a mosaic of its newest images, enlarged pixel by pixel."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from dmcore.runs.display.images import DisplayImages, enlarge, to_display_images
from dmcore.runs.folder import RunFolder

MOST_CLASSES, MOST_ROWS = 10, 3
WIDTH = 400
"""Approximate width of a thumbnail in pixels."""
GAP = 1
"""Pixels between two images, before they are enlarged."""


def thumbnail(run: RunFolder) -> DisplayImages | None:
    """Draw the newest images, [height, width, 4]: a column per class, a row per set or image; None if none.

    Raises:
        ValueError: a snapshot is damaged.
    """
    newest = tuple((name, stored[-1]) for name in run.set_names if (stored := run.snapshots(name)))
    return _render(run.path, newest) if newest else None


def thumbnail_sets(run: RunFolder) -> tuple[str, ...]:
    """Names of the sets that a thumbnail has rows of, from top to bottom."""
    return tuple(name for name in run.set_names if run.snapshots(name))[:MOST_ROWS]


@lru_cache(maxsize=128)
def _render(path: Path, newest: tuple[tuple[str, int], ...]) -> DisplayImages:
    run = RunFolder(path)
    first_sets = newest[:MOST_ROWS]
    each = max(1, MOST_ROWS // len(first_sets))
    rows = [
        row
        for name, iteration in first_sets
        for row in np.moveaxis(run.snapshot(name, iteration).pixels[:MOST_CLASSES, :each], 1, 0)
    ]
    tiled = mosaic(to_display_images(np.stack(rows), run.description.data))
    return enlarge(tiled, max(1, round(WIDTH / tiled.shape[1])))


def mosaic(images: DisplayImages) -> DisplayImages:
    """Tile images [row, column, channel, height, width] -> [height, width, 4], a clear line between two."""
    rows, columns, _, height, width = images.shape
    framed = np.zeros((rows, height + GAP, columns, width + GAP, 4), np.uint8)
    framed[:, :height, :, :width, :3] = images.transpose(0, 3, 1, 4, 2)
    framed[:, :height, :, :width, 3] = 255
    return framed.reshape(rows * (height + GAP), columns * (width + GAP), 4)[:-GAP, :-GAP]
