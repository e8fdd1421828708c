"""Layout of a film frame: the sets as blocks below each other, images enlarged by an integer factor.

A set with one image per class is a grid of classes, any other has a row per class. What does not fit is left
out: first images per class, then classes; the block's label says so.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont

from dmcore.runs.display.images import enlarge

WIDE = 690
"""Maximum width of enlarged images, in pixels; wider only without enlargement."""
WIDEST, HIGHEST = 1000, 1000
"""Maximum width and height of a frame, in pixels."""
NARROWEST = 320
"""Minimum width of a frame, so that labels fit."""
SAMPLE = 20
"""Maximum images per class of a set that is too large to be shown completely: few enough to be seen."""
MARGIN = 8
GAP = 1
"""Pixels between two images, before they are enlarged."""
FONT_SIZE = 16
LINE = 24
"""Height of a line of text."""
PAPER, INK = 255, 40
"""Grey levels."""


@dataclass(frozen=True)
class SetShape:
    """Label and size of one set."""

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
    """Positions of all images; `height` is without the caption and bar that a film draws below them."""

    blocks: tuple[Block, ...]
    factor: int
    """Enlargement: width and height of an image pixel in the frame."""
    image_height: int
    image_width: int
    width: int
    height: int

    def background(self) -> UInt8[np.ndarray, "row column"]:
        """Background with the labels, in grey levels."""
        page = np.full((self.height, self.width), PAPER, np.uint8)
        for block in self.blocks:
            write_line(page, block.label, block.top - LINE)
        return page

    def paint(self, canvas: np.ndarray, tiles: Sequence[np.ndarray]) -> None:
        """Draw each block's images, [image, row, column, ...], enlarged, into the canvas."""
        for block, images in zip(self.blocks, tiles, strict=True):
            for (rows, columns), image in zip(self.image_slices(block), images, strict=True):
                canvas[rows, columns] = enlarge(image, self.factor)

    def image_slices(self, block: Block) -> Iterator[tuple[slice, slice]]:
        """Rows and columns of the frame covered by each image of a block, class by class."""
        for number in range(block.classes * block.images):
            row, column = divmod(number, block.columns)
            top = block.top + row * (self.image_height + GAP) * self.factor
            left = MARGIN + column * (self.image_width + GAP) * self.factor
            yield (
                slice(top, top + self.image_height * self.factor),
                slice(left, left + self.image_width * self.factor),
            )


def lay_out(shapes: Sequence[SetShape], image_height: int, image_width: int, below: int) -> Layout:
    """Largest layout that shows everything; else with fewer images per class; else with fewer classes.

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
            layout = _layout_with(shapes, image_height, image_width, images, classes, factor)
            if layout is not None and layout.height + below <= HIGHEST:
                return layout
    raise ValueError(
        f"{len(shapes)} sets of {image_width}×{image_height} images do not fit into a frame of "
        f"{WIDEST}×{HIGHEST}: name one set, or export png"
    )


def write_line(page: UInt8[np.ndarray, "row column"], text: str, top: int, left: int = MARGIN) -> None:
    """Draw a line of text into the page, truncated to its width; unprintable characters become `?`."""
    font = ImageFont.load_default(FONT_SIZE)
    line_text = " ".join(text.split())
    printable = "".join(letter if letter.isprintable() else "?" for letter in line_text)[:200]
    room = page.shape[1] - left - MARGIN
    fitting = printable
    while fitting and font.getlength(fitting) > room:
        printable = printable[:-1]
        fitting = f"{printable.rstrip()}..."
    line = Image.new("L", (page.shape[1], LINE), PAPER)
    ImageDraw.Draw(line).text((left, LINE // 2), fitting, fill=INK, font=font, anchor="lm")
    rows = page[top : top + LINE]
    np.minimum(rows, np.asarray(line), out=rows)


def _layout_with(
    shapes: Sequence[SetShape], height: int, width: int, most_images: int, most_classes: int, factor: int
) -> Layout | None:
    """Layout with these maxima, whatever its height; None where it is too wide."""
    in_a_row = _images_in_a_row(width, factor)
    blocks, top = [], MARGIN + LINE
    for shape in shapes:
        images, classes = min(shape.images_per_class, most_images), min(shape.classes, most_classes)
        columns = images if images > 1 else classes
        if images == 1 and classes > _images_in_a_row(width, 1):
            columns = max(1, in_a_row)  # more classes than fit in a row are wrapped
        if columns > in_a_row:
            return None
        blocks.append(Block(_label(shape, images, classes), classes, images, columns, top))
        top += blocks[-1].rows * (height + GAP) * factor + MARGIN + LINE
    used = max(block.columns for block in blocks) * (width + GAP) * factor - GAP * factor
    return Layout(tuple(blocks), factor, height, width, max(NARROWEST, used + 2 * MARGIN), top - LINE)


def _images_in_a_row(width: int, factor: int) -> int:
    """Number of images that fit side by side."""
    limit = (WIDE if factor > 1 else WIDEST) - 2 * MARGIN
    return (limit + GAP * factor) // ((width + GAP) * factor)


def _label(shape: SetShape, images: int, classes: int) -> str:
    left_out = []
    if images < shape.images_per_class:
        left_out.append(f"the first {images} of {shape.images_per_class} images per class")
    if classes < shape.classes:
        left_out.append(f"the first {classes} of {shape.classes} classes")
    return f"{shape.label}, {', '.join(left_out)}" if left_out else shape.label
