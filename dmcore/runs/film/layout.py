"""Where the images of a run's sets stand in a film: blocks below each other, enlarged by a whole factor.

A set with one image per class is a grid of classes, any other has a row per class. What does not fit is left
out by a plain rule, and the block's label says so. Must not know about runs or files.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

WIDE = 690
"""Pixels that images are enlarged to at most; wider only where they are that wide by themselves."""
WIDEST, HIGHEST = 1000, 1000
"""Most pixels of a frame."""
NARROWEST = 320
"""Room for the labels beside small images."""
SAMPLE = 20
"""Most images per class of a set that is too large to be shown whole: few enough to be seen."""
MARGIN = 8
GAP = 1
"""Pixels between two images, before they are enlarged."""
FONT_SIZE = 16
LINE = 24
"""Height of a line of text."""
PAPER, INK = 255, 40
"""Grey levels."""


@dataclass(frozen=True)
class Shape:
    """What one set has to show."""

    label: str
    classes: int
    images_per_class: int


@dataclass(frozen=True)
class Block:
    """One set in the frame: the first `images` of each of the first `classes`."""

    label: str
    classes: int
    images: int
    columns: int
    top: int
    """Row of the frame at which the images begin; the label stands above."""

    @property
    def rows(self) -> int:
        """Rows of images."""
        return -(-self.classes * self.images // self.columns)


@dataclass(frozen=True)
class Layout:
    """Places of all images; `height` has no room for what a film writes below them."""

    blocks: tuple[Block, ...]
    factor: int
    """How many pixels wide and high a pixel is drawn."""
    image_height: int
    image_width: int
    width: int
    height: int

    def page(self) -> UInt8[np.ndarray, "row column"]:
        """Paper with the labels, in grey levels."""
        page = np.full((self.height, self.width), PAPER, np.uint8)
        for block in self.blocks:
            write_line(page, block.label, block.top - LINE)
        return page

    def paint(self, canvas: np.ndarray, tiles: Sequence[np.ndarray]) -> None:
        """Draw each block's images, [image, row, column, ...], enlarged, into the canvas."""
        for block, images in zip(self.blocks, tiles, strict=True):
            for (rows, columns), image in zip(self.places(block), images, strict=True):
                canvas[rows, columns] = image.repeat(self.factor, axis=0).repeat(self.factor, axis=1)

    def places(self, block: Block) -> Iterator[tuple[slice, slice]]:
        """Rows and columns of the frame that each image of a block covers, class by class."""
        for number in range(block.classes * block.images):
            row, column = divmod(number, block.columns)
            top = block.top + row * (self.image_height + GAP) * self.factor
            left = MARGIN + column * (self.image_width + GAP) * self.factor
            yield (
                slice(top, top + self.image_height * self.factor),
                slice(left, left + self.image_width * self.factor),
            )


def lay_out(shapes: Sequence[Shape], image_height: int, image_width: int, below: int) -> Layout:
    """The largest picture that shows everything and fits; else fewer images per class; else fewer classes.

    Args:
        shapes: the sets, from top to bottom.
        image_height: rows of an image.
        image_width: columns of an image.
        below: rows to leave free below the images.

    Raises:
        ValueError: not even one image of each set fits.
    """
    most_images = max(shape.images_per_class for shape in shapes)
    most_classes = max(shape.classes for shape in shapes)
    choices = [(most_images, most_classes)]
    choices += [(images, most_classes) for images in range(min(SAMPLE, most_images), 0, -1)]
    choices += [(1, classes) for classes in range(most_classes - 1, 0, -1)]
    for images, classes in choices:
        for factor in range(max(1, WIDE // (image_width + GAP)), 0, -1):
            layout = _with(shapes, image_height, image_width, images, classes, factor)
            if layout is not None and layout.height + below <= HIGHEST:
                return layout
    raise ValueError(
        f"{len(shapes)} sets of {image_width}×{image_height} images do not fit into a picture of "
        f"{WIDEST}×{HIGHEST}: name one set, or export png"
    )


def write_line(page: UInt8[np.ndarray, "row column"], text: str, top: int, left: int = MARGIN) -> None:
    """Write a line of text into the page, cut to its width; what cannot be printed becomes a `?`."""
    font = ImageFont.load_default(FONT_SIZE)
    plain = "".join(one if one.isprintable() else "?" for one in " ".join(text.split()))[:200]
    room = page.shape[1] - left - MARGIN
    fitting = plain
    while fitting and font.getlength(fitting) > room:
        plain = plain[:-1]
        fitting = f"{plain.rstrip()}..."
    line = Image.new("L", (page.shape[1], LINE), PAPER)
    ImageDraw.Draw(line).text((left, LINE // 2), fitting, fill=INK, font=font, anchor="lm")
    rows = page[top : top + LINE]
    np.minimum(rows, np.asarray(line), out=rows)


def _with(
    shapes: Sequence[Shape], height: int, width: int, most_images: int, most_classes: int, factor: int
) -> Layout | None:
    """The layout under these choices, however high; None where it is too wide."""
    in_a_row = _in_a_row(width, factor)
    blocks, top = [], MARGIN + LINE
    for shape in shapes:
        images, classes = min(shape.images_per_class, most_images), min(shape.classes, most_classes)
        columns = images if images > 1 else classes
        if images == 1 and classes > _in_a_row(width, 1):
            columns = max(1, in_a_row)  # classes that fit into no row stand in several
        if columns > in_a_row:
            return None
        blocks.append(Block(_label(shape, images, classes), classes, images, columns, top))
        top += blocks[-1].rows * (height + GAP) * factor + MARGIN + LINE
    used = max(block.columns for block in blocks) * (width + GAP) * factor - GAP * factor
    return Layout(tuple(blocks), factor, height, width, max(NARROWEST, used + 2 * MARGIN), top - LINE)


def _in_a_row(width: int, factor: int) -> int:
    """How many images stand beside each other."""
    limit = (WIDE if factor > 1 else WIDEST) - 2 * MARGIN
    return (limit + GAP * factor) // ((width + GAP) * factor)


def _label(shape: Shape, images: int, classes: int) -> str:
    left_out = []
    if images < shape.images_per_class:
        left_out.append(f"the first {images} of {shape.images_per_class} images per class")
    if classes < shape.classes:
        left_out.append(f"the first {classes} of {shape.classes} classes")
    return f"{shape.label}, {', '.join(left_out)}" if left_out else shape.label
