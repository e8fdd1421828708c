"""The linear way from features to the plane: the axes along which the real images differ most.

Principal components by hand, of whichever Gram matrix is the smaller one: exact, at once, and without
scikit-learn, whose import alone takes seconds. It must not know networks, runs or torch.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

FEWEST = 4
"""Real images that a map needs."""
_REST = 1e-10
"""A direction with a smaller share than this of the first one's variance is rounding, no axis."""

Features = Float32[np.ndarray, "image feature"]
Positions = Float32[np.ndarray, "point 2"]


@dataclass(frozen=True)
class PrincipalAxes:
    """Orthogonal directions in the space of features, the one with most variance first."""

    mean: Float32[np.ndarray, " feature"]
    """Where the real images' middle lies: the origin of the coordinates."""
    directions: Float32[np.ndarray, "axis feature"]
    """Of length 1, their largest entry positive; zero where the features have fewer directions."""

    def coordinates(self, features: Features) -> Float64[np.ndarray, "image axis"]:
        """Where images stand along the axes.

        Raises:
            ValueError: features that are not finite, or of another width than those the axes were found in.
        """
        if features.shape[1] != len(self.mean):
            raise ValueError(
                f"these features have {features.shape[1]} numbers, the map's have {len(self.mean)}: "
                "use the network that made the map"
            )
        check_finite(features)
        away = features.astype(np.float64)
        away -= self.mean
        return away @ self.directions.T.astype(np.float64)


def principal_axes(features: Features, most: int) -> PrincipalAxes:
    """The `most` directions of largest variance; fewer, but never under two, where there are no more.

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
    kept = [axis for axis in np.argsort(-variances)[:most] if variances[axis] > _REST * variances.max()]
    found = vectors[:, kept].T if width <= count else vectors[:, kept].T @ centred
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    largest = np.take_along_axis(found, np.abs(found).argmax(1, keepdims=True), 1)
    directions = np.zeros((max(2, len(found)), width), dtype=np.float32)
    directions[: len(found)] = found * np.sign(largest)
    return PrincipalAxes(mean.astype(np.float32), directions)


@dataclass(frozen=True)
class PCAProjection:
    """Two principal components: a shadow of the features, where distances are true but much is hidden."""

    positions: Positions
    """Of the real images. Read-only."""
    axes: PrincipalAxes
    """The plane's two."""
    note: str = ""
    """What a person should know of how the map was made; empty where all went as asked."""

    def place(self, features: Features, start: Positions | None = None) -> Positions:
        """Other images on the plane, each by itself.

        Args:
            features: of the images to place, from the network that made the map.
            start: not needed, the places follow from the features; here because other maps take it.

        Raises:
            ValueError: features that are not finite, or of another width.
        """
        return self.axes.coordinates(features).astype(np.float32)


def fit_pca_projection(features: Features) -> PCAProjection:
    """The plane of the two principal components of real images' features.

    Raises:
        ValueError: fewer than four images, features that are not finite, or that are all the same.
    """
    axes = principal_axes(features, 2)
    return PCAProjection(read_only(axes.coordinates(features).astype(np.float32)), axes)


def map_width(positions: Positions) -> float:
    """The larger side of the box that holds the middle 98 % of the points, in each direction by itself."""
    low, high = np.percentile(positions, (1, 99), axis=0)
    return float((high - low).max())


def check_finite(features: Features) -> None:
    """Stop before NaN or infinity gets into a map.

    Raises:
        ValueError: there is one in the features.
    """
    if not np.isfinite(features).all():
        raise ValueError(
            "some features are not finite: lower the image learning rate, or show an earlier iteration"
        )


def read_only(positions: Positions) -> Positions:
    """The same array, from now on read-only."""
    positions.setflags(write=False)
    return positions
