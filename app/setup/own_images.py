"""One's own images before the start: read in the background, with some to look at and what was changed.

Only a folder or zip that this session may read is read (own_folder.py). Torch is imported by the answer.
"""

from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from app.answers.question import Look, OutdatedError, Progress, Question
from app.data.dataset_cache import DATASETS
from app.data.folders import data_root
from app.jobs.manager import get_manager
from app.jobs.page_answers import get_image_readings
from app.jobs.run_presets import OWN_IMAGES
from app.setup.own_folder import may_read
from dmcore.config import Method, MethodConfig
from dmcore.config.formatting import counted, grouped
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.config.models import SetSpec
from dmcore.data.class_folders import count_smallest_class
from dmcore.data.folder_version import FolderVersion, folder_version
from dmcore.runs.display import DisplayImages

SAMPLES = 5
"""Images of each class that are shown."""
PATIENCE_SECONDS = 0.5
"""A small folder is read within it, and the page is drawn once."""
CALM_RATE, CALM_ITERATIONS = 0.2, 100
"""Learning rate over images per class, and iterations, up to which photographs stay pictures.

Measured after 100 iterations on 24 images of each of 3 classes, photographs and drawings, as the mean
difference of neighbouring pixels over that of the real images: 1.0 to 1.2 at 0.1, 1.2 to 1.6 at 0.2; for
photographs at 1 it is 3.6 (32×32) to 6.4 (64×64), and 14 % of the values are beyond black or white. After
1,412 iterations at 0.1, 64×64, they are coloured noise. Networks learn from either.
"""
PHOTOGRAPHS = 20
"""Photographs of a class of which enough can be learned that they stay pictures."""
RETRY_SECONDS = 3
"""A look after that reads again what could not be read: a disk may have come back, memory may be free."""


@dataclass(frozen=True)
class OwnImages:
    """What was read: the classes, the first training images of each, and what was changed about the files."""

    class_names: tuple[str, ...]
    samples: DisplayImages
    """uint8 [class, image, channel, height, width]; as many of each class as the smallest has."""
    notes: tuple[str, ...]
    """What is kept for testing, resized, cropped or left out, in sentences."""
    train_counts: tuple[int, ...]
    """Training images of each class."""
    test_counts: tuple[int, ...]
    """Test images of each class."""

    @property
    def smallest_class(self) -> int:
        """Training images of the class with the fewest."""
        return min(self.train_counts)

    @property
    def class_labels(self) -> tuple[str, ...]:
        """Each class with its numbers of images: 'cat: 32 to learn from, 8 for the test'."""
        counts = zip(self.class_names, self.train_counts, self.test_counts, strict=True)
        return tuple(
            f"{name}: {grouped(train)} to learn from, {grouped(test)} for the test"
            for name, train, test in counts
        )

    @property
    def format_sentence(self) -> str:
        """Size and colours of an image as networks see it."""
        channels, height, width = self.samples.shape[2:]
        return f"Networks see {height}×{width} pixels {'in grey' if channels == 1 else 'in colour (RGB)'}."


@dataclass(frozen=True)
class OwnImagesQuestion(Question[OwnImages]):
    """Question for the images at a path, as they are now."""

    path: str
    version: FolderVersion
    after_job = False
    retry_seconds = RETRY_SECONDS  # a folder that has changed is another question

    def answer(self) -> Generator[Progress, None, OwnImages]:
        """Read them all; they stay in memory for the run.

        Raises:
            ValueError: they are no data set, with the remedy.
            OutdatedError: the service ends meanwhile.
        """
        service = get_image_readings.existing()

        def report(what: str, done: int, total: int) -> None:
            if service is not None and service.ending:
                raise OutdatedError

        yield Progress("reading the images")
        dataset = DATASETS.open(self.path, data_root(), progress=report)
        train = dataset.train
        count = min(SAMPLES, *(len(members) for members in train.by_class))
        samples = np.stack([train.images[members[:count]].numpy() for members in train.by_class])
        return OwnImages(
            dataset.class_names,
            samples,
            dataset.notes,
            tuple(map(len, train.by_class)),
            tuple(map(len, dataset.test.by_class)),
        )

    def answered(self) -> None:
        """Let pages look again."""
        if (manager := get_manager.existing()) is not None:
            manager.notify()


def look_at_own_images(path: str) -> Look[OwnImages]:
    """Look at the images of a folder or zip; nothing where this session may not read it."""
    if not may_read(path):
        return Look()
    return get_image_readings().ask(OwnImagesQuestion(path, folder_version(path)), PATIENCE_SECONDS)


def fitting_setup(config: MethodConfig, path: str) -> MethodConfig:
    """The set-up for the images at a path, with as many per class as suit its smallest class.

    A number that differs from the preset's was chosen, and stays.
    """
    config = config.model_copy(update={"dataset": path})
    if len(config.all_sets()) > 1 or config.images_per_class != OWN_IMAGES.config.images_per_class:
        return config
    with suppress(ValueError):  # the form says what is wrong there
        config = config.model_copy(
            update={"images_per_class": fitting_count(count_smallest_class(path), config.method)}
        )
    return config


def fitting_count(smallest_class: int, method: Method = "dm") -> int:
    """Images per class to learn: as the preset has it, but at most half of the smallest class.

    Of gradient matching the largest such number that has published loops.
    """
    most = max(1, min(OWN_IMAGES.config.images_per_class, smallest_class // 2))
    return most if method == "dm" else max(count for count in PUBLISHED_LOOPS if count <= most)


def outlook(config: MethodConfig, smallest_class: int) -> str:
    """What the learned images of photographs will look like, and what to try, in two sentences at most.

    Args:
        config: the set-up.
        smallest_class: training images of the class with the fewest.
    """
    if config.method != "dm":
        return (
            "Made for networks, not for eyes. How they will look was measured for distribution matching only."
        )
    specs, fitting = config.all_sets(), fitting_count(smallest_class)
    calm = all(map(_changes_slowly, specs))
    if calm and config.iterations <= CALM_ITERATIONS:
        return (
            f"After only {counted(config.iterations, 'iteration')} photographs are still pictures that you "
            "recognise; after many they turn into coloured patterns, made for networks, not for eyes."
        )
    if calm:
        remedy = f"take {CALM_ITERATIONS} iterations or fewer"
    elif not _changes_slowly(OWN_IMAGES.config.model_copy(update={"images_per_class": fitting})):
        remedy = f"give {PHOTOGRAPHS} photographs of each class, or more"
    else:
        remedy = f"start from real images, {fitting} per class, for {CALM_ITERATIONS} iterations or fewer"
    if all(spec.init == "noise" for spec in specs):
        expected = "photographs learned from noise look like coloured noise"
    else:
        expected = (
            f"after {counted(config.iterations, 'iteration')} photographs turn into coloured patterns, "
            "and can teach networks all the same"
        )
    return f"Made for networks, not for eyes: {expected}. To recognise something, {remedy}."


def has_fitting_start(config: MethodConfig) -> bool:
    """Whether all sets start from real images and have enough per class to change slowly.

    That is known of distribution matching only; nothing is held against another method.
    """
    return config.method != "dm" or all(map(_changes_slowly, config.all_sets()))


def _changes_slowly(spec: SetSpec | MethodConfig) -> bool:
    """Whether images start as photographs and change little: an update is spread over those of a class."""
    return spec.init != "noise" and spec.image_lr / spec.images_per_class <= CALM_RATE
