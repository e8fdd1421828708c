"""PCA of features: principal axes, and the projection onto the first two.

Computed from the smaller of the two Gram matrices: exact, at once, and without scikit-learn, whose import
alone takes seconds.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

FEWEST = 4
"""Real images that a map needs, at least."""
_REST = 1e-10
"""A direction whose variance is a smaller fraction of the largest is rounding."""

Features = Float32[np.ndarray, "image feature"]
Positions = Float32[np.ndarray, "point 2"]


@dataclass(frozen=True)
class PrincipalAxes:
    """Principal axes of features, by decreasing variance."""

    mean: Float32[np.ndarray, " feature"]
    """Mean of the real images' features: the origin of the coordinates."""
    directions: Float32[np.ndarray, "axis feature"]
    """Of length 1, their largest entry positive; zero where the features have fewer directions."""

    def coordinates(self, features: Features) -> Float64[np.ndarray, "image axis"]:
        """Coordinates of images along the axes.

        Raises:
            ValueError: features that are not finite, or of another width than the axes.
        """
        if features.shape[1] != len(self.mean):
            raise ValueError(
                f"these features have {features.shape[1]} numbers, the map's have {len(self.mean)}: "
                "use the network that the map was fitted with"
            )
        check_finite(features)
        centred = features.astype(np.float64)
        centred -= self.mean
        return centred @ self.directions.T.astype(np.float64)


def principal_axes(features: Features, most: int) -> PrincipalAxes:
    """Principal axes of the features: at most `most`, at least two (zero where there are fewer directions).

    Raises:
        ValueError: fewer than four images, features that are not finite, or that are all the same.
    """
    if len(features) < FEWEST:
        raise ValueError(f"a map needs {FEWEST} real images or more, not {len(features)}: give it more")
    check_finite(features)
    centred = features.astype(np.float64)
    mean = centred.mean(0)
    centred -= mean
    if np.abs(centred).max() <= 1e-6 * np.abs(features).max():
        raise ValueError("all real images have the same features: choose another network or other images")
    centred /= np.abs(centred).max()  # squares of huge and of tiny features stay numbers
    count, width = centred.shape
    variances, vectors = np.linalg.eigh(centred.T @ centred if width <= count else centred @ centred.T)
    order = [axis for axis in np.argsort(-variances)[:most] if variances[axis] > _REST * variances.max()]
    components = vectors[:, order].T if width <= count else vectors[:, order].T @ centred
    components /= np.linalg.norm(components, axis=1, keepdims=True)
    largest = np.take_along_axis(components, np.abs(components).argmax(1, keepdims=True), 1)
    directions = np.zeros((max(2, len(components)), width), dtype=np.float32)
    directions[: len(components)] = components * np.sign(largest)
    return PrincipalAxes(mean.astype(np.float32), directions)


@dataclass(frozen=True)
class PCAProjection:
    """Projection onto two principal components: distances along them are true, the others are hidden."""

    positions: Positions
    """Of the real images. Read-only."""
    axes: PrincipalAxes
    """The two principal axes."""
    note: str = ""
    """What differs from the requested map, in a sentence; usually empty."""

    def project(self, features: Features, start: Positions | None = None) -> Positions:
        """Project other images onto the plane, each independently.

        Args:
            features: of the images to project, from the network that the map was fitted with.
            start: ignored, since the coordinates follow from the features; other maps use it.

        Raises:
            ValueError: features that are not finite, or of another width.
        """
        return self.axes.coordinates(features).astype(np.float32)


def fit_pca_projection(features: Features) -> PCAProjection:
    """Fit the projection onto the two principal components of real images' features.

    Raises:
        ValueError: fewer than four images, features that are not finite, or that are all the same.
    """
    axes = principal_axes(features, 2)
    return PCAProjection(read_only(axes.coordinates(features).astype(np.float32)), axes)


def map_width(positions: Positions) -> float:
    """Larger side of the bounding box of the middle 98 % of the points, taken per axis."""
    low, high = np.percentile(positions, (1, 99), axis=0)
    return float((high - low).max())


def check_finite(features: Features) -> None:
    """Refuse features with NaN or infinity.

    Raises:
        ValueError: a feature is not finite.
    """
    if not np.isfinite(features).all():
        raise ValueError(
            "some features are not finite: lower the image learning rate, or show an earlier iteration"
        )


def read_only(positions: Positions) -> Positions:
    """Make the array read-only and return it."""
    positions.setflags(write=False)
    return positions
