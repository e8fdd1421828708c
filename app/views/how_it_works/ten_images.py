"""Ten learned images of a recorded run, ten random real ones, and the test images that both are tried on."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from app.data.method_accuracies import Method, recorded_table1
from app.data.recorded import OPENING_RUN
from app.jobs.run_presets import SMALL_PROTOCOL
from app.run.classifier_question import ClassifierQuestion
from dmcore.config import EvaluateConfig
from dmcore.data.catalogue import CATALOGUE
from dmcore.data.fashion import read_fashion
from dmcore.experiments.gallery.recorded import RecordedEntry, find_recorded, gallery_folder
from dmcore.experiments.presets import per_class
from dmcore.experiments.table1 import NAMES
from dmcore.runs.display import DisplayImages, images_at
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run

DATASET = "fashion"
NETWORK: EvaluateConfig = SMALL_PROTOCOL.model_copy(update={"repeats": 1})
"""How the networks are trained that are trained here."""
STREAMED = 40
"""Test images in the stream."""
TRAINED, TESTED = CATALOGUE[DATASET].train_count, CATALOGUE[DATASET].test_count
FILM_FRAMES = 20
"""Iterations of the recorded run that are shown, about evenly in the logarithm."""


@dataclass(frozen=True)
class TenImages:
    """Two sets of ten images, one of each class, uint8 [(frame,) image, channel, height, width]."""

    entry: RecordedEntry
    """Of the learned images."""
    table: RecordedEntry
    """Table 1, of the random ones and of all real images."""
    run: RunFolder
    set: str
    iteration: int
    class_names: tuple[str, ...]
    learned: DisplayImages
    """With a frame for each of some iterations, the last one last."""
    random: DisplayImages
    questions: dict[Method, ClassifierQuestion]
    """Networks that can be trained here, on each."""


def read_ten_images() -> TenImages:
    """Read the images; cached.

    Raises:
        ValueError: a recorded entry is missing or damaged.
    """
    return _read(gallery_folder())


@lru_cache(maxsize=2)
def _read(gallery: Path) -> TenImages:
    entry, table = find_recorded(OPENING_RUN), recorded_table1(DATASET)
    run = entry.run
    if run is None or table is None or table.results is None:
        raise ValueError(entry.problem or f"there are no recorded accuracies on {DATASET}")
    name = run.set_names[0]
    frames = _evenly_in_logarithm(run.snapshots(name))
    learned = np.stack([images_at(run, name, iteration)[:, 0] for iteration in frames])
    result = table.results.at(NAMES["random"], per_class(1))[0]
    random_run = open_run(result.run, table.root)
    order = [random_run.class_names.index(each) for each in run.class_names]
    network = run.config.network_spec() if run.config is not None else None
    questions: dict[Method, ClassifierQuestion] = {
        "condensed": ClassifierQuestion(*(run.path, name, frames[-1], NETWORK, network), holds_job=True),
        "random_real": ClassifierQuestion(
            *(random_run.path, result.set, result.iteration, NETWORK, network), holds_job=True
        ),
    }
    random = images_at(random_run, result.set, result.iteration)[order, 0]
    return TenImages(entry, table, run, name, frames[-1], run.class_names, learned, random, questions)


@lru_cache(maxsize=1)
def read_test_images() -> tuple[DisplayImages, tuple[int, ...]]:
    """First test images, the classes in turn, and their classes.

    Raises:
        ValueError: their file is damaged.
    """
    images, label = read_fashion("test")
    return images[:STREAMED], tuple(int(each) for each in label[:STREAMED])


def _evenly_in_logarithm(iterations: list[int]) -> list[int]:
    """Some of the iterations, the first and the last among them."""
    wanted = np.expm1(np.linspace(0, np.log1p(iterations[-1]), FILM_FRAMES))
    nearest = {min(iterations, key=lambda each: abs(each - value)) for value in wanted}
    return sorted(nearest)
