"""Preprocessing of a drawing for a classifier: cropped, centred and scaled as the real images are framed.

A drawing is ink, uint8 [row, column], 0 where nothing was drawn. How real images lie in their frame is
measured: digits fill it, MNIST has a margin, some data are dark on light.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Grey = npt.NDArray[np.uint8]

BACKGROUND_INK = 48
"""Ink up to this counts as background when a box is put around what was drawn."""
SMALLEST_DRAWING_SHARE = 0.2
"""Share of the pad that the smallest drawing is taken to have: a dot stays a dot."""
USUAL_DRAWING_SHARE = 0.65
"""Share of the pad that people draw on; wider brushes were misclassified more often (digits)."""
FRAMING_SAMPLE = 2000
"""Real images that the framing is measured on."""


@dataclass(frozen=True)
class Framing:
    """Framing of a data set's real images: position and size of the object in their pixels, line width."""

    height: int
    width: int
    longest: float
    """Longer side of the object's bounding box, on average."""
    centre: tuple[float, float]
    """Row and column of that box's centre, on average, to the nearest half pixel."""
    stroke: float
    """Width of a line, or of a body, as a share of `longest`."""
    dark_on_light: bool

    @property
    def brush(self) -> float:
        """Width of a brush, as a share of the pad, that makes lines as wide as the real ones."""
        return min(0.25, max(0.05, USUAL_DRAWING_SHARE * self.stroke))


def measure_framing(images: npt.NDArray[np.uint8]) -> Framing:
    """Measure the framing of grey images, uint8 [image, 1, height, width]."""
    grey = images[:: max(1, len(images) // FRAMING_SAMPLE), 0]
    border = np.concatenate([grey[:, 0], grey[:, -1], grey[:, :, 0], grey[:, :, -1]], axis=1)
    dark_on_light = bool(border.mean() > 127)
    ink = 255 - grey if dark_on_light else grey
    height, width = ink.shape[1:]
    visible = ink > BACKGROUND_INK
    top, bottom = _ends(np.any(visible, axis=2))
    left, right = _ends(np.any(visible, axis=1))
    longest = max(1.0, float(np.maximum(bottom - top, right - left).mean()))
    # a line of width w and length l has the area w·l and the outline 2·l
    values = np.pad(ink.astype(np.float32), ((0, 0), (1, 1), (1, 1)))
    outline = sum(float(np.abs(np.diff(values, axis=axis)).sum()) for axis in (1, 2)) * math.pi / 4
    stroke = 2 * float(values.sum()) / max(1.0, outline) / longest
    centre = (_half(float((top + bottom).mean()) / 2), _half(float((left + right).mean()) / 2))
    return Framing(height, width, longest, centre, stroke, dark_on_light)


def drawing_to_image(ink: Grey, framing: Framing) -> Grey | None:
    """Convert a drawing to an image, uint8 [height, width], framed like the real ones; None if it is empty.

    The strongest ink becomes full ink, as in real images.
    """
    drawn = np.argwhere(ink > BACKGROUND_INK)
    if not len(drawn):
        return None
    first, last = drawn.min(0), drawn.max(0) + 1
    longest = max(float((last - first).max()), SMALLEST_DRAWING_SHARE * max(ink.shape))
    scale = longest / framing.longest  # pixels of the drawing in a pixel of the image
    frame = np.array([framing.height, framing.width]) * scale
    corner = (first + last) / 2 - np.array(framing.centre) * scale
    margin = math.ceil(frame.max())
    top, left = corner + margin
    small = Image.fromarray(np.pad(ink, margin)).resize(
        (framing.width, framing.height),
        Image.Resampling.BOX if scale >= 1 else Image.Resampling.BILINEAR,
        box=(left, top, left + frame[1], top + frame[0]),
    )
    values = np.asarray(small, np.float32)
    image: Grey = np.rint(values * (255 / max(1.0, float(values.max())))).astype(np.uint8)
    return 255 - image if framing.dark_on_light else image


def _ends(visible: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First visible index and the one after the last, for each row; the whole row where there is none."""
    count = visible.shape[1]
    return visible.argmax(1), count - visible[:, ::-1].argmax(1)


def _half(value: float) -> float:
    return round(2 * value) / 2
