"""Forgetting selection (Toneva et al., ICLR 2019): the images forgotten most often, and the least forgotten.

The counts come from one training on the whole data set, on its augmented minibatches. Table 1 has the first.
"""

import numpy as np
import torch
from jaxtyping import Float64, Int64
from torch import Tensor

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.source import CoresetSource
from dmcore.data.images import DataSet
from dmcore.randomness import numpy_generator


def forgetting(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose the images forgotten most often, first those never learned; ties by seed. Nested.

    Raises:
        UntrainedError: there are no forgetting counts yet.
    """
    score = -source.forgetting(dataset).forgettability
    positions = _lowest(score, dataset, images_per_class, seed)
    network = source.network(dataset)
    sentence = f"The real images that were forgotten most often (or never learned) by a {network.sentence}."
    return Coreset.from_real("forgetting", dataset, positions, seed, sentence, network)


def least_forgotten(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose the images forgotten least often, last those never learned; ties by seed. Nested.

    Raises:
        UntrainedError: there are no forgetting counts yet.
    """
    score = source.forgetting(dataset).forgettability
    positions = _lowest(score, dataset, images_per_class, seed)
    network = source.network(dataset)
    sentence = f"The real images that were learned and forgotten least often by a {network.sentence}."
    return Coreset.from_real("least_forgotten", dataset, positions, seed, sentence, network)


def _lowest(
    score: Float64[Tensor, " image"], dataset: DataSet, images_per_class: int, seed: int
) -> Int64[Tensor, "class chosen"]:
    tie = numpy_generator(seed, 0, "ties of forgetting").random(len(score))
    ordered = torch.from_numpy(np.lexsort((tie, score.numpy())))  # all images, the last key first
    label = dataset.train.label[ordered]
    return torch.stack(
        [ordered[label == index][:images_per_class] for index in range(len(dataset.class_names))]
    )
