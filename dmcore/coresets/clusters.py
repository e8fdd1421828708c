"""Groups of similar images by k-means (scikit-learn's), the same on any number of cores."""

import numpy as np
from jaxtyping import Float, Int64

STARTS = 4
"""Initialisations of k-means, of which the tightest clusters are used."""
Points = Float[np.ndarray, "point dimension"]


def cluster_means(points: Points, count: int, seed: int) -> Float[np.ndarray, "cluster dimension"]:
    """Means of at most `count` k-means clusters in double precision, those of most points first.

    There are fewer where fewer points differ from each other; one cluster is all points.
    """
    cluster = _clusters(points, count, seed)
    sizes = np.bincount(cluster)
    by_size = [index for index in np.argsort(-sizes, kind="stable") if sizes[index]]
    return np.stack([points[cluster == index].mean(axis=0, dtype=np.float64) for index in by_size])


def _clusters(points: Points, count: int, seed: int) -> Int64[np.ndarray, " point"]:
    """Cluster of each point."""
    if count > 1:
        count = min(count, len({point.tobytes() for point in points + 0.0}))  # of copies, also by −0
    if count == 1:
        return np.zeros(len(points), np.int64)
    from sklearn.cluster import KMeans  # takes seconds
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):  # several threads add up in any order: results would vary
        cluster = KMeans(count, n_init=STARTS, random_state=seed).fit(points).labels_
    return np.asarray(cluster, np.int64)
