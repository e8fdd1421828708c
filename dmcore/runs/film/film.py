"""A film of a run: its images at every iteration that was kept, one frame each, made when it is asked for.

Without torch. How a film becomes a file is in film_files.py, where the images stand in film_layout.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import UInt8

from dmcore.config.formatting import grouped
from dmcore.runs.display import pictures_of
from dmcore.runs.film.layout import INK, LINE, MARGIN, PAPER, Layout, Shape, lay_out, write_line
from dmcore.runs.folder import RunFolder

BAR = 4
"""Height of the line at the bottom that shows how far the film is. It also tells every frame from the one
before, so that no encoder merges two."""
TRACK = 221
"""Grey level of the part of that line that is still to come."""


@dataclass(frozen=True)
class Film:
    """The frames of a film; make one with `open_film`. Nothing is read before a frame is asked for."""

    run: RunFolder
    set_names: tuple[str, ...]
    iterations: tuple[int, ...]
    """Every iteration at which all these sets are kept: one frame each, two or more."""
    layout: Layout
    burn_in: bool
    """Whether the iteration is written below the images."""

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
        """What a person should know about it, in sentences."""
        first, last = self.iterations[0], self.iterations[-1]
        sentences = [f"{len(self.iterations)} iterations are kept, from {spaced(first)} to {spaced(last)}."]
        for name, block in zip(self.set_names, self.layout.blocks, strict=True):
            one = next(one for one in self.run.sets if one.name == name)
            if (block.images, block.classes) != (one.images_per_class, len(self.run.class_names)):
                sentences.append(f"Not all images fit. Shown: {block.label}.")
        return tuple(sentences)

    def tiles(self, index: int) -> list[UInt8[np.ndarray, "image row column *channel"]]:
        """The images of each block at a frame, as a screen shows them; grey ones without a channel.

        Raises:
            ValueError: a snapshot is damaged.
        """
        iteration, tiles = self.iterations[index], []
        data, classes = self.run.description.data, len(self.run.class_names)
        for name, block in zip(self.set_names, self.layout.blocks, strict=True):
            try:
                pixels = self.run.snapshot(name, iteration).pixels
            except ValueError as damage:
                raise ValueError(
                    f"{damage}; a film needs every kept iteration: delete that file to make it without"
                ) from damage
            shape = (data.channels, data.height, data.width)
            if pixels.ndim != 5 or len(pixels) != classes or pixels.shape[2:] != shape:
                raise ValueError(
                    f"the images of {name} at iteration {iteration} have another shape than the run"
                )
            images = pictures_of(pixels[: block.classes, : block.images], data)
            images = np.moveaxis(images.reshape(-1, *shape), 1, -1)
            tiles.append(images[..., 0] if self.grey else images)
        return tiles

    def page(self, index: int) -> UInt8[np.ndarray, "row column"]:
        """Everything of a frame but the images, in grey levels: labels, iteration, how far the film is."""
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
        """A whole frame: grey levels, or RGB where the images have colours.

        Raises:
            ValueError: a snapshot is damaged.
        """
        page = self.page(index)
        canvas = page if self.grey else page[..., None].repeat(3, axis=2)
        self.layout.paint(canvas, self.tiles(index))
        return canvas

    @cached_property
    def _labels(self) -> UInt8[np.ndarray, "row column"]:
        return self.layout.page()


def open_film(
    run: RunFolder,
    set_name: str | None = None,
    *,
    burn_in: bool = True,
    labels: Mapping[str, str] | None = None,
) -> Film:
    """A film of a run, as far as its images are kept by now.

    Args:
        run: the run.
        set_name: one of its sets; all of them when left open.
        burn_in: write the iteration below the images.
        labels: what to call the sets; their names when left open.

    Raises:
        ValueError: no such set, fewer than two kept iterations, or images that make no picture.
    """
    data = run.description.data
    names = run.set_names if set_name is None else (set_name,)
    stored = [set(run.snapshots(name)) for name in names]
    iterations = tuple(sorted(set.intersection(*stored))) if stored else ()
    if len(iterations) < 2:
        raise ValueError(_too_few(run, len(iterations)))
    if data.channels not in (1, 3):
        raise ValueError(f"images of {data.channels} channels are no pictures: export npz instead")
    counts = {described.name: described.images_per_class for described in run.sets}
    shapes = [Shape((labels or {}).get(name, name), len(run.class_names), counts[name]) for name in names]
    layout = lay_out(shapes, data.height, data.width, below=LINE + BAR)
    return Film(run, names, iterations, layout, burn_in)


def before_and_after(film: Film) -> UInt8[np.ndarray, "row column *channel"]:
    """The first and the last images of a film beside each other, each under its iteration.

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
    """12345 -> '12 345': the font has no narrower space."""
    return grouped(number, separator=" ")


def _too_few(run: RunFolder, count: int) -> str:
    if run.config is None:
        return f"run {run.id} was imported and keeps one moment only: export png for a picture of it"
    if count == 0:
        return f"run {run.id} has no images yet: let it run first"
    return f"run {run.id} keeps the images of one iteration only, and a film needs two: let it run on"
