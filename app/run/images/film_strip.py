"""Thumbnails of every stored iteration of a run, for the time machine.

They are sent once, downsampled; the exact pixels come when the time machine's handle is released.
"""

from contextlib import suppress
from dataclasses import replace

from app.components.packed_frame import pack_frame, pack_frames
from app.jobs.run_view import RunView
from app.run.run_view import view_at
from app.run.stage_content import image_grid
from app.run.view_state import ViewState
from dmcore.runs.display.images import downsample
from dmcore.runs.folder import RunFolder

MOST_BYTES = 8 * 10**6
"""Most bytes of a film; larger images are downsampled by a whole factor."""


def film_strip(view: RunView, folder: RunFolder, view_state: ViewState, after: int = -1) -> bytes:
    """Pack, for each stored iteration above `after`, [u32 length][frame], as the image grid reads frames."""
    iterations = folder.snapshots()
    stops = [iteration for iteration in iterations if iteration > after]
    if not view.images or not stops:
        return b""
    total = len(iterations) * sum(images.nbytes for images in view.images.values())
    factor = next(factor for factor in range(1, 10**4) if total / factor**2 <= MOST_BYTES)
    frames = filter(None, (_frame(view, folder, stop, view_state, factor) for stop in stops))
    return pack_frames(frames)


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
    return pack_frame({"iteration": grid.iteration, "alt": grid.alt, "lanes": lanes})
