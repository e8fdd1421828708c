"""Network trained on the whole data set that selections use: its features and its forgetting counts.

Both come from the trained-network cache, so a network is trained once for everything that needs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float32, Int64

from dmcore.config import Selection, TrainingConfig
from dmcore.config.laptop_presets import laptop_training_config
from dmcore.coresets.coreset import Coreset
from dmcore.data.images import DataSet
from dmcore.feature_space.spaces import embed_real, trained_space
from dmcore.training.forgetting_events import ForgettingCounts
from dmcore.training.whole_set import TrainedNetwork, UntrainedError, load_forgetting, load_trained

Features = Float32[np.ndarray, "image feature"]
Order = Callable[[Features, int], Int64[np.ndarray, " chosen"]]
"""Features of a class and the number of images to choose -> their positions in the class, in order."""


@dataclass(frozen=True)
class CoresetSource:
    """Training on the whole data set whose network a selection uses, and its cache root."""

    training: TrainingConfig
    cache: Path

    def network(self, dataset: DataSet) -> TrainedNetwork:
        """Load the trained network.

        Raises:
            UntrainedError: it has not been trained yet.
        """
        trained = load_trained(dataset, self.training, self.cache)
        if trained is None:
            raise UntrainedError("no network has been trained on all real images yet: train it first")
        return trained

    def forgetting(self, dataset: DataSet) -> ForgettingCounts:
        """Load the forgetting counts of the training.

        Raises:
            UntrainedError: there are no counts yet.
        """
        counts = load_forgetting(dataset, self.training, self.cache)
        if counts is None:
            raise UntrainedError("there are no forgetting counts yet: train a network with counts first")
        return counts


def laptop_source(dataset: DataSet, cache: Path, seed: int) -> CoresetSource:
    """Training of the laptop preset, which takes minutes; another seed gives another network."""
    training = laptop_training_config(dataset.shape, len(dataset.train))
    return CoresetSource(training.model_copy(update={"seed": seed}), cache)


def select_by_features(
    method: Selection,
    method_text: str,
    order: Order,
    dataset: DataSet,
    images_per_class: int,
    seed: int,
    source: CoresetSource,
) -> Coreset:
    """Select the images that `order` chooses of each class in the features of the trained network.

    Raises:
        UntrainedError: the network has not been trained yet.
    """
    network = source.network(dataset)
    space = trained_space(network)
    positions = torch.stack(
        [
            members[torch.from_numpy(order(embed_real(space, dataset.train, members), images_per_class))]
            for members in dataset.train.by_class
        ]
    )
    sentence = f"Real images, chosen by {method_text} in the features of a {network.sentence}."
    return Coreset.from_real(method, dataset, positions, seed, sentence, network)
