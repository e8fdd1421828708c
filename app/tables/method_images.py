"""Image grid of a table: the first images of each class as each method has them, read from their runs."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.components.image_grid import ImageGrid, Lane
from app.data.folders import find_run
from dmcore.config.formatting import grouped
from dmcore.experiments.results import CellResult, Results
from dmcore.runs.display import DisplayImages, images_at

MOST_CLASSES = 10
SQUARE_SIDE = 2
"""A class's first images are tiled in a square of so many rows and columns."""
SEPARATOR_GREY = 128
"""Grey of the line between two images of a square."""
SQUARE_PIXELS, TITLE_PIXELS = 72, 40
"""CSS pixels of a square, and of the titles above the squares."""


def images_grid(results: Results, column: str, root: Path) -> tuple[ImageGrid | None, list[str]]:
    """Image grid of a column, a lane for each row of the table; and why lanes are missing, in sentences."""
    lanes: list[Lane] = []
    problems: list[str] = []
    names: tuple[str, ...] = ()
    for row in results.table.compared_rows:
        result = _first(results, row, column)
        if result is None:
            continue
        try:
            run_names = find_run(result.run, root).class_names
            names = names or run_names
            order = [run_names.index(name) for name in names[:MOST_CLASSES]]  # ValueError: other classes
            squares = _squares(root / result.run, result.set, result.iteration, tuple(order))
        except (ValueError, OSError) as error:
            problems.append(f"{row}: {error}")
            continue
        lanes.append(Lane(row, _title(row, result, len(run_names)), squares))
    if not lanes:
        return None, problems
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
        problems,
    )


def tile_in_squares(images: DisplayImages) -> DisplayImages:
    """Tile the first four images of each class in a square; fewer than four: the first alone.

    Args:
        images: uint8 [class, image, channel, height, width].

    Returns:
        uint8 [class, 1, channel, height, width].
    """
    classes, count, channels, height, width = images.shape
    if count < SQUARE_SIDE**2:
        return images[:, :1]
    squares = np.full((classes, 1, channels, 2 * height + 1, 2 * width + 1), SEPARATOR_GREY, np.uint8)
    for number in range(SQUARE_SIDE**2):
        down, right = divmod(number, SQUARE_SIDE)
        top, left = down * (height + 1), right * (width + 1)
        squares[:, 0, :, top : top + height, left : left + width] = images[:, number]
    return squares


@lru_cache(maxsize=64)
def _squares(path: Path, name: str, iteration: int, order: Sequence[int]) -> DisplayImages:
    """Squares of a set at a stored iteration, which does not change; cached."""
    run = find_run(path.name, path.parent)
    return tile_in_squares(images_at(run, name, iteration)[list(order)])


def _first(results: Results, row: str, column: str) -> CellResult | None:
    """First set of a row and column whose images are stored in a run."""
    return next((result for result in results.at(row, column) if result.run), None)


def _title(row: str, result: CellResult, classes: int) -> str:
    per_class = result.images // max(1, classes)
    drawn = SQUARE_SIDE**2 if per_class >= SQUARE_SIDE**2 else 1
    return row if per_class <= drawn else f"{row}: {drawn} of {grouped(per_class)} per class"
