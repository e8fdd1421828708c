"""One class: what the numbers need of its real images, and their parts for its synthetic ones.

Images are taken in an order that only they decide, so that theirs in the arrays changes nothing.
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
"""Real images of a class whose median distance is the kernel's bandwidth: all, where there are fewer."""
PIECE_BYTES = 16 * 2**20
"""Distances between real images that are held at once."""
ROUNDING = 1e-12
"""Squared distances below this share of the squared lengths are rounding: such images are copies."""


@dataclass(frozen=True, eq=False)
class ClassReference:
    """What the numbers need of the real images of one class, two or more."""

    centre: Float64[np.ndarray, " feature"]
    away: Float64[np.ndarray, "real feature"]
    """Features minus the centre: distances of long vectors would lose digits."""
    reach: Float64[np.ndarray, " real"]
    """Squared radius of each image's ball, up to and with its k-th neighbour."""
    k: int
    """Neighbours that a ball holds."""
    bandwidth: float
    """s of the kernel; 0 where most real images are copies."""
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
        away = real - centre
        few = away[:MEDIAN_OF]  # ordered by hash, so as good as drawn
        bandwidth = float(np.median(np.sqrt(squared_distances(few, few)[np.triu_indices(len(few), 1)])))
        k = min(k, len(real) - 1)
        reach, nearest, kernel = [], [], 0.0
        step = max(1, PIECE_BYTES // (8 * len(real)))
        for first in range(0, len(real), step):
            squared = squared_distances(away[first : first + step], away)
            squared[np.arange(len(squared)), first + np.arange(len(squared))] = np.inf  # not to itself
            ordered = np.partition(squared, (0, k - 1), axis=1)
            nearest.append(np.sqrt(ordered[:, 0]))
            reach.append(ordered[:, k - 1])
            if bandwidth:
                kernel += float(rbf_kernel(squared, bandwidth).sum())
        alike = not squared_distances(away[:1], away).any()
        return cls(
            centre,
            away,
            # a copy of the k-th neighbour lies on the ball's edge, and rounding must not decide
            np.concatenate(reach) * (1 + 4 * ROUNDING) + 4 * ROUNDING * np.square(away).sum(axis=1),
            k,
            bandwidth,
            kernel / (len(real) * (len(real) - 1)),
            float(np.concatenate(nearest).mean()),
            0.0 if alike else float(np.square(away).sum() / (len(real) - 1)),
        )

    def parts(self, synthetic: Features) -> dict[str, Parts]:
        """The parts of each number for the synthetic images of this class, one or more.

        Numbers over images give one per image, the others one; a number that is not defined is not there.
        """
        away = sorted_by_hash(synthetic).astype(np.float64) - self.centre
        mean, several = away.mean(axis=0), len(away) > 1
        squared = squared_distances(self.away, away)
        inside = squared <= self.reach[:, None]
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
            parts["spread"] = np.array([np.square(away - mean).sum() / (len(away) - 1) / self.variance])
        if self.bandwidth and several:
            among = squared_distances(away, away)
            np.fill_diagonal(among, np.inf)
            own = rbf_kernel(among, self.bandwidth).sum() / (len(away) * (len(away) - 1))
            parts["mmd"] = np.array([self.kernel_mean + own - 2 * rbf_kernel(squared, self.bandwidth).mean()])
        return parts


def squared_distances(
    a: Float64[np.ndarray, "a feature"], b: Float64[np.ndarray, "b feature"]
) -> Float64[np.ndarray, "a b"]:
    """Between all pairs; what is only rounding is 0."""
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
    """The images in an order that only they decide: sums round alike, and the first are a fair sample."""
    rows = np.ascontiguousarray(features)
    hashes = [blake2b(row, digest_size=8).digest() for row in rows]
    return rows[sorted(range(len(rows)), key=hashes.__getitem__)]


def split_by_class(features: Features, label: Label, classes: int, kind: str) -> FeaturesByClass:
    """The features of each class.

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
    """Refuse labels that are no classes.

    Raises:
        ValueError: a label lies outside.
    """
    if len(label) and not 0 <= label.min() <= label.max() < classes:
        raise ValueError(
            f"labels of the {kind} images run from {label.min()} to {label.max()}: give {classes} classes "
            f"labels 0 to {classes - 1}"
        )
