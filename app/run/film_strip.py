"""Thumbnails of every stored iteration of a run, for the time machine.

They are sent once, downsampled; the exact pixels come when the time machine's handle is released.
"""

import struct
from contextlib import suppress
from dataclasses import replace

import numpy as np

from app.components.image_grid import pack
from app.jobs.run_view import DisplayImages, RunView
from app.run.run_view import stored_iterations, view_at
from app.run.stage_content import image_grid
from app.run.view_state import ViewState
from dmcore.runs.folder import RunFolder

MOST_BYTES = 8 * 10**6
"""Most bytes of a film; larger images are downsampled by a whole factor."""


def film_strip(view: RunView, folder: RunFolder, view_state: ViewState, after: int = -1) -> bytes:
    """Pack, for each stored iteration above `after`, [u32 length][frame], as the image grid reads frames."""
    iterations = stored_iterations(folder)
    stops = [iteration for iteration in iterations if iteration > after]
    if not view.images or not stops:
        return b""
    total = len(iterations) * sum(images.nbytes for images in view.images.values())
    factor = next(factor for factor in range(1, 10**4) if total / factor**2 <= MOST_BYTES)
    frames = filter(None, (_frame(view, folder, stop, view_state, factor) for stop in stops))
    return b"".join(struct.pack("<I", len(frame)) + frame for frame in frames)


def downsample(images: DisplayImages, factor: int) -> DisplayImages:
    """Downsample images [..., height, width]: each block of `factor` x `factor` pixels becomes its mean.

    Edges that fill no block are cut.
    """
    height, width = (max(1, size // factor) for size in images.shape[-2:])
    rows, columns = (min(factor, size) for size in images.shape[-2:])
    cut = images[..., : height * rows, : width * columns]
    blocks = cut.reshape(*images.shape[:-2], height, rows, width, columns)
    small: DisplayImages = np.rint(blocks.mean(axis=(-3, -1), dtype=np.float32)).astype(np.uint8)
    return small


def _frame(view: RunView, folder: RunFolder, stop: int, view_state: ViewState, factor: int) -> bytes:
    """The frame of one iteration; empty where its snapshot is damaged, so that the others can be seen."""
    grid = None
    with suppress(ValueError):
        grid = image_grid(view_at(folder, view, stop), folder, view_state)
    if grid is None:
        return b""
    lanes = [
        replace(lane, pixels=downsample(lane.pixels, factor)) if factor > 1 else lane for lane in grid.lanes
    ]
    return pack({"iteration": grid.iteration, "alt": grid.alt}, lanes)
