"""What each method's images look like, side by side: the first ones of each class.

They come from the run that has them. Must not import torch, must not draw.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.components.image_grid import ImageGrid, Lane
from app.data.folders import find_run
from app.jobs.live_snapshot import DisplayImages
from app.run.run_view import images_at
from app.tables.points import compared_rows
from dmcore.config.formatting import grouped
from dmcore.experiments.results import CellResult, Results

MOST_CLASSES = 10
SQUARE_SIDE = 2
"""A class's first images stand in a square of so many across and down."""
SEPARATOR_GREY = 128
"""The grey between two images of a square."""
SQUARE_PIXELS, TITLE_PIXELS = 72, 40
"""CSS pixels of a square, and of what stands above them."""


def images_grid(results: Results, column: str, root: Path) -> tuple[ImageGrid | None, list[str]]:
    """A lane for each row of the table, a class in each column; and why lanes lack, in sentences."""
    lanes: list[Lane] = []
    troubles: list[str] = []
    names: tuple[str, ...] = ()
    for row in compared_rows(results.table):
        filled = _first(results, row, column)
        if filled is None:
            continue
        try:
            run_names = find_run(filled.run, root).class_names
            names = names or run_names
            order = [run_names.index(one) for one in names[:MOST_CLASSES]]  # ValueError: other classes
            squares = _squares(root / filled.run, filled.set, filled.iteration, tuple(order))
        except (ValueError, OSError) as trouble:
            troubles.append(f"{row}: {trouble}")
            continue
        lanes.append(Lane(row, _title(row, filled, len(run_names)), squares))
    if not lanes:
        return None, troubles
    shown = min(len(names), MOST_CLASSES)
    return (
        ImageGrid(
            lanes=lanes,
            class_names=names[:MOST_CLASSES],
            iteration=len(lanes),
            alt=f"The first images of {shown} classes as {len(lanes)} methods have them.",
            max_height=(SQUARE_PIXELS + 4) * len(lanes) + TITLE_PIXELS,
            largest=SQUARE_PIXELS,
            reserve=0,
        ),
        troubles,
    )


def tile_in_squares(pictures: DisplayImages) -> DisplayImages:
    """Pictures [class, image, channel, height, width] -> [class, 1, channel, …]: the first four in a square.

    Fewer than four: the first alone.
    """
    classes, images, channels, height, width = pictures.shape
    if images < SQUARE_SIDE**2:
        return pictures[:, :1]
    squares = np.full((classes, 1, channels, 2 * height + 1, 2 * width + 1), SEPARATOR_GREY, np.uint8)
    for number in range(SQUARE_SIDE**2):
        down, right = divmod(number, SQUARE_SIDE)
        top, left = down * (height + 1), right * (width + 1)
        squares[:, 0, :, top : top + height, left : left + width] = pictures[:, number]
    return squares


@lru_cache(maxsize=64)
def _squares(path: Path, name: str, iteration: int, order: Sequence[int]) -> DisplayImages:
    """A kept moment of a set does not change."""
    run = find_run(path.name, path.parent)
    return tile_in_squares(images_at(run, name, iteration)[list(order)])


def _first(results: Results, row: str, column: str) -> CellResult | None:
    """The first set of a cell that stands in a run."""
    there = (results.cell_results.get(index) for index in results.table.at(row, column))
    return next((one for one in there if one is not None and one.run), None)


def _title(row: str, filled: CellResult, classes: int) -> str:
    each = filled.images // max(1, classes)
    shown = SQUARE_SIDE**2 if each >= SQUARE_SIDE**2 else 1
    return row if each <= shown else f"{row}: {shown} of {grouped(each)} per class"
