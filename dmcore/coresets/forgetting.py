"""Images by how often a network forgot them (Toneva et al., ICLR 2019): table 1's row, and its opposite.

The counts come from one training on the whole data set, on minibatches as it saw them: augmented.
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
    """Choose what was forgotten most often, first what was never learned; ties by seed. Nested.

    Raises:
        UntrainedError: the counts have not been taken yet.
    """
    score = -source.forgetting(dataset).forgettability
    positions = _lowest(score, dataset, images_per_class, seed)
    network = source.network(dataset)
    sentence = f"The real images that were forgotten most often (or never learned) by a {network.sentence}."
    return Coreset.from_real("forgetting", dataset, positions, seed, sentence, network)


def least_forgotten(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose what was forgotten least often, last what was never learned; ties by seed. Nested.

    Raises:
        UntrainedError: the counts have not been taken yet.
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
    return torch.stack([ordered[label == one][:images_per_class] for one in range(len(dataset.class_names))])
