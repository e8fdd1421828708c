"""Twelve real test images and what a reader says they are.

The images are drawn once and for all per data set, balanced over the classes, so that readers of different
sets and runs are asked the same. Must not know of pages; torch comes in when a reader is asked.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dmcore.config.formatting import probability_text

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.runs.results.classifier import Reader

QUESTIONS = 12
RIGHT, WRONG = "✓", "✗"


@dataclass(frozen=True)
class Exam:
    """The images asked about, [image, channel, height, width], with their classes and the answers."""

    pixels: npt.NDArray[np.uint8]
    label: tuple[int, ...]
    probabilities: npt.NDArray[np.float32]
    """[image, class]"""

    @property
    def read(self) -> tuple[int, ...]:
        """The class the reader finds likeliest, image by image."""
        return tuple(int(index) for index in self.probabilities.argmax(1))

    @property
    def right(self) -> int:
        """Images read as what they are."""
        return sum(read == true for read, true in zip(self.read, self.label, strict=True))


def examine(reader: "Reader", dataset: "DataSet") -> Exam:
    """Ask a reader about the data set's questions."""
    chosen = questions(dataset.test.label.numpy())
    images = dataset.test.images[chosen]
    label = tuple(dataset.test.label[chosen].tolist())
    return Exam(images.numpy(), label, reader.probabilities(images).numpy())


def questions(label: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Positions of up to twelve test images, by class; each class has as many as another, or one more.

    Which classes and which images is one fixed draw for these labels.
    """
    from dmcore.randomness import numpy_generator

    random = numpy_generator(0, 0, "twelve test images")
    shuffled = random.permutation(len(label))
    seen: dict[int, int] = {}
    turn = np.empty(len(label), np.int64)  # an image's place among the shuffled images of its class
    for place in shuffled:
        turn[place] = seen[label[place]] = seen.get(label[place], -1) + 1
    taken = shuffled[np.argsort(turn[shuffled], kind="stable")][:QUESTIONS]
    return taken[np.argsort(label[taken], kind="stable")]


def verdicts(exam: Exam, class_names: tuple[str, ...]) -> tuple[str, ...]:
    """What stands over each image: '✓ 7, 93 %', or '✗ 9 for 4, 61 %'."""
    said = []
    for read, true, row in zip(exam.read, exam.label, exam.probabilities, strict=True):
        answer = class_names[read] if read == true else f"{class_names[read]} for {class_names[true]}"
        said.append(f"{RIGHT if read == true else WRONG} {answer}, {probability_text(row[read])}")
    return tuple(said)
