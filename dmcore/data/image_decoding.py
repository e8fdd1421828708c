"""Bytes of one picture file -> uint8 pixels of a given size; counts what had to be done to it.

Pictures may come from a stranger: only plain raster formats are opened, and the number of pixels is checked
before any is decoded.
"""

import io
import struct
import zlib
from collections import Counter
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray
from PIL import Image, ImageOps

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP", "TIFF", "PPM")
MOST_PIXELS = 80_000_000  # below the number from which Pillow itself warns
GREY_MODES = frozenset(("1", "L", "LA", "La", "I", "I;16", "I;16L", "I;16B", "I;16N"))
_ORIENTATION = 0x0112
_DAMAGE = (
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


class UnreadableImageError(ValueError):
    """The bytes are no picture, or a damaged one."""


class HugeImageError(ValueError):
    """More pixels than anyone needs here."""


@dataclass(frozen=True)
class ImageHeader:
    """What a picture says of itself, before its pixels are decoded."""

    width: int
    height: int
    grey: bool


def read_header(content: bytes) -> ImageHeader:
    """Size (upright) and colour of a picture.

    Raises:
        UnreadableImageError: no picture of a known format.
        HugeImageError: too many pixels.
    """
    try:
        with _open(content) as picture:
            width, height = picture.size
            if picture.format in ("JPEG", "TIFF", "WEBP", "PNG") and _turns(picture):
                width, height = height, width
            return ImageHeader(width, height, picture.mode in GREY_MODES)
    except HugeImageError:
        raise
    except _DAMAGE as error:
        raise UnreadableImageError(str(error)) from error


def read_pixels(
    content: bytes, side: int, channels: int, changes: Counter[str]
) -> UInt8[ndarray, "channel side side"]:
    """The picture upright, cut to its central square and resized, in grey (1 channel) or RGB (3).

    Args:
        content: the file's bytes.
        side: height and width wanted, in pixels.
        channels: 1 or 3.
        changes: counts, by kind, what was done to the picture.

    Raises:
        UnreadableImageError: the pixels cannot be decoded.
        HugeImageError: too many pixels.
    """
    try:
        with _open(content) as opened:
            opened.draft(None, (2 * side, 2 * side))  # lets a large JPEG decode at a fraction of its size
            picture = _upright(opened, changes)
            picture = _plain(picture, channels, changes)
            if picture.size != (side, side):
                picture = ImageOps.fit(picture, (side, side), Image.Resampling.BICUBIC)
            pixels = np.array(picture, dtype=np.uint8)
    except HugeImageError:
        raise
    except (*_DAMAGE, MemoryError) as error:
        raise UnreadableImageError(str(error)) from error
    return pixels[None] if channels == 1 else np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _open(content: bytes) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise HugeImageError("has far too many pixels") from error
    if picture.width * picture.height > MOST_PIXELS:
        picture.close()
        raise HugeImageError(f"has {picture.width}×{picture.height} pixels")
    return picture


def _turns(picture: Image.Image) -> bool:
    """Whether a camera's note on its position swaps width and height."""
    if picture.format in ("JPEG", "WEBP", "PNG") and "exif" not in picture.info:
        return False
    return picture.getexif().get(_ORIENTATION) in (5, 6, 7, 8)


def _upright(picture: Image.Image, changes: Counter[str]) -> Image.Image:
    if "exif" not in picture.info and picture.format != "TIFF":
        return picture
    if picture.getexif().get(_ORIENTATION, 1) == 1:
        return picture
    changes["turned upright as the camera noted"] += 1
    return ImageOps.exif_transpose(picture)


def _plain(picture: Image.Image, channels: int, changes: Counter[str]) -> Image.Image:
    """Mode L or RGB, whatever the picture's own."""
    wanted = "L" if channels == 1 else "RGB"
    if picture.mode.startswith("I"):
        changes["reduced from 16 to 8 bits"] += 1
        upper = np.clip(np.asarray(picture).astype(np.int64) >> 8, 0, 255).astype(np.uint8)
        picture = Image.fromarray(upper)
    if picture.mode == "F":
        raise ValueError("pixels are floating-point numbers of unknown range")
    if picture.has_transparency_data:
        changes["laid on white where transparent"] += 1
        see_through = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), see_through)
    elif picture.mode == "P":
        changes["brought from a palette to its colours"] += 1
        picture = picture.convert("RGB")
    elif picture.mode == "CMYK":
        changes["converted from CMYK"] += 1
    return picture if picture.mode == wanted else picture.convert(wanted)
