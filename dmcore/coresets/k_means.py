"""K-means selection: similar images of a class are grouped, and of each group its most typical one is chosen.

Features are those of a network trained on the whole data set. Not in the paper's table 1; by the protocol
of DM it is the best selection that the authors of DDM (2025) tried (CIFAR-10, 10 per class).
"""

from functools import partial

import numpy as np
from jaxtyping import Int64

from dmcore.coresets.clusters import STARTS, cluster_means
from dmcore.coresets.coreset import Coreset
from dmcore.coresets.source import CoresetSource, Features, select_by_features
from dmcore.data.images import DataSet
from dmcore.randomness import numpy_generator


def k_means(dataset: DataSet, images_per_class: int, seed: int, source: CoresetSource) -> Coreset:
    """Choose the image nearest to the centre of each k-means cluster, those of most images first; not nested.

    At 1 per class it is the image nearest to the class mean, whatever the seed.

    Raises:
        UntrainedError: the network has not been trained yet.
    """
    order = partial(k_means_order, draw=numpy_generator(seed, 0, "k-means selection"))
    method_text = f"k-means (the nearest to each centre; best of {STARTS} starts, seed {seed})"
    return select_by_features("k_means", method_text, order, dataset, images_per_class, seed, source)


def k_means_order(features: Features, count: int, draw: np.random.Generator) -> Int64[np.ndarray, " chosen"]:
    """Positions of the images nearest to the centres, none twice; of equally near ones the first.

    Where fewer images differ than are wanted, each centre comes again and takes the next nearest.
    """
    exact = features.astype(np.float64)
    centres = cluster_means(exact, count, int(draw.integers(2**32)))
    chosen: list[int] = []
    for index in range(count):
        distance = ((exact - centres[index % len(centres)]) ** 2).sum(axis=1)
        distance[chosen] = np.inf
        chosen.append(int(distance.argmin()))
    return np.array(chosen)
