"""Question for a classifier trained on a run's synthetic set alone, with its predictions for real images.

It takes seconds, writes nothing to the disk and is trained beside the page (`app.answers`), while no job is
computed. Torch is imported by the answer.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.answers.question import Progress, Question
from app.data.dataset_cache import dataset_of
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.drawing import Framing, measure_framing
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.sample_test import SampleTest, run_sample_test

if TYPE_CHECKING:
    from dmcore.runs.results.classifier import TrainedClassifier


@dataclass(frozen=True)
class ClassifierResult:
    """Trained classifier with its sample test."""

    classifier: "TrainedClassifier"
    sample_test: SampleTest
    epochs: int
    framing: Framing | None
    """Size and position of the subject of real images; None for colour images, which cannot be drawn."""


@dataclass(frozen=True)
class ClassifierQuestion(Question[ClassifierResult]):
    """Which classifier: its training images, one set of a run at one iteration, and the protocol."""

    run: Path
    set: str
    iteration: int
    protocol: EvaluateConfig
    network: NetworkSpec | None = None
    """Architecture; left open, the run's own."""
    holds_job: bool = field(default=False, compare=False, kw_only=True)
    forget_seconds = math.inf
    retry_seconds = 0.0

    @property
    def priority(self) -> int:
        """What a job is held for goes first."""
        return 0 if self.holds_job else 1

    def answer(self) -> Generator[Progress, None, ClassifierResult]:
        """Train and test it; the progress is the share of the epochs.

        Raises:
            ValueError: the images of the run or the real ones are missing or others; with the remedy.
        """
        from dmcore.runs.results.classifier import train_classifier
        from dmcore.training.evaluate import EpochDone

        run, epochs = RunFolder(self.run), self.protocol.epochs
        try:
            dataset = dataset_of(run)
            training = train_classifier(
                run, self.set, dataset, self.protocol, self.iteration, network=self.network
            )
            while True:
                match next(training):
                    case EpochDone(epoch=epoch) if epoch < epochs:
                        doing = f"Training the network: epoch {epoch + 1} of {epochs}"
                        yield Progress(doing, (epoch + 1) / epochs)
                    case _:  # the published loop makes one epoch more than requested
                        yield Progress("Testing the network on all test images …", 1.0)
        except StopIteration as end:
            classifier: TrainedClassifier = end.value
        except FileNotFoundError as error:
            raise ValueError("the run's images are no longer there: choose another run") from error
        grey = dataset.shape[0] == 1
        framing = measure_framing(dataset.train.images.numpy()) if grey else None
        return ClassifierResult(classifier, run_sample_test(classifier, dataset), epochs, framing)

    def size(self, answer: ClassifierResult) -> int:
        """Size of the network's parameters in bytes, more or less all that it takes."""
        return sum(value.nbytes for value in answer.classifier.network.state_dict().values())
