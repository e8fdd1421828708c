"""Image grid: a canvas of images that keeps its DOM node, focus, hover and pick while the images change.

A frame is uint8 pixels and a small JSON header in one byte string, the same from the page's script and from
the server's address that a moving grid follows; layout.js lays the images out (a block per class, or a
row per lane where every class has one image), drawing.js draws them, picking.js reports a pick.
Names reach the page as text, never as HTML.
"""

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from app.components.scripts import declare_component

_PARTS = (
    *("../packed_frame", "../newest_state"),
    *("mosaics", "layout", "labels", "drawing", "picking", "live_updates", "mount"),
)
_GRID = declare_component("dm_image_grid", __file__, _PARTS)


@dataclass(frozen=True)
class Lane:
    """Titled row or block of images in a grid, such as a synthetic set.

    `pixels` is uint8 [class, image, channel, height, width] with one or three channels. The lanes of a grid
    may differ in images per class.
    """

    name: str
    title: str
    pixels: npt.NDArray[np.uint8]
    first: int = 0
    """Index in its class of the first image, where only some are shown."""
    of: int | None = None
    """Images in each class; left open, as many as are shown."""


@dataclass(frozen=True)
class Pick:
    """Picked image of a grid: the lane's name, the class and the image's index in its class."""

    lane: str
    label: int
    image: int


@dataclass(frozen=True)
class ImageGrid:
    """Frame of an image grid: its lanes at an iteration."""

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
    source: str = ""
    """Address of the newest frame, fetched when a live line of `subject` has changed; empty: never."""
    subject: str = ""
    film: str = ""
    """Address of its film: a timeline with the same film moves it."""

    def packed(self, pickable: bool = False) -> bytes:
        """Pack the frame for image_grid.js; images that are `pickable` answer clicks."""
        header = {
            "iteration": self.iteration,
            "alt": self.alt,
            "caption": self.caption,
            "classes": list(self.class_names),
            "picked": None
            if self.picked is None
            else [self.picked.lane, self.picked.label, self.picked.image],
            "pickable": pickable,
            "maxHeight": self.max_height,
            "reserve": self.reserve,
            "largest": self.largest,
            "source": self.source,
            "subject": self.subject,
            "film": self.film,
        }
        return pack(header, self.lanes)


def show_image_grid(key: str, grid: ImageGrid, on_pick: Callable[[Pick], None] | None = None) -> None:
    """Draw a grid, or update an already drawn one in place.

    Args:
        key: widget key; identifies the grid over updates and reruns.
        grid: what to draw.
        on_pick: called, as a Streamlit callback, when an image is clicked or chosen with Enter; left open,
            nothing can be picked.
    """

    def report() -> None:
        pick = read_pick(st.session_state[key].get("pick"), grid.lanes)
        if pick is not None and on_pick is not None:
            on_pick(pick)

    _GRID(key=key, data=grid.packed(on_pick is not None), on_pick_change=report)


def pack(header: Mapping[str, object], lanes: Sequence[Lane]) -> bytes:
    """Pack header and lanes: [u32 length of the header][header as JSON][one uint8 mosaic per lane].

    A mosaic is close to a square (a browser's canvas is limited in each direction), [row, column, channel].

    Raises:
        ValueError: pixels of a lane are not uint8 [class, image, channel, height, width].
    """
    descriptions: list[dict[str, object]] = []
    mosaics: list[bytes] = []
    for lane in lanes:
        pixels = lane.pixels
        if pixels.dtype != np.uint8 or pixels.ndim != 5 or pixels.shape[2] not in (1, 3):
            raise ValueError(
                f"lane {lane.name!r} has pixels {pixels.dtype} {pixels.shape}: give uint8 "
                "[class, image, channel, height, width] with one or three channels"
            )
        classes, images, channels, height, width = pixels.shape
        columns = max(1, math.isqrt(max(0, classes * images - 1)) + 1)
        descriptions.append(
            {
                "name": lane.name,
                "title": lane.title,
                "images": images,
                "first": lane.first,
                "of": images if lane.of is None else lane.of,
                "channels": channels,
                "height": height,
                "width": width,
                "columns": columns,
            }
        )
        mosaics.append(_mosaic(pixels.reshape(classes * images, channels, height, width), columns).tobytes())
    text = json.dumps({**header, "lanes": descriptions}).encode()
    return b"".join([struct.pack("<I", len(text)), text, *mosaics])


def read_pick(value: object, lanes: Sequence[Lane]) -> Pick | None:
    """Parse the image that the browser reported; None where an update has removed it meanwhile."""
    if not isinstance(value, Mapping):
        return None
    lane = next((lane for lane in lanes if lane.name == value.get("lane")), None)
    label, image = value.get("class"), value.get("image")
    if lane is None or not isinstance(label, int) or not isinstance(image, int):
        return None
    classes, images = lane.pixels.shape[:2]
    exists = 0 <= label < classes and lane.first <= image < lane.first + images
    return Pick(lane.name, label, image) if exists else None


def _mosaic(images: npt.NDArray[np.uint8], columns: int) -> npt.NDArray[np.uint8]:
    count, channels, height, width = images.shape
    rows = -(-count // columns)
    padded = np.zeros((rows * columns, channels, height, width), np.uint8)
    padded[:count] = images
    tiles = padded.reshape(rows, columns, channels, height, width)
    return np.ascontiguousarray(tiles.transpose(0, 3, 1, 4, 2)).reshape(
        rows * height, columns * width, channels
    )
