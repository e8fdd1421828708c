"""Greedy k-center selection (Wolf 2011; Sener & Savarese 2018): no image of a class is far from a chosen one.

Features are those of a network trained on the whole data set. Not in the paper's table 1.
"""

import numpy as np
from jaxtyping import Int64

from dmcore.coresets.coreset import Coreset
from dmcore.coresets.source import CoresetSource, Features, select_by_features
from dmcore.data.images import DataSet


def k_center(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose the image nearest to the class mean, then always the one farthest from all chosen ones.

    Nested: the first of 10 is the 1. Nothing is random: only another network changes the choice.

    Raises:
        UntrainedError: the network has not been trained yet.
    """
    method_text = "greedy k-center"
    return select_by_features(
        "k_center", method_text, k_center_order, dataset, images_per_class, seed, source
    )


def k_center_order(features: Features, count: int) -> Int64[np.ndarray, " chosen"]:
    """Positions of the images in the order of choice; of equally far ones the first."""
    exact = features.astype(np.float64)
    chosen = [int(((exact - exact.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    nearest = np.full(len(exact), np.inf)  # squared distance to the nearest chosen image
    while len(chosen) < count:
        nearest = np.minimum(nearest, ((exact - exact[chosen[-1]]) ** 2).sum(axis=1))
        nearest[chosen] = -1.0  # below every distance: its copies come before it comes again
        chosen.append(int(nearest.argmax()))
    return np.array(chosen)
