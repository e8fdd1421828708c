"""Mean image of each class, or of its k-means clusters: tests whether condensation is just averaging.

Not in the paper. Averages are taken of normalised pixels, so these are not real images.
"""

import numpy as np
import torch
from jaxtyping import Float32, Float64

from dmcore.coresets.clusters import cluster_means
from dmcore.coresets.coreset import Coreset
from dmcore.coresets.source import CoresetSource
from dmcore.data.images import DataSet
from dmcore.randomness import numpy_generator

Pixels = Float32[np.ndarray, "image pixel"]


def mean_image(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Class mean at 1 per class, k-means centres at more, those of most images first; not nested."""
    real = dataset.train
    centres = np.stack(
        [
            cluster_centres(
                real.statistics.normalise(real.images[members]).flatten(1).numpy(),
                images_per_class,
                class_seed,
            )
            for class_seed, members in zip(_seeds(seed, len(real.by_class)), real.by_class, strict=True)
        ]
    )
    pixels = torch.from_numpy(centres).float().reshape(*centres.shape[:2], *dataset.shape)
    description = (
        "The mean of all real images of each class"
        if images_per_class == 1
        else f"Means of clusters of each class's real images (k-means in pixels, seed {seed})"
    )
    return Coreset("mean_image", seed, pixels, None, f"{description}: no real images.")


def cluster_centres(pixels: Pixels, count: int, seed: int) -> Float64[np.ndarray, "centre pixel"]:
    """Centres of `count` k-means clusters of these images, those of most images first."""
    centres = cluster_means(pixels, count, seed)
    return centres[np.arange(count) % len(centres)]  # fewer where images are copies of each other


def _seeds(seed: int, classes: int) -> list[int]:
    return [int(value) for value in numpy_generator(seed, 0, "k-means").integers(2**32, size=classes)]
