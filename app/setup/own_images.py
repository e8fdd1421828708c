"""One's own images before the start: read in the background, with some to look at and what was changed.

Only a folder or zip that this session may read is read (own_folder.py). Torch is imported by the answer.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from app.answers.question import Look, OutdatedError, Progress, Question
from app.data.dataset_cache import DATASETS
from app.data.folders import data_root
from app.jobs.manager import get_manager
from app.jobs.page_answers import get_image_readings
from app.setup.own_folder import may_read
from dmcore.config.formatting import grouped
from dmcore.data.folder_version import FolderVersion, folder_version
from dmcore.runs.display import DisplayImages

SAMPLES = 5
"""Images of each class that are shown."""
PATIENCE_SECONDS = 0.5
"""A small folder is read within it, and the page is drawn once."""
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
