"""A film as one file that plays anywhere: GIF, animated WebP, or its start and end as one picture.

Frames are made and packed one after another, so a film costs the memory of a few frames. Without torch.
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

from dmcore.files.atomic import storage_trouble_named, write_atomically
from dmcore.runs.film.film import Film, before_and_after

SHORTEST_FRAME = 20
"""Milliseconds; browsers slow down frames that are shorter."""
HOLD = 2000
"""Milliseconds that the last frame stays longer than the others."""
GREYS = 16
"""Colours of a GIF's frame that are kept for the text."""
COLOURS = 256 - GREYS
SAMPLE = 3000
"""Pixels that a frame's colours are chosen by."""


@dataclass(frozen=True)
class FilmFormat:
    """One way to write a film."""

    pack: Callable[[Film, float], bytes]
    """Takes the film and about how many seconds it lasts; gives the file's content."""
    ending: str
    """End of the file's name."""
    mime: str
    moves: bool
    """Whether it is a film rather than one picture, so that its length matters."""
    sentence: str
    """What is in it, and what is lost: for a page and the command line."""


def pack_gif(film: Film, seconds: float) -> bytes:
    """Grey levels exactly; colours as the 240 that suit each frame best."""
    levels = np.arange(256).repeat(3) if film.grey else np.zeros(768)
    out = io.BytesIO()
    out.write(b"GIF89a" + struct.pack("<HHBBB", *film.size, 0b1111_0111, 0, 0))
    out.write(levels.astype(np.uint8).tobytes())
    out.write(b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + struct.pack("<HB", 0, 0))  # play for ever
    # Pillow's own way to save a film keeps every frame in memory; its packing of one frame does not.
    for index, duration in enumerate(durations(film, seconds, unit=10)):
        picture = Image.fromarray(film.frame(index)) if film.grey else _palette_frame(film, index)
        parts = GifImagePlugin.getdata(picture, duration=duration, include_color_table=not film.grey)
        out.writelines(parts)
    out.write(b";")
    return out.getvalue()


def pack_webp(film: Film, seconds: float) -> bytes:
    """Every pixel exactly."""
    out = io.BytesIO()
    # Measured on 200 frames of 640 pixels: more effort makes grey films a third as large in no more time, and
    # films in colour 5 % smaller in eight times the time.
    Image.fromarray(film.frame(0)).save(
        out,
        "WEBP",
        save_all=True,
        append_images=[_Rest(film)],
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
    """The first and the last images in one PNG."""
    out = io.BytesIO()
    Image.fromarray(before_and_after(film)).save(out, "PNG")
    return out.getvalue()


FILM_FORMATS = {
    "gif": FilmFormat(
        pack_gif,
        "film.gif",
        "image/gif",
        True,
        "A film with a frame for every stored moment; grey images exactly, colours as 240 a frame.",
    ),
    "webp": FilmFormat(
        pack_webp,
        "film.webp",
        "image/webp",
        True,
        "A film with a frame for every stored moment, every pixel as it is shown.",
    ),
    "before-after": FilmFormat(
        pack_before_after,
        "before-after.png",
        "image/png",
        False,
        "The images at the start and at the end as one picture.",
    ),
}


def export_film(film: Film, format: str, destination: Path, seconds: float = 10.0) -> Path:
    """Write a film into the folder `destination`, which is made if need be.

    Args:
        film: what `open_film` gives.
        format: a name of `FILM_FORMATS`; its `sentence` says what is lost.
        destination: a folder; `file_name` says what the file is called in it.
        seconds: about how long the film lasts.

    Raises:
        ValueError: no such format, or a snapshot is damaged.
        StorageError: the destination cannot be written to.
    """
    if format not in FILM_FORMATS:
        close = get_close_matches(format, FILM_FORMATS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"choose one of {', '.join(FILM_FORMATS)}"
        raise ValueError(f"there is no film format {format!r}: {hint}")
    content = FILM_FORMATS[format].pack(film, seconds)
    with storage_trouble_named(destination):
        destination.mkdir(parents=True, exist_ok=True)
    file = destination / file_name(film, format)
    write_atomically(file, content)
    return file


def file_name(film: Film, format: str) -> str:
    """What the file is called: the run, the set where it is one of several, the last iteration."""
    one = f"-{film.set_names[0]}" if film.set_names != film.run.set_names else ""
    return f"{film.run.id}{one}-{film.iterations[-1]}-{FILM_FORMATS[format].ending}"


def durations(film: Film, seconds: float, unit: int) -> Iterator[int]:
    """Milliseconds of every frame in whole `unit`s: all alike, the last one held longer."""
    count = len(film.iterations)
    each = max(SHORTEST_FRAME, round(seconds * 1000 / count / unit) * unit)
    for index in range(count):
        yield each + (HOLD if index == count - 1 else 0)


class _Rest:
    """All frames but the first, as Pillow asks a file of several frames for them: one at a time."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self.n_frames = len(film.iterations) - 1
        self.seek(0)

    def seek(self, index: int) -> None:
        self._frame = Image.fromarray(self._film.frame(index + 1))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._frame, name)


def _palette_frame(film: Film, index: int) -> Image.Image:
    """A frame in 256 colours: chosen and matched before the images are enlarged, which costs little."""
    tiles = film.tiles(index)
    pixels = np.concatenate([images.reshape(-1, 3) for images in tiles])
    matched, palette = _in_few_colours(pixels)
    ends = np.cumsum([images[..., 0].size for images in tiles])
    parts = np.split(matched, ends[:-1])
    canvas = (COLOURS + film.page(index) // (256 // GREYS)).astype(np.uint8)
    few = [part.reshape(images.shape[:3]) for part, images in zip(parts, tiles, strict=True)]
    film.layout.paint(canvas, few)
    greys = np.linspace(0, 255, GREYS).astype(np.uint8).repeat(3)
    picture = Image.frombytes("P", film.size, canvas.tobytes())
    picture.putpalette(palette.ljust(3 * COLOURS, b"\0") + greys.tobytes())
    return picture


def _in_few_colours(pixels: np.ndarray) -> tuple[np.ndarray, bytes]:
    """RGB [pixel, 3] -> the index of each pixel's colour, and the colours' RGB bytes."""
    codes = pixels.astype(np.int32) @ np.array([1 << 16, 1 << 8, 1], np.int32)
    distinct, index = np.unique(codes, return_inverse=True)
    if len(distinct) <= COLOURS:
        colours = np.stack([distinct >> 16, distinct >> 8 & 255, distinct & 255], axis=1)
        return index.astype(np.uint8), colours.astype(np.uint8).tobytes()
    sample = pixels[np.linspace(0, len(pixels) - 1, min(SAMPLE, len(pixels))).astype(int)]
    chosen = Image.fromarray(sample[None]).quantize(COLOURS, Image.Quantize.MEDIANCUT)
    picture = Image.fromarray(pixels[None])
    matched = picture.quantize(palette=chosen, dither=Image.Dither.NONE)
    return np.asarray(matched)[0], bytes(chosen.getpalette() or ())[: 3 * COLOURS]
