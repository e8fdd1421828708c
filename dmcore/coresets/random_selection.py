"""Random selection of real images: the baseline that every other method has to beat (table 1, first row)."""

import torch

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.source import CoresetSource
from dmcore.data.images import DataSet
from dmcore.randomness import numpy_generator


def random(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Draw images without replacement, class by class; nested: the first of 10 is the 1."""
    draw = numpy_generator(seed, 0, "random coreset")
    positions = torch.stack(
        [
            members[torch.from_numpy(draw.permutation(len(members))[:images_per_class])]
            for members in dataset.train.by_class
        ]
    )
    sentence = f"Real images, drawn at random with seed {seed}."
    return Coreset.from_real("random", dataset, positions, seed, sentence)
