"""Values of the star map and their packing into the bytes that its JavaScript reads.

Projections of the stars have one binary format, from the page's script as from the addresses that answer
newer or stored ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.components.packed_frame import Pick, pack_frame
from app.plots.palette import SERIES

Positions = npt.NDArray[np.floating[Any]]
"""[point, 2]."""
Indices = npt.NDArray[np.integer[Any]]

MOST_PANELS, MOST_COLOURED = 4, SERIES
PROJECTED = ("name", "positions", "label", "image", "hover_images")
"""Fields of a panel that a projection has; the others stay those of the map."""


@dataclass(frozen=True)
class Panel:
    """Panel of the star map: one synthetic set; its fields are what the scripts read.

    Raises:
        ValueError: lengths differ, a position is not finite, or hover images are not uint8 images.
    """

    name: str
    title: str
    positions: Positions
    """Positions of the stars, [star, 2]."""
    label: Indices
    """Class of each star."""
    image: Indices
    """Index of each star's image in its class."""
    hover_images: npt.NDArray[np.uint8] | None = None
    """Images shown on hover, uint8 [star, channel, height, width] with one or three channels."""
    start: Positions | None = None
    """Their positions at the start of the run, in the order of the stars."""
    kind: str = "synthetic"
    """What its stars are, named on hover."""
    moving: bool = True
    """Whether newer and stored projections may move it."""

    def __post_init__(self) -> None:
        """Validate lengths, positions and images."""
        whose, starts = f"panel {self.name!r}", () if self.start is None else (self.start,)
        _check_points(whose, (self.positions, *starts), (self.label, self.image))
        if self.hover_images is not None:
            _check_images(whose, self.hover_images, len(self.positions))

    def has(self, label: int, image: int) -> bool:
        """Whether it has the star of this image of a class."""
        return bool(np.any((self.label == label) & (self.image == image)))


@dataclass(frozen=True)
class FeatureMap:
    """Content of the star map at an iteration; its fields are what the scripts read.

    Raises:
        ValueError: lengths differ, a position is not finite, too many panels, or a colour for no class.
    """

    key: str
    """Identity of the cloud: zoom, trails and glides go on while it is the same."""
    positions: Positions
    """Positions of the real images, [real, 2]."""
    label: Indices
    """Class of each real image."""
    class_names: Sequence[str]
    coloured: Sequence[int]
    """Up to ten classes that get the palette's colours, in its order; all others are grey."""
    panels: Sequence[Panel]
    """One to four."""
    alt: str
    """One sentence for readers who do not see the map."""
    iteration: int
    """Shown to tests as a canvas's `data-iteration`."""
    caption: tuple[str, ...] = ()
    """Lines of text below the panels."""
    source: str = ""
    """Address of the newest projection, fetched when a live line of `subject` has changed; empty: never."""
    subject: str = ""
    """The run that it shows; a timeline of the same subject moves it."""
    film: str = ""
    """Address of the projections of stored iterations, as `pack_frames` packs them; `&after=ITERATION`: newer
    ones."""
    thumbs: str = ""
    """Address of the real images' thumbnails (see `pack_thumbs`), fetched on the first hover."""
    picked: Pick | None = None
    """The star that is ringed."""
    trails: int = 8
    """Number of past positions in a star's trail; 0: none."""
    starts: bool = False
    """Whether the positions at the start of the run are shown."""
    height: int = 460
    """CSS pixels of a panel at most."""
    within: str = ""
    """CSS selector of what the map stands in and scrolls in: its panels are as large as they fit there whole,
    below a small legend; empty, or where that does not scroll, `height` decides."""

    def __post_init__(self) -> None:
        """Validate lengths, positions, number of panels and colours."""
        _check_points("the map", (self.positions,), (self.label,))
        if not 1 <= len(self.panels) <= MOST_PANELS:
            raise ValueError(f"a map has one to {MOST_PANELS} panels, not {len(self.panels)}")
        if len(self.coloured) > MOST_COLOURED:
            raise ValueError(
                f"{MOST_COLOURED} classes can have a colour, not {len(self.coloured)}: pick some"
            )
        if beyond := [label for label in self.coloured if not 0 <= label < len(self.class_names)]:
            raise ValueError(f"there are {len(self.class_names)} classes: class {beyond[0]} gets no colour")

    def packed(self, pickable: bool = False) -> bytes:
        """Pack the map for its JavaScript; the stars of a `pickable` map answer clicks."""
        return pack_frame({**vars(self), "pickable": pickable})


def pack_projection(
    iteration: int, alt: str, caption: Sequence[str], panels: Sequence[Panel], behind: bool = False
) -> bytes:
    """Pack the positions of the stars at an iteration, as `source` answers: as a complete map has them.

    Panels that are not named keep their positions. A projection that
    is `behind` the run is followed by another: the browser polls again without waiting for the live line.
    """
    stars = [{name: getattr(panel, name) for name in PROJECTED} for panel in panels]
    header = {"iteration": iteration, "alt": alt, "caption": caption, "panels": stars, "behind": behind}
    return pack_frame(header)


def pack_thumbs(images: npt.NDArray[np.uint8]) -> bytes:
    """Pack a thumbnail of each real image, as `thumbs` answers: uint8 [real, channel, height, width].

    Raises:
        ValueError: images of another dtype or shape.
    """
    _check_images("thumbnails", images, len(images))
    return pack_frame({"images": images})


def _check_points(whose: str, positions: Sequence[Positions], indices: Sequence[Indices]) -> None:
    shapes, count = [array.shape for array in (*positions, *indices)], len(positions[0])
    if shapes != [(count, 2)] * len(positions) + [(count,)] * len(indices):
        raise ValueError(f"{whose} has arrays of the shapes {shapes}: give one value of each per point")
    if not all(np.isfinite(array).all() for array in positions):
        raise ValueError(f"{whose} has a position that is not finite: leave such images out")


def _check_images(whose: str, images: npt.NDArray[np.uint8], count: int) -> None:
    shape = images.shape
    if images.dtype != np.uint8 or len(shape) != 4 or shape[0] != count or shape[1] not in (1, 3):
        raise ValueError(
            f"{whose} has images {images.dtype} {shape}: give uint8 [{count}, channel, height, width] "
            "with one or three channels"
        )
