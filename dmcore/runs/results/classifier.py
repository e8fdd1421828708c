"""Classifier trained on a condensed set: class probabilities for any images of the data set.

It is the first network that an evaluation of the set trains (section 4.1), so its accuracy is the first one
of the evaluation.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.augment import strategy
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import DataSet, Statistics
from dmcore.execution.plan import Plan, evaluation_plan, events_under_plan
from dmcore.networks import Network
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation import condensed_for
from dmcore.runs.results.evaluation_tasks import architectures_of
from dmcore.training.checks import check_trainable
from dmcore.training.evaluate import EvaluationEvent, train_network
from dmcore.training.minibatch import ImageBatch, Uint8Images
from dmcore.training.testing import TEST_PIECE


@dataclass(frozen=True)
class TrainedClassifier:
    """Trained network on the CPU, in eval mode, with frozen parameters."""

    network: Network
    spec: NetworkSpec
    statistics: Statistics
    """Normalisation of its training images."""
    class_names: tuple[str, ...]
    accuracy: float
    """Test accuracy in percent."""

    @torch.no_grad()
    def probabilities(self, images: Uint8Images | ImageBatch) -> Float[Tensor, "image class"]:
        """Softmax class probabilities of stored (uint8) or normalised images."""
        pieces = []
        for piece in torch.split(images, TEST_PIECE):
            batch = piece if piece.is_floating_point() else self.statistics.normalise(piece)
            pieces.append(self.network(batch).softmax(1))
        return torch.cat(pieces)


def train_classifier(
    folder: RunFolder,
    set_name: str | None,
    dataset: DataSet,
    config: EvaluateConfig,
    iteration: int | None = None,
    *,
    network: NetworkSpec | None = None,
    plan: Plan | None = None,
) -> Generator[EvaluationEvent, None, TrainedClassifier]:
    """Train the run's own architecture on a set; yields each epoch and the test, returns the classifier.

    Args:
        folder: the run.
        set_name: which set; may be left open where there is only one.
        dataset: the real images the run was condensed from; the test images measure its accuracy.
        config: the protocol; one network is trained, whatever `repeats` is. Its architecture is the run's,
            else the first of `networks`.
        iteration: which images of the set; the latest when left open.
        network: another architecture, such as that of a run whose images are compared with these.
        plan: where and how to train; left out, the best device of this machine.

    Raises:
        ValueError: no such set or iteration, not the run's data set or classes, or no test images.
    """
    condensed = condensed_for(dataset, folder, set_name, iteration)
    test = replace(dataset.test, statistics=condensed.statistics)
    check_trainable(condensed.images, condensed.label, test)
    own = folder.config.network if folder.config is not None else config.networks[0]
    (usual,) = architectures_of(config.model_copy(update={"networks": (own,)}), folder, dataset.shape)
    spec = network or usual
    protocol = config.model_copy(update={"augment": strategy(config.augment, dataset.flip_keeps_label)})
    plan = plan or evaluation_plan()
    training = train_network(condensed.images, condensed.label, test, spec, 0, protocol, plan)
    trained, accuracy = yield from events_under_plan(plan, training)
    trained = trained.cpu().eval().requires_grad_(False)
    return TrainedClassifier(trained, spec, condensed.statistics, dataset.class_names, accuracy)
