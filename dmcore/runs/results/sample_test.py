"""Sample test of a classifier: its predictions for twelve real test images.

The images are one fixed draw per data set, balanced over the classes, so that classifiers of different sets
and runs are tested on the same. Torch is imported when a classifier predicts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dmcore.config.formatting import probability_text

if TYPE_CHECKING:
    from dmcore.data.images import DataSet
    from dmcore.runs.results.classifier import TrainedClassifier

SAMPLE_SIZE = 12
RIGHT, WRONG = "✓", "✗"


@dataclass(frozen=True)
class SampleTest:
    """Test images [image, channel, height, width], their true classes and the predicted probabilities."""

    pixels: npt.NDArray[np.uint8]
    label: tuple[int, ...]
    probabilities: npt.NDArray[np.float32]
    """[image, class]"""

    @property
    def predicted(self) -> tuple[int, ...]:
        """Most likely class of each image."""
        return tuple(int(index) for index in self.probabilities.argmax(1))

    @property
    def correct(self) -> int:
        """Number of images whose prediction is right."""
        return sum(prediction == true for prediction, true in zip(self.predicted, self.label, strict=True))


def run_sample_test(classifier: "TrainedClassifier", dataset: "DataSet") -> SampleTest:
    """Predict the classes of the data set's sample images."""
    positions = sample_positions(dataset.test.label.numpy())
    images = dataset.test.images[positions]
    label = tuple(dataset.test.label[positions].tolist())
    return SampleTest(images.numpy(), label, classifier.probabilities(images).numpy())


def sample_positions(label: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Draw the positions of up to twelve test images, by class, balanced: class counts differ by at most one.

    It is one fixed draw for these labels.
    """
    from dmcore.randomness import numpy_generator

    random = numpy_generator(0, 0, "twelve test images")
    shuffled = random.permutation(len(label))
    seen: dict[int, int] = {}
    rank = np.empty(len(label), np.int64)  # an image's rank among the shuffled images of its class
    for position in shuffled:
        rank[position] = seen[label[position]] = seen.get(label[position], -1) + 1
    sample = shuffled[np.argsort(rank[shuffled], kind="stable")][:SAMPLE_SIZE]
    return sample[np.argsort(label[sample], kind="stable")]


def answer_captions(test: SampleTest, class_names: tuple[str, ...]) -> tuple[str, ...]:
    """Caption of each image: '✓ 7, 93 %', or '✗ 4, called 9, 61 %'."""
    captions = []
    for predicted, true, row in zip(test.predicted, test.label, test.probabilities, strict=True):
        name = class_names[predicted]
        answer = name if predicted == true else f"{class_names[true]}, called {name}"
        mark = RIGHT if predicted == true else WRONG
        captions.append(f"{mark} {answer}, {probability_text(float(row[predicted]))}")
    return tuple(captions)
