"""Herding selection (Welling 2009, as in iCaRL, Rebuffi et al. 2017): the chosen mean follows the class mean.

Table 1 of the paper. Features are those of a network trained on the whole data set.
"""

import numpy as np
from jaxtyping import Int64

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.source import CoresetSource, Features, select_by_features
from dmcore.data.images import DataSet


def herding(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose one by one the image that brings the chosen mean nearest to the class mean.

    Nested: the first of 10 is the 1. Nothing is random: only another network changes the choice.

    Raises:
        UntrainedError: the network has not been trained yet.
    """
    return select_by_features("herding", "herding", herding_order, dataset, images_per_class, seed, source)


def herding_order(features: Features, count: int) -> Int64[np.ndarray, " chosen"]:
    """Positions of the images in the order of choice; of equally good ones the first."""
    exact = features.astype(np.float64)
    mean, total = exact.mean(axis=0), np.zeros(exact.shape[1])
    chosen: list[int] = []
    for many in range(1, count + 1):
        # |mean - (total + x) / many| is smallest where |(many mean - total) - x| is
        distance = ((many * mean - total - exact) ** 2).sum(axis=1)
        distance[chosen] = np.inf
        chosen.append(int(distance.argmin()))
        total += exact[chosen[-1]]
    return np.array(chosen)
