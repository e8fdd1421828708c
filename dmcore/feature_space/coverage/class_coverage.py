"""Coverage metrics of one class: the reference of its real images, and the parts for its synthetic ones.

Images are sorted by a hash, so that their order in the arrays changes nothing.
"""

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from jaxtyping import Bool, Float, Float64, Int

Features = Float[np.ndarray, "image feature"]
Label = Int[np.ndarray, " image"]
FeaturesByClass = list[Float[np.ndarray, "_ feature"]]
"""Features by class."""
Parts = Bool[np.ndarray, " _"] | Float64[np.ndarray, " _"]

MEDIAN_OF = 1000
"""Real images of a class whose median distance is the kernel's bandwidth; all where there are fewer."""
PIECE_BYTES = 16 * 2**20
"""Memory for the distances between real images that are held at once."""
ROUNDING = 1e-12
"""Squared distances below this fraction of the squared lengths are rounding: such images are copies."""


@dataclass(frozen=True, eq=False)
class ClassReference:
    """Reference of the metrics for the real images of one class, two or more."""

    centre: Float64[np.ndarray, " feature"]
    centred: Float64[np.ndarray, "real feature"]
    """Features minus the centre: distances of long vectors would lose digits."""
    squared_radius: Float64[np.ndarray, " real"]
    """Of each image's ball, up to and with its k-th neighbour."""
    k: int
    """Neighbours in a ball."""
    bandwidth: float
    """s of the RBF kernel; 0 where most real images are copies."""
    kernel_mean: float
    """Mean kernel between two different real images."""
    nearest: float
    """Mean distance of a real image to its nearest other one."""
    variance: float
    """Trace of the covariance, ddof 1."""

    @classmethod
    def of(cls, real: Features, k: int) -> "ClassReference":
        """Measure the real images of one class; of fewer than k + 1 a ball holds all the others."""
        real = sorted_by_hash(real).astype(np.float64)
        centre = real.mean(axis=0)
        centred = real - centre
        sample = centred[:MEDIAN_OF]  # sorted by hash, so as good as drawn
        distances = np.sqrt(squared_distances(sample, sample)[np.triu_indices(len(sample), 1)])
        bandwidth = float(np.median(distances))
        k = min(k, len(real) - 1)
        squared_radius, nearest, kernel = [], [], 0.0
        step = max(1, PIECE_BYTES // (8 * len(real)))
        for first in range(0, len(real), step):
            squared = squared_distances(centred[first : first + step], centred)
            squared[np.arange(len(squared)), first + np.arange(len(squared))] = np.inf  # not to itself
            partitioned = np.partition(squared, (0, k - 1), axis=1)
            nearest.append(np.sqrt(partitioned[:, 0]))
            squared_radius.append(partitioned[:, k - 1])
            if bandwidth:
                kernel += float(rbf_kernel(squared, bandwidth).sum())
        identical = not squared_distances(centred[:1], centred).any()
        return cls(
            centre,
            centred,
            # a copy of the k-th neighbour lies on the ball's edge, and rounding must not decide
            np.concatenate(squared_radius) * (1 + 4 * ROUNDING)
            + 4 * ROUNDING * np.square(centred).sum(axis=1),
            k,
            bandwidth,
            kernel / (len(real) * (len(real) - 1)),
            float(np.concatenate(nearest).mean()),
            0.0 if identical else float(np.square(centred).sum() / (len(real) - 1)),
        )

    def parts(self, synthetic: Features) -> dict[str, Parts]:
        """Parts of each metric for the synthetic images of this class, one or more.

        Metrics over images have a part per image, the others one; a metric that is not defined is missing.
        """
        centred = sorted_by_hash(synthetic).astype(np.float64) - self.centre
        mean, several = centred.mean(axis=0), len(centred) > 1
        squared = squared_distances(self.centred, centred)
        inside = squared <= self.squared_radius[:, None]
        balls = np.count_nonzero(inside, axis=0)
        parts: dict[str, Parts] = {
            "mean_distance": np.array([mean @ mean]),
            "coverage": np.logical_or.reduce(inside, axis=1),
            "density": balls / self.k,
            "outliers": balls == 0,
        }
        if self.nearest:
            parts["nearest"] = np.sqrt(squared.min(axis=0)) / self.nearest
        if self.variance and several:
            parts["spread"] = np.array([np.square(centred - mean).sum() / (len(centred) - 1) / self.variance])
        if self.bandwidth and several:
            own_squared = squared_distances(centred, centred)
            np.fill_diagonal(own_squared, np.inf)
            own = rbf_kernel(own_squared, self.bandwidth).sum() / (len(centred) * (len(centred) - 1))
            parts["mmd"] = np.array([self.kernel_mean + own - 2 * rbf_kernel(squared, self.bandwidth).mean()])
        return parts


def squared_distances(
    a: Float64[np.ndarray, "a feature"], b: Float64[np.ndarray, "b feature"]
) -> Float64[np.ndarray, "a b"]:
    """Squared Euclidean distances of all pairs; what is only rounding is 0."""
    lengths = np.einsum("if,if->i", a, a)[:, None] + np.einsum("if,if->i", b, b)
    squared: np.ndarray = a @ b.T
    squared *= -2
    squared += lengths
    squared[squared <= ROUNDING * lengths] = 0
    return squared


def rbf_kernel(squared: Float64[np.ndarray, "a b"], bandwidth: float) -> Float64[np.ndarray, "a b"]:
    """RBF kernel of squared distances."""
    kernel: np.ndarray = np.exp(squared * (-0.5 / bandwidth**2))
    return kernel


def sorted_by_hash(features: Features) -> Features:
    """Sort images by a hash of their features: sums always round alike, and the first are a random sample."""
    rows = np.ascontiguousarray(features)
    hashes = [blake2b(row, digest_size=8).digest() for row in rows]
    return rows[sorted(range(len(rows)), key=hashes.__getitem__)]


def split_by_class(features: Features, label: Label, classes: int, kind: str) -> FeaturesByClass:
    """Split features by class.

    Raises:
        ValueError: a feature is not finite, or a label is no class.
    """
    check_labels(label, classes, kind)
    if not np.isfinite(features).all():
        raise ValueError(
            f"features of the {kind} images are not finite: leave such images out, or take an iteration "
            "before they diverged"
        )
    return [features[label == index] for index in range(classes)]


def check_labels(label: Label, classes: int, kind: str) -> None:
    """Check that all labels are classes.

    Raises:
        ValueError: a label lies outside.
    """
    if len(label) and not 0 <= label.min() <= label.max() < classes:
        raise ValueError(
            f"labels of the {kind} images run from {label.min()} to {label.max()}: give {classes} classes "
            f"labels 0 to {classes - 1}"
        )
