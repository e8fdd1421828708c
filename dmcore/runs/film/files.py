"""Encoders of a film: GIF, animated WebP, or its first and last images as one PNG.

Frames are rendered and encoded one after another, so a film costs the memory of a few frames.
"""

import io
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import numpy as np
from PIL import GifImagePlugin, Image

from dmcore.files.atomic import storage_errors_explained, write_atomically
from dmcore.runs.film.film import Film, before_and_after

SHORTEST_FRAME = 20
"""Milliseconds; browsers slow down frames that are shorter."""
HOLD = 2000
"""Milliseconds that the last frame stays longer than the others."""
GREYS = 16
"""Colours of a GIF frame that are reserved for the text."""
COLOURS = 256 - GREYS
SAMPLE = 3000
"""Pixels that the palette of a frame is computed from."""


@dataclass(frozen=True)
class FilmFormat:
    """File format of a film."""

    pack: Callable[[Film, float], bytes]
    """Encoder: film and approximate seconds -> content of the file."""
    ending: str
    """End of the file's name."""
    mime: str
    moves: bool
    """Whether it is animated rather than one image, so that its length matters."""
    sentence: str
    """Description for the user: what is in it and what is lost."""


def pack_gif(film: Film, seconds: float) -> bytes:
    """Encode as GIF: grey levels exactly; colours with an adaptive palette of 240 per frame."""
    levels = np.arange(256).repeat(3) if film.grey else np.zeros(768)
    out = io.BytesIO()
    out.write(b"GIF89a" + struct.pack("<HHBBB", *film.size, 0b1111_0111, 0, 0))
    out.write(levels.astype(np.uint8).tobytes())
    out.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", 0, 0))  # play for ever
    # Pillow's own encoder of animations keeps every frame in memory; its encoder of one frame does not.
    for index, duration in enumerate(durations(film, seconds, unit=10)):
        image = Image.fromarray(film.frame(index)) if film.grey else _palette_frame(film, index)
        parts = GifImagePlugin.getdata(image, duration=duration, include_color_table=not film.grey)
        out.writelines(parts)
    out.write(b";")
    return out.getvalue()


def pack_webp(film: Film, seconds: float) -> bytes:
    """Encode as lossless animated WebP."""
    out = io.BytesIO()
    # Measured on 200 frames of 640 pixels: more effort makes grey films a third as large in no more time, and
    # films in colour 5 % smaller in eight times the time.
    Image.fromarray(film.frame(0)).save(
        out,
        "WEBP",
        save_all=True,
        append_images=[_RemainingFrames(film)],
        duration=list(durations(film, seconds, unit=1)),
        loop=0,
        lossless=True,
        quality=0,
        method=1 if film.grey else 0,
        kmin=0,
        kmax=0,  # each frame as its difference from the one before
    )
    return out.getvalue()


def pack_before_after(film: Film, seconds: float) -> bytes:
    """Encode the first and the last images as one PNG."""
    out = io.BytesIO()
    Image.fromarray(before_and_after(film)).save(out, "PNG")
    return out.getvalue()


FILM_FORMATS = {
    "gif": FilmFormat(
        pack_gif,
        "film.gif",
        "image/gif",
        True,
        "A film with a frame for every stored iteration; grey images exactly, colours as 240 a frame.",
    ),
    "webp": FilmFormat(
        pack_webp,
        "film.webp",
        "image/webp",
        True,
        "A film with a frame for every stored iteration, every pixel as displayed.",
    ),
    "before-after": FilmFormat(
        pack_before_after,
        "before-after.png",
        "image/png",
        False,
        "The images at the start and at the end as one image.",
    ),
}


def export_film(film: Film, format: str, destination: Path, seconds: float = 10.0) -> Path:
    """Write a film into the folder `destination`, created if missing.

    Args:
        film: what `open_film` gives.
        format: a name of `FILM_FORMATS`; its `sentence` says what is lost.
        destination: a folder; `file_name` gives the name of the file in it.
        seconds: approximate length of the film.

    Raises:
        ValueError: no such format, or a snapshot is damaged.
        StorageError: the destination cannot be written to.
    """
    if format not in FILM_FORMATS:
        close = get_close_matches(format, FILM_FORMATS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose one of {', '.join(FILM_FORMATS)}"
        raise ValueError(f"there is no film format {format!r}: {hint}")
    content = FILM_FORMATS[format].pack(film, seconds)
    with storage_errors_explained(destination):
        destination.mkdir(parents=True, exist_ok=True)
    file = destination / file_name(film, format)
    write_atomically(file, content)
    return file


def file_name(film: Film, format: str) -> str:
    """File name of a film: the run, the set where it is one of several, the last iteration."""
    set_part = f"-{film.set_names[0]}" if film.set_names != film.run.set_names else ""
    return f"{film.run.id}{set_part}-{film.iterations[-1]}-{FILM_FORMATS[format].ending}"


def durations(film: Film, seconds: float, unit: int) -> Iterator[int]:
    """Durations of the frames in milliseconds, multiples of `unit`: equal, the last one longer."""
    count = len(film.iterations)
    each = max(SHORTEST_FRAME, round(seconds * 1000 / count / unit) * unit)
    for index in range(count):
        yield each + (HOLD if index == count - 1 else 0)


class _RemainingFrames:
    """All frames but the first, through Pillow's interface of a multi-frame file: one at a time."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self.n_frames = len(film.iterations) - 1
        self.seek(0)

    def seek(self, index: int) -> None:
        self._frame = Image.fromarray(self._film.frame(index + 1))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)


def _palette_frame(film: Film, index: int) -> Image.Image:
    """Frame with a palette of 256 colours: quantised before the images are enlarged, which is cheap."""
    tiles = film.tiles(index)
    pixels = np.concatenate([images.reshape(-1, 3) for images in tiles])
    indices, palette = _quantise(pixels)
    ends = np.cumsum([images[..., 0].size for images in tiles])
    parts = np.split(indices, ends[:-1])
    canvas = (COLOURS + film.background(index) // (256 // GREYS)).astype(np.uint8)
    quantised = [part.reshape(images.shape[:3]) for part, images in zip(parts, tiles, strict=True)]
    film.layout.paint(canvas, quantised)
    greys = np.linspace(0, 255, GREYS).astype(np.uint8).repeat(3)
    image = Image.frombytes("P", film.size, canvas.tobytes())
    image.putpalette(palette.ljust(3 * COLOURS, b"\0") + greys.tobytes())
    return image


def _quantise(pixels: np.ndarray) -> tuple[np.ndarray, bytes]:
    """Quantise RGB [pixel, 3] to a palette: index of each pixel's colour, and the palette's RGB bytes."""
    codes = pixels.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
    distinct, index = np.unique(codes, return_inverse=True)
    if len(distinct) <= COLOURS:
        colours = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=1)
        return index.astype(np.uint8), colours.astype(np.uint8).tobytes()
    sample = pixels[np.linspace(0, len(pixels) - 1, min(SAMPLE, len(pixels))).astype(int)]
    chosen = Image.fromarray(sample[None]).quantize(COLOURS, Image.Quantize.MEDIANCUT)
    image = Image.fromarray(pixels[None])
    matched = image.quantize(palette=chosen, dither=Image.Dither.NONE)
    return np.asarray(matched)[0], bytes(chosen.getpalette() or ())[: 3 * COLOURS]
