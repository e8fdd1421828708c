"""Decode image files (Pillow) to uint8 pixels of a given size, with limits against hostile files.

Only plain raster formats are opened, and the number of pixels is checked before any is decoded. What had to
be changed about an image is counted.
"""

import io
import struct
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageOps

from dmcore.data import limits

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
GREY_MODES = frozenset(("1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"))
BIT_DEPTHS = (8, 10, 12, 14, 16)
"""Bits that images use of files with 16: cameras and scanners have 10 to 14."""
_ORIENTATION = 0x0112
_PNG_BITS = 24
"""Position of the bits of a sample in a PNG file."""
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # the number is checked here
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    struct.error,
    zlib.error,
)
"""Errors that Pillow raises for the bytes of a damaged image."""


class UnreadableImageError(ValueError):
    """The bytes are no image, or a damaged one."""


class HugeImageError(ValueError):
    """The image has more pixels than the limit."""


@dataclass(frozen=True)
class ImageHeader:
    """Size and colour of an image, read without decoding its pixels."""

    width: int
    height: int
    grey: bool
    largest: int | None = None
    """Largest pixel of an image of 16 bits (which is decoded for it); None for any other."""


def used_bits(headers: Iterable[ImageHeader]) -> int:
    """Bits that all 16-bit images together use: with a scale for each, dark ones would become bright."""
    largest = max((header.largest for header in headers if header.largest is not None), default=0)
    return next((bits for bits in BIT_DEPTHS if largest < 1 << bits), BIT_DEPTHS[-1])


def read_header(content: bytes) -> ImageHeader:
    """Read size (after EXIF rotation) and colour of an image.

    Raises:
        UnreadableImageError: no image of a known format.
        HugeImageError: too many pixels.
    """
    try:
        with open_image(content) as image:
            width, height = image.size
            if image.format in ("JPEG", "TIFF", "WEBP", "PNG") and _is_rotated(image):
                width, height = height, width
            largest = int(np.asarray(image).max()) if image.mode.startswith("I") else None
            return ImageHeader(width, height, image.mode in GREY_MODES, largest)
    except HugeImageError:
        raise
    except (*DAMAGE, MemoryError) as error:
        raise UnreadableImageError(str(error)) from error


def read_pixels(
    content: bytes, side: int, channels: int, changes: Counter[str], bits: int = 16
) -> UInt8[ndarray, "channel side side"]:
    """Decode an image: EXIF rotation, central square crop, resize, in grey (1 channel) or RGB (3).

    Args:
        content: the file's bytes.
        side: height and width of the result, in pixels.
        channels: 1 or 3.
        changes: counts, by kind, what was changed about the image.
        bits: those that grey images of 16 bits use, of which the upper 8 are kept.

    Raises:
        UnreadableImageError: the pixels cannot be decoded.
        HugeImageError: too many pixels.
    """
    try:
        with open_image(content) as opened:
            if opened.format == "PNG" and content[_PNG_BITS] == 16 and not opened.mode.startswith("I"):
                changes["reduced from 16 to 8 bits"] += 1  # by Pillow, which reads the upper bytes of colours
            opened.draft(None, (2 * side, 2 * side))  # lets a large JPEG decode at a fraction of its size
            image = _upright(opened, changes)
            image = _convert_mode(image, channels, changes, bits)
            if image.size != (side, side):
                image = ImageOps.fit(image, (side, side), Image.Resampling.BICUBIC)
            pixels = np.array(image, dtype=np.uint8)
    except HugeImageError:
        raise
    except (*DAMAGE, MemoryError) as error:
        raise UnreadableImageError(str(error)) from error
    return pixels[None] if channels == 1 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def open_image(content: bytes) -> Image.Image:
    """Open an image of one of `FORMATS` without decoding its pixels.

    Raises:
        HugeImageError: more than `limits.MOST_PIXELS` pixels.
        OSError, SyntaxError, ValueError: no image of a known format, or damaged.
    """
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise HugeImageError(f"has far too many pixels, more than {limits.MOST_PIXELS:,}") from error
    if image.width * image.height > limits.MOST_PIXELS:
        image.close()
        raise HugeImageError(f"has {image.width}×{image.height} pixels, more than {limits.MOST_PIXELS:,}")
    return image


def _is_rotated(image: Image.Image) -> bool:
    """Whether the EXIF orientation swaps width and height."""
    if image.format in ("JPEG", "WEBP", "PNG") and "exif" not in image.info:
        return False
    return image.getexif().get(_ORIENTATION) in (5, 6, 7, 8)


def _upright(image: Image.Image, changes: Counter[str]) -> Image.Image:
    if "exif" not in image.info and image.format != "TIFF":
        return image
    if image.getexif().get(_ORIENTATION, 1) == 1:
        return image
    changes["rotated by the EXIF orientation"] += 1
    return ImageOps.exif_transpose(image)


def _convert_mode(image: Image.Image, channels: int, changes: Counter[str], bits: int) -> Image.Image:
    """Convert an image of any mode to L or RGB."""
    mode = "L" if channels == 1 else "RGB"
    if image.mode.startswith("I"):
        changes["read as 8 bits" if bits == 8 else f"reduced from {bits} to 8 bits"] += 1
        values = np.asarray(image).astype(np.int64)
        if values.min() < 0:
            changes["made black where values are below 0"] += 1
        upper = np.clip(values >> (bits - 8), 0, 255).astype(np.uint8)
        image = Image.fromarray(upper)
    if image.mode == "F":
        raise ValueError("pixels are floating-point numbers of unknown range")
    if image.has_transparency_data:
        changes["put on a white background where transparent"] += 1
        transparent = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), transparent)
    elif image.mode == "P":
        changes["converted from palette colours"] += 1
        image = image.convert("RGB")
    elif image.mode == "CMYK":
        changes["converted from CMYK"] += 1
    return image if image.mode == mode else image.convert(mode)
