"""One network trained on a condensed set alone, kept to be asked: what does it read in a picture?

It is the first network that an evaluation of the set trains (section 4.1): its accuracy is the first of the
evaluation's.
"""

from collections.abc import Generator
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.augment import strategy
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import DataSet, Statistics
from dmcore.execution.plan import Plan, computed_by, evaluation_plan
from dmcore.networks import Network
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.evaluation import condensed_for, networks_of
from dmcore.training.checks import check_trainable
from dmcore.training.evaluate import Event, train_network
from dmcore.training.minibatch import Images, StoredImages
from dmcore.training.testing import TEST_PIECE


@dataclass(frozen=True)
class Reader:
    """A trained network on the CPU, in eval mode, its parameters frozen."""

    network: Network
    spec: NetworkSpec
    statistics: Statistics
    """What the images it was trained on are normalised by."""
    class_names: tuple[str, ...]
    accuracy: float
    """Percent of the whole test set."""

    @torch.no_grad()
    def probabilities(self, images: StoredImages | Images) -> Float[Tensor, "image class"]:
        """How likely each class is in the network's eyes, for stored (uint8) or normalised images."""
        pieces = []
        for piece in torch.split(images, TEST_PIECE):
            batch = piece if piece.is_floating_point() else self.statistics.normalise(piece)
            pieces.append(self.network(batch).softmax(1))
        return torch.cat(pieces)


def train_reader(
    folder: RunFolder,
    set_name: str | None,
    dataset: DataSet,
    config: EvaluateConfig,
    iteration: int | None = None,
    *,
    plan: Plan | None = None,
) -> Generator[Event, None, Reader]:
    """Train the run's own architecture on a set; yields each epoch and the test, returns the reader.

    Args:
        folder: the run.
        set_name: which set; may be left open where there is only one.
        dataset: the real images the run was condensed from; the test images measure the reader.
        config: the protocol; one network is trained, whatever `repeats` says, and where the run does not name
            its architecture it is the first of `networks`.
        iteration: which images of the set; the latest when left open.
        plan: where and how to train; left out, the best device of this machine.

    Raises:
        ValueError: no such set or iteration, not the run's data set or classes, or no test images.
    """
    condensed = condensed_for(dataset, folder, set_name, iteration)
    test = replace(dataset.test, statistics=condensed.statistics)
    check_trainable(condensed.images, condensed.label, test)
    own = folder.config.network if folder.config is not None else config.networks[0]
    (spec,) = networks_of(config.model_copy(update={"networks": (own,)}), folder, dataset.shape)
    protocol = config.model_copy(update={"augment": strategy(config.augment, dataset.mirrored_is_same)})
    plan = plan or evaluation_plan()
    training = train_network(condensed.images, condensed.label, test, spec, 0, protocol, plan)
    network, accuracy = yield from computed_by(plan, training)
    network = network.cpu().eval().requires_grad_(False)
    return Reader(network, spec, condensed.statistics, dataset.class_names, accuracy)
