"""Where selections look: through a network trained on the whole data set, and into what it forgot.

Both come from the trained-network cache, so a network is trained once for everything that needs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from dmcore.config import TrainingConfig
from dmcore.data import DataSet
from dmcore.features import embed_real, trained_space
from dmcore.forgetting import Forgetting
from dmcore.laptop import laptop_training
from dmcore.trained import TrainedNetwork, UntrainedError, load_forgetting, load_trained

Features = Float32[np.ndarray, "image feature"]
Order = Callable[[Features, int], Int64[np.ndarray, " chosen"]]
"""Features of a class and how many images to choose -> their places in the class, in order."""


@dataclass(frozen=True)
class Source:
    """A training on the whole data set, and where it is kept."""

    training: TrainingConfig
    cache: Path

    def network(self, dataset: DataSet) -> TrainedNetwork:
        """The trained network.

        Raises:
            UntrainedError: it has not been trained yet.
        """
        trained = load_trained(dataset, self.training, self.cache)
        if trained is None:
            raise UntrainedError("no network has been trained on all real images yet: train it first")
        return trained

    def forgetting(self, dataset: DataSet) -> Forgetting:
        """What was forgotten in the training.

        Raises:
            UntrainedError: it has not been counted yet.
        """
        counts = load_forgetting(dataset, self.training, self.cache)
        if counts is None:
            raise UntrainedError("nobody has counted yet what a network forgets: train one with counts first")
        return counts


def laptop_source(dataset: DataSet, cache: Path, seed: int) -> Source:
    """A training that a laptop does in minutes; another seed is another network."""
    training = laptop_training(dataset.shape, len(dataset.train))
    return Source(training.model_copy(update={"seed": seed}), cache)


def chosen_by_features(
    dataset: DataSet, network: TrainedNetwork, images_per_class: int, order: Order
) -> Int64[Tensor, "class chosen"]:
    """Positions of the images that `order` chooses of each class in the features of a network."""
    space = trained_space(network)
    return torch.stack(
        [
            members[torch.from_numpy(order(embed_real(space, dataset.train, members), images_per_class))]
            for members in dataset.train.by_class
        ]
    )
