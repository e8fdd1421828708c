"""Thumbnails of every stored moment of a run, for the time machine: sent once, exact pixels come on release.

Must not import torch.
"""

import struct
from contextlib import suppress
from dataclasses import replace

import numpy as np

from app.components.image_grid import pack
from app.jobs.snapshot import Pictures
from app.run.moment import RunView, kept_iterations, view_at
from app.run.stage import image_grid
from app.run.view_state import Look
from dmcore.runs.folder import RunFolder

MOST_BYTES = 8 * 10**6
"""A film in all; larger images are made smaller by a whole factor."""


def film_strip(view: RunView, folder: RunFolder, look: Look, after: int = -1) -> bytes:
    """For each kept iteration above `after` [u32 length][frame], as the image grid reads frames."""
    kept = kept_iterations(folder)
    stops = [one for one in kept if one > after]
    if not view.pictures or not stops:
        return b""
    total = len(kept) * sum(one.nbytes for one in view.pictures.values())
    factor = next(factor for factor in range(1, 10**4) if total / factor**2 <= MOST_BYTES)
    frames = filter(None, (_frame(view, folder, stop, look, factor) for stop in stops))
    return b"".join(struct.pack("<I", len(frame)) + frame for frame in frames)


def smaller(pictures: Pictures, factor: int) -> Pictures:
    """Pictures [..., height, width], each block of `factor` x `factor` pixels as its mean; edges are cut."""
    height, width = (max(1, size // factor) for size in pictures.shape[-2:])
    rows, columns = (min(factor, size) for size in pictures.shape[-2:])
    cut = pictures[..., : height * rows, : width * columns]
    blocks = cut.reshape(*pictures.shape[:-2], height, rows, width, columns)
    small: Pictures = np.rint(blocks.mean(axis=(-3, -1), dtype=np.float32)).astype(np.uint8)
    return small


def _frame(view: RunView, folder: RunFolder, stop: int, look: Look, factor: int) -> bytes:
    """The frame of one moment; nothing where its snapshot is damaged, so that the others can be seen."""
    grid = None
    with suppress(ValueError):
        grid = image_grid(view_at(folder, view, stop), folder, look)
    if grid is None:
        return b""
    lanes = [
        replace(lane, pixels=smaller(lane.pixels, factor)) if factor > 1 else lane for lane in grid.lanes
    ]
    return pack({"iteration": grid.iteration, "alt": grid.alt}, lanes)
