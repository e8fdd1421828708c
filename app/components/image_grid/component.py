"""Image grid: a canvas of images that keeps its DOM node, focus, hover and pick while the images change.

A frame is uint8 pixels and a small JSON header in one byte string, the same from the page's script and from
the server's address that a moving grid follows; layout.js lays the images out (a block per class, or a
row per lane where every class has one image), paging.js turns pages of classes where not all have room,
drawing.js draws them, picking.js reports a pick.
Names reach the page as text, never as HTML.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import streamlit as st

from app.components.packed_frame import Pick, pack_frame, report_pick
from app.components.scripts import declare_component

_PARTS = (
    *("../packed_frame", "../newest_state"),
    *("mosaics", "layout", "labels", "paging", "drawing", "picking", "live_updates", "mount"),
)
_GRID = declare_component("dm_image_grid", __file__, _PARTS)


@dataclass(frozen=True)
class Lane:
    """Titled row or block of images in a grid, such as a synthetic set.

    `pixels` is uint8 [class, image, channel, height, width] with one or three channels. The lanes of a grid
    may differ in images per class.

    Raises:
        ValueError: pixels of another dtype or shape.
    """

    name: str
    title: str
    pixels: npt.NDArray[np.uint8]
    first: int = 0
    """Index in its class of the first image, where only some are shown."""
    of: int | None = None
    """Images in each class; left open, as many as are shown."""
    signed: bool = False
    """Whether 128 is zero: drawn from blue over neutral to orange."""

    def __post_init__(self) -> None:
        """Validate dtype and shape."""
        shape = self.pixels.shape
        if self.pixels.dtype != np.uint8 or len(shape) != 5 or shape[2] not in (1, 3):
            raise ValueError(
                f"lane {self.name!r} has pixels {self.pixels.dtype} {shape}: give uint8 "
                "[class, image, channel, height, width] with one or three channels"
            )

    def has(self, label: int, image: int) -> bool:
        """Whether it shows this image of a class."""
        classes, images = self.pixels.shape[:2]
        return bool(0 <= label < classes and 0 <= image - self.first < images)


@dataclass(frozen=True)
class ImageGrid:
    """Frame of an image grid: its lanes at an iteration; its fields are what the scripts read."""

    lanes: Sequence[Lane]
    class_names: Sequence[str]
    iteration: int
    """Shown to tests as the canvas's `data-iteration`."""
    alt: str
    """One sentence for readers who do not see the images."""
    caption: tuple[str, ...] = ()
    """Lines of text below the images."""
    picked: Pick | None = None
    """The image that is outlined."""
    max_height: int = 620
    """CSS pixels that the grid tries not to exceed; up to a hundred images stay at 40 or more."""
    largest: int = 168
    """CSS pixels of an image's longer side at most."""
    reserve: int | None = None
    """CSS pixels of the window's height that are left for its surroundings; left open, about a third."""
    below: float | None = None
    """Rem of what stands below it and is to be in sight with it, its caption included: then the images are as
    large as that allows, below 12 pixels the classes are paged, and the caption is one line; left open,
    `max_height` decides."""
    captioned: bool = True
    """Whether the caption is shown."""
    source: str = ""
    """Address of the newest frame, fetched when a live line of `subject` has changed; empty: never."""
    subject: str = ""
    film: str = ""
    """Address of its film: a timeline with the same film moves it."""
    first_class: int = 0
    """Position of a class on the page that it begins with, where classes are paged: the browser turns the
    pages, and takes this from the first frame of a subject."""

    def packed(self, pickable: bool = False) -> bytes:
        """Pack the frame for the scripts; images that are `pickable` answer clicks."""
        return pack_frame({**vars(self), "pickable": pickable})


def image_row(
    pixels: npt.NDArray[np.uint8],
    captions: Sequence[str],
    alt: str,
    caption: tuple[str, ...] = (),
    *,
    max_height: int,
    largest: int = 168,
) -> ImageGrid:
    """Grid of single images, uint8 [image, channel, height, width], each with its caption."""
    lanes = [Lane("images", "", pixels[:, None])]
    return ImageGrid(lanes, captions, 0, alt, caption, max_height=max_height, largest=largest)


def show_image_grid(
    key: str,
    grid: ImageGrid,
    on_pick: Callable[[Pick], None] | None = None,
    on_page: Callable[[int], None] | None = None,
) -> None:
    """Draw a grid, or update an already drawn one in place.

    Args:
        key: widget key; identifies the grid over updates and reruns.
        grid: what to draw.
        on_pick: called, as a Streamlit callback, when an image is clicked or chosen with Enter; left open,
            nothing can be picked.
        on_page: called, as a Streamlit callback, with the position of the first class of the page that was
            turned to.
    """

    def report_page() -> None:
        first = read_class(st.session_state[key].get("first_class"), len(grid.class_names))
        if on_page is not None and first is not None:
            on_page(first)

    _GRID(
        key=key,
        data=grid.packed(on_pick is not None),
        on_pick_change=partial(report_pick, key, grid.lanes, on_pick),
        on_first_class_change=report_page,
    )


def read_class(value: object, classes: int) -> int | None:
    """Parse the position of a class that the browser reported; None where it is none."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value < classes else None
