"""Frames of a film of a run: its images at every stored iteration, one frame each, rendered on demand.

Encoding to files is in `files.py`, the positions of the images in `layout.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import UInt8

from dmcore.config.formatting import grouped
from dmcore.files.checked_json import DamagedFileError
from dmcore.runs.display import to_display_images
from dmcore.runs.film.layout import INK, LINE, MARGIN, PAPER, Layout, SetShape, lay_out, write_line
from dmcore.runs.folder import RunFolder
from dmcore.runs.packing.packed import no_images_text

BAR = 4
"""Height of the progress bar at the bottom, in pixels. It also makes every frame differ from the one before,
so that no encoder merges two."""
TRACK = 221
"""Grey level of the remaining part of the progress bar."""


@dataclass(frozen=True)
class Film:
    """Frames of a film, read from disk on demand; created by `open_film`."""

    run: RunFolder
    set_names: tuple[str, ...]
    iterations: tuple[int, ...]
    """Iterations at which all these sets are stored: one frame each, two or more."""
    layout: Layout
    burn_in: bool
    """Whether the iteration is printed below the images."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of a frame, in pixels."""
        return self.layout.width, self.layout.height + BAR + (LINE if self.burn_in else 0)

    @property
    def grey(self) -> bool:
        """Whether the images have one channel."""
        return self.run.description.data.channels == 1

    @property
    def facts(self) -> tuple[str, ...]:
        """Notes for the user: iterations, and what is left out."""
        first, last = self.iterations[0], self.iterations[-1]
        sentences = [f"{len(self.iterations)} iterations are stored, from {spaced(first)} to {spaced(last)}."]
        for name, block in zip(self.set_names, self.layout.blocks, strict=True):
            described = self.run.set_named(name)
            if (block.images, block.classes) != (described.images_per_class, len(self.run.class_names)):
                sentences.append(f"Not all images fit. Shown: {block.label}.")
        return tuple(sentences)

    def tiles(self, index: int) -> list[UInt8[np.ndarray, "image row column *channel"]]:
        """Display images (uint8) of each block at a frame; grey ones without a channel axis.

        Raises:
            ValueError: a snapshot is damaged.
        """
        iteration, tiles = self.iterations[index], []
        data = self.run.description.data
        for name, block in zip(self.set_names, self.layout.blocks, strict=True):
            try:
                pixels = self.run.snapshot(name, iteration).pixels
            except DamagedFileError as damage:
                remedy = f"`dmcore doctor {self.run.id} --repair` sets it aside, and a film goes without"
                raise DamagedFileError(damage.file, damage.reason, remedy) from damage
            images = to_display_images(pixels[: block.classes, : block.images], data)
            images = np.moveaxis(images.reshape(-1, *images.shape[2:]), 1, -1)
            tiles.append(images[..., 0] if self.grey else images)
        return tiles

    def background(self, index: int) -> UInt8[np.ndarray, "row column"]:
        """Background of a frame in grey levels: labels, iteration and progress bar."""
        width, height = self.size
        page = np.full((height, width), PAPER, np.uint8)
        page[: self.layout.height] = self._labels
        if self.burn_in:
            write_line(page, f"iteration {spaced(self.iterations[index])}", self.layout.height)
        bar = np.full(width * BAR, TRACK, np.uint8)
        bar[: -(-len(bar) * (index + 1) // len(self.iterations))] = INK
        page[-BAR:] = bar.reshape(width, BAR).T
        return page

    def frame(self, index: int) -> UInt8[np.ndarray, "row column *channel"]:
        """Complete frame: grey levels, or RGB where the images have colours.

        Raises:
            ValueError: a snapshot is damaged.
        """
        page = self.background(index)
        canvas = page if self.grey else page[..., None].repeat(3, axis=2)
        self.layout.paint(canvas, self.tiles(index))
        return canvas

    @cached_property
    def _labels(self) -> UInt8[np.ndarray, "row column"]:
        return self.layout.background()


def open_film(
    run: RunFolder,
    set_name: str | None = None,
    *,
    burn_in: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Film:
    """Open a film of the images of a run that are stored by now.

    Args:
        run: the run.
        set_name: one of its sets; all of them when left open.
        burn_in: print the iteration below the images.
        labels: titles of the sets by name; their names when left open.

    Raises:
        ValueError: no such set, fewer than two stored iterations, or images that cannot be displayed.
    """
    data = run.description.data
    names = run.set_names if set_name is None else (set_name,)
    iterations = tuple(run.snapshots(set_name))
    if len(iterations) < 2:
        raise ValueError(_too_few(run, len(iterations)))
    if data.channels not in (1, 3):
        raise ValueError(f"images of {data.channels} channels cannot be displayed: export npz instead")
    counts = {described.name: described.images_per_class for described in run.sets}
    shapes = [SetShape((labels or {}).get(name, name), len(run.class_names), counts[name]) for name in names]
    layout = lay_out(shapes, data.height, data.width, below=LINE + BAR)
    return Film(run, names, iterations, layout, burn_in)


def before_and_after(film: Film) -> UInt8[np.ndarray, "row column *channel"]:
    """First and last images of a film side by side, each under its iteration.

    Raises:
        ValueError: a snapshot is damaged.
    """
    halves = []
    for index, word in ((0, "start"), (len(film.iterations) - 1, "end")):
        heading = np.full((MARGIN + LINE, film.layout.width), PAPER, np.uint8)
        write_line(heading, f"{word}, iteration {spaced(film.iterations[index])}", MARGIN)
        images = film.frame(index)[: film.layout.height]
        halves.append(np.concatenate([heading if film.grey else heading[..., None].repeat(3, 2), images]))
    return np.concatenate(halves, axis=1)


def spaced(number: int) -> str:
    """Format 12345 as '12 345' with plain spaces: the font has no narrower one."""
    return grouped(number, separator=" ")


def _too_few(run: RunFolder, count: int) -> str:
    if run.config is None:
        return f"run {run.id} was imported and has a single iteration: export png for an image of it"
    if count == 0:
        return no_images_text(run.path, run.id)
    return f"run {run.id} has images of one iteration only, and a film needs two: let it run on"
