"""Values of the star map and their packing into the bytes that its JavaScript reads.

Projections of the stars have one binary format, from the page's script as from the addresses that answer
newer or stored ones.
"""

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from app.plots.palette import SERIES

Positions = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.integer[Any]]

MOST_PANELS, MOST_COLOURED = 4, SERIES


class StarPick(NamedTuple):
    """Picked star: the panel's name, the class and the image's index in its class."""

    panel: str
    label: int
    image: int


@dataclass(frozen=True)
class Panel:
    """Panel of the star map: one synthetic set.

    Raises:
        ValueError: lengths differ, a position is not finite, or hover images are not uint8 images.
    """

    name: str
    title: str
    x: Positions
    y: Positions
    label: Indices
    """Class of each star."""
    image: Indices
    """Index of each star's image in its class."""
    hover_images: npt.NDArray[np.uint8] | None = None
    """Images shown on hover, uint8 [star, channel, height, width] with one or three channels."""
    start_x: Positions | None = None
    """Positions at the start of the run, in the order of the stars."""
    start_y: Positions | None = None
    kind: str = "synthetic"
    """What its stars are, named on hover."""
    moving: bool = True
    """Whether newer and stored projections may move it."""

    def __post_init__(self) -> None:
        """Validate lengths, positions and images."""
        starts = () if self.start_x is None and self.start_y is None else (self.start_x, self.start_y)
        if any(positions is None for positions in starts):
            raise ValueError(f"panel {self.name!r} needs both start_x and start_y, or neither")
        _check_points(f"panel {self.name!r}", self.x, self.y, self.label, self.image, *starts)
        if self.hover_images is not None:
            _check_images(f"panel {self.name!r}", self.hover_images, len(self.x))


@dataclass(frozen=True)
class FeatureMap:
    """Content of the star map at an iteration.

    Raises:
        ValueError: lengths differ, a position is not finite, too many panels, or a colour for no class.
    """

    key: str
    """Identity of the cloud: zoom, trails and glides go on while it is the same."""
    x: Positions
    """Positions of the real images, [real]."""
    y: Positions
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
    """Address of the projections of stored iterations (see `pack_film`); `&after=ITERATION`: newer ones."""
    thumbs: str = ""
    """Address of the real images' thumbnails (see `pack_thumbs`), fetched on the first hover."""
    picked: tuple[str, int, int] | None = None
    """The star that is ringed: panel, class, image."""
    trails: int = 8
    """Number of past positions in a star's trail; 0: none."""
    starts: bool = False
    """Whether the positions at the start of the run are shown."""
    height: int = 460
    """CSS pixels of a panel at most."""

    def __post_init__(self) -> None:
        """Validate lengths, positions, number of panels and colours."""
        _check_points("the map", self.x, self.y, self.label)
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
        header = {
            "key": self.key,
            "x": _short(self.x),
            "y": _short(self.y),
            "label": self.label.tolist(),
            "classes": list(self.class_names),
            "coloured": list(self.coloured),
            "alt": self.alt,
            "caption": self.caption,
            "iteration": self.iteration,
            "source": self.source,
            "subject": self.subject,
            "film": self.film,
            "thumbs": self.thumbs,
            "picked": self.picked,
            "pickable": pickable,
            "trails": self.trails,
            "starts": self.starts,
            "height": self.height,
            "panels": [
                _stars(panel)
                | {
                    "title": panel.title,
                    "moving": panel.moving,
                    "kind": panel.kind,
                    "startX": None if panel.start_x is None else _short(panel.start_x),
                    "startY": None if panel.start_y is None else _short(panel.start_y),
                }
                for panel in self.panels
            ],
        }
        return _pack(header, [panel.hover_images for panel in self.panels])


def pack_projection(
    iteration: int, alt: str, caption: Sequence[str], panels: Sequence[Panel], behind: bool = False
) -> bytes:
    """Pack the positions of the stars at an iteration, as `source` answers: the format of a complete map.

    Titles and starts stay those of the map; panels that are not named keep their positions. A projection that
    is `behind` the run is followed by another: the browser polls again without waiting for the live line.
    """
    header = {
        "iteration": iteration,
        "alt": alt,
        "caption": list(caption),
        "panels": [_stars(panel) for panel in panels],
        "behind": behind,
    }
    return _pack(header, [panel.hover_images for panel in panels])


def pack_film(projections: Sequence[bytes]) -> bytes:
    """Pack projections without hover images, as `film` answers: [u32 length][projection] for each."""
    return b"".join(struct.pack("<I", len(projection)) + projection for projection in projections)


def pack_thumbs(images: npt.NDArray[np.uint8]) -> bytes:
    """Pack a thumbnail of each real image, as `thumbs` answers: uint8 [real, channel, height, width].

    Raises:
        ValueError: images of another dtype or shape.
    """
    _check_images("thumbnails", images, len(images))
    count, channels, height, width = images.shape
    return _pack({"count": count, "channels": channels, "height": height, "width": width}, [images])


def read_pick(value: object, panels: Sequence[Panel]) -> StarPick | None:
    """Parse the star that the browser reported; None where an update has removed it meanwhile."""
    if not isinstance(value, Mapping):
        return None
    panel = next((panel for panel in panels if panel.name == value.get("panel")), None)
    label, image = value.get("class"), value.get("image")
    if panel is None or type(label) is not int or type(image) is not int:
        return None
    exists = bool(np.any((panel.label == label) & (panel.image == image)))
    return StarPick(panel.name, label, image) if exists else None


def _pack(header: Mapping[str, object], image_arrays: Sequence[npt.NDArray[np.uint8] | None]) -> bytes:
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    pixels = [images.tobytes() for images in image_arrays if images is not None]
    return b"".join([struct.pack("<I", len(text)), text, *pixels])


def _stars(panel: Panel) -> dict[str, object]:
    shape = (0, 0, 0) if panel.hover_images is None else panel.hover_images.shape[1:]
    return {
        "name": panel.name,
        "x": _short(panel.x),
        "y": _short(panel.y),
        "label": panel.label.tolist(),
        "image": panel.image.tolist(),
        "pictures": panel.hover_images is not None,
        **dict(zip(("channels", "height", "width"), shape, strict=True)),
    }


def _short(numbers: Positions) -> list[float]:
    return [float(f"{number:.4g}") for number in numbers.tolist()]  # finer than a screen's pixels


def _check_points(whose: str, x: Positions, y: Positions, *others: npt.NDArray[Any] | None) -> None:
    arrays = [x, y, *(array for array in others if array is not None)]
    if any(array.shape != (len(x),) for array in arrays):
        shapes = [array.shape for array in arrays]
        raise ValueError(f"{whose} has arrays of the shapes {shapes}: give one value of each per point")
    if not all(np.isfinite(array).all() for array in arrays):
        raise ValueError(f"{whose} has a position that is not finite: leave such images out")


def _check_images(whose: str, images: npt.NDArray[np.uint8], count: int) -> None:
    shape = images.shape
    if images.dtype != np.uint8 or len(shape) != 4 or shape[0] != count or shape[1] not in (1, 3):
        raise ValueError(
            f"{whose} has images {images.dtype} {shape}: give uint8 [{count}, channel, height, width] "
            "with one or three channels"
        )
