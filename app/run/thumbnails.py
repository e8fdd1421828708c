"""A small picture of a run: its newest images, enlarged pixel by pixel. Knows nothing of pages."""

from functools import lru_cache
from pathlib import Path

import numpy as np

from app.jobs.snapshot import Pictures, pictures_of
from dmcore.runs.folder import RunFolder

MOST_CLASSES, MOST_ROWS = 10, 3
WIDTH = 400
"""About how many pixels wide a thumbnail is."""
GAP = 1
"""Pixels between two images, before they are enlarged."""


def thumbnail(run: RunFolder) -> Pictures | None:
    """The newest images, [height, width, 4]: a column per class, a row per set or image; None without any.

    Raises:
        ValueError: a snapshot is damaged.
    """
    newest = tuple((name, kept[-1]) for name in run.set_names if (kept := run.snapshots(name)))
    return _drawn(run.path, newest) if newest else None


@lru_cache(maxsize=128)
def _drawn(path: Path, newest: tuple[tuple[str, int], ...]) -> Pictures:
    run = RunFolder(path)
    shown = newest[:MOST_ROWS]
    each = max(1, MOST_ROWS // len(shown))
    rows = [
        row
        for name, iteration in shown
        for row in np.moveaxis(run.snapshot(name, iteration).pixels[:MOST_CLASSES, :each], 1, 0)
    ]
    return enlarged(mosaic(pictures_of(np.stack(rows), run.description.data)))


def mosaic(pictures: Pictures) -> Pictures:
    """Pictures [row, column, channel, height, width] -> one [height, width, 4], a clear line between two."""
    rows, columns, _, height, width = pictures.shape
    framed = np.zeros((rows, height + GAP, columns, width + GAP, 4), np.uint8)
    framed[:, :height, :, :width, :3] = pictures.transpose(0, 3, 1, 4, 2)
    framed[:, :height, :, :width, 3] = 255
    return framed.reshape(rows * (height + GAP), columns * (width + GAP), 4)[:-GAP, :-GAP]


def enlarged(picture: Pictures) -> Pictures:
    """Each pixel as a square, so that a browser does not blur it."""
    factor = max(1, round(WIDTH / picture.shape[1]))
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)
