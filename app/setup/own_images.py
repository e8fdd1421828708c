"""One's own images before the start: read in the background, with some to look at and what was changed.

Only a folder or zip that this session may read is read (own_folder.py). Torch is imported by the answer.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from app.answers.question import Look, OutdatedError, Progress, Question
from app.data.dataset_cache import DATASETS
from app.data.folders import data_root
from app.jobs.manager import get_manager
from app.jobs.page_answers import get_image_readings
from app.setup.own_folder import may_read
from dmcore.data.folder_version import FolderVersion, folder_version
from dmcore.runs.display import DisplayImages

SAMPLES = 5
"""Images of each class that are shown."""
PATIENCE_SECONDS = 0.5
"""A small folder is read within it, and the page is drawn once."""


@dataclass(frozen=True)
class OwnImages:
    """What was read: the classes, the first training images of each, and what was changed about the files."""

    class_names: tuple[str, ...]
    samples: DisplayImages
    """uint8 [class, image, channel, height, width]; as many of each class as the smallest has."""
    notes: tuple[str, ...]
    """What is kept for testing, resized, cropped or left out, in sentences."""
    train_count: int
    test_count: int


@dataclass(frozen=True)
class OwnImagesQuestion(Question[OwnImages]):
    """Question for the images at a path, as they are now."""

    path: str
    version: FolderVersion
    after_job = False
    retry_seconds = math.inf  # until the folder changes, which makes it another question

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
        return OwnImages(dataset.class_names, samples, dataset.notes, len(train), len(dataset.test))

    def answered(self) -> None:
        """Let pages look again."""
        if (manager := get_manager.existing()) is not None:
            manager.notify()


def look_at_own_images(path: str) -> Look[OwnImages]:
    """Look at the images of a folder or zip; nothing where this session may not read it."""
    if not may_read(path):
        return Look()
    return get_image_readings().ask(OwnImagesQuestion(path, folder_version(path)), PATIENCE_SECONDS)
