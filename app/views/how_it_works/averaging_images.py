"""Recorded images of the chapter on averaging: of each method, and real ones to be averaged."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.data.method_accuracies import ROWS, Method
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.fashion import read_fashion
from dmcore.experiments.gallery.recorded import RecordedEntry
from dmcore.experiments.presets import per_class
from dmcore.experiments.results import CellResult
from dmcore.experiments.table1 import NAMES
from dmcore.runs.display import DisplayImages, images_at
from dmcore.runs.runs_root import open_run

STACKED = 60
"""Real images of a class that are laid on each other, at most."""


@dataclass(frozen=True)
class RecordedImages:
    """Images of a table 1, uint8 [class, image, channel, height, width] by method."""

    class_names: tuple[str, ...]
    by_method: dict[Method, DisplayImages]
    real: DisplayImages
    """Real images of each class, as many of every class."""
    per_class: int
    """Real training images of a class; 0 where classes differ."""
    class_means: DisplayImages
    """The mean of all real images of each class [class, channel, height, width]."""


def recorded_images(entry: RecordedEntry, images_per_class: int) -> RecordedImages:
    """Images of a recorded table 1 for a number of images per class; cached.

    Raises:
        ValueError: images are missing or damaged.
    """
    return _read(entry.root, entry, images_per_class)


@lru_cache(maxsize=8)
def _read(root: Path, entry: RecordedEntry, images_per_class: int) -> RecordedImages:
    results = entry.results
    assert results is not None
    (whole, *_) = results.at(NAMES["mean_image"], per_class(1))  # of more per class each is that of a group
    names = open_run(whole.run, root).class_names
    by_method: dict[Method, DisplayImages] = {
        method: _images_of(result, root, names)
        for method, row in ROWS.items()
        if method != "all_real"
        for result in results.at(NAMES[row], per_class(images_per_class))[:1]
    }
    dataset = CATALOGUE[results.table.dataset]
    each, rest = divmod(dataset.train_count, dataset.classes)
    class_means = _images_of(whole, root, names)[:, 0]
    return RecordedImages(names, by_method, _real_images(entry, names), 0 if rest else each, class_means)


def _images_of(result: CellResult, root: Path, names: tuple[str, ...]) -> DisplayImages:
    """Images that a result of a table is of, their classes in the order of the names."""
    run = open_run(result.run, root)
    order = [run.class_names.index(name) for name in names]
    return images_at(run, result.set, result.iteration)[order]


def _real_images(entry: RecordedEntry, names: tuple[str, ...]) -> DisplayImages:
    """Real images of each class: of the data set where it can be read at once, else those drawn at random."""
    results = entry.results
    assert results is not None
    if results.table.dataset == "fashion":
        images, label = read_fashion("train")
        listed = CATALOGUE["fashion"].class_names
        return np.stack([images[label == listed.index(name)][:STACKED] for name in names])
    column = results.table.columns[-1]
    drawn = [
        _images_of(result, entry.root, names)
        for result in results.at(NAMES["random"], column)
        # of large sets one is kept
        if result.iteration in open_run(result.run, entry.root).snapshots(result.set)
    ]
    return np.concatenate(drawn, axis=1)[:, :STACKED]
