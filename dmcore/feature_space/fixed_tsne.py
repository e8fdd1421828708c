"""t-SNE of the real images, fitted once, and stars that are placed on it without moving it.

The paper's figure 3 for a run that is still going on (openTSNE: Poličar et al. 2019). A star is pulled by
its nearest real images and pushed by all of them, never by another star. Knows no networks, runs or torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int

from dmcore.feature_space.pca import (
    Features,
    Positions,
    PrincipalAxes,
    check_finite,
    principal_axes,
    read_only,
)
from dmcore.feature_space.tsne import feasible_perplexity, fit_positions, neighbour_affinities

if TYPE_CHECKING:
    from openTSNE import TSNEEmbedding

Plane = Float64[np.ndarray, "star 2"]

DIMENSIONS = 50
"""Principal components that t-SNE sees at most."""
FARTHEST = 1000.0
"""A star so many times farther out than the farthest real image is drawn in: its direction is what counts."""
STAR_PERPLEXITY, STAR_EXAGGERATION = 5.0, 1.5
"""Neighbours that pull a star, and how much more strongly than real images were: openTSNE's defaults."""
STAR_ITERATIONS, STAR_RATE, STAR_MOMENTUM, STAR_GRADIENT = 25, 1.0, 0.5, 0.25
"""Measured on 2,000 real images: 25 iterations end within 0.01 % of the map's width of where 400 end."""
STAY = 0.5
"""A star leaves the valley it is in when another one is so many nats better: less, and it flickers."""


@dataclass(frozen=True)
class FixedTSNE:
    """Real images that stand still, and what is needed to place stars among them."""

    positions: Positions
    """Of the real images. Read-only."""
    reduced: Float32[np.ndarray, "real axis"]
    """The real images' coordinates along the axes, the farthest at distance 1 from their middle."""
    axes: PrincipalAxes
    unit: float
    """How far the farthest real image lies from the middle."""
    perplexity: float
    """What was used, which is less than what was asked for where there are few real images."""
    note: str = ""
    """What a person should know of how the map was made; empty where all went as asked."""

    def place(self, features: Features, start: Positions | None = None) -> Positions:
        """Stars among the real images, each by itself: the other stars change nothing.

        A star sets out from where it was, unless the place of one of its nearest real images suits it better
        by `STAY`. Without that three of four stars with new neighbours stay where they were before.

        Args:
            features: of the stars, from the network that made the map.
            start: where the same stars were last time; without, each starts on one of its neighbours.

        Raises:
            ValueError: features that are not finite or of another width, or `start` is of other stars.
        """
        from openTSNE import PartialTSNEEmbedding

        if start is not None and start.shape != (len(features), 2):
            raise ValueError(
                f"{len(features)} stars cannot start from {len(start)} places: leave start out once"
            )
        if start is not None:
            check_finite(start)
        coordinates = self.axes.coordinates(features) / self.unit
        if not len(features):
            return np.zeros((0, 2), dtype=np.float32)
        far = np.linalg.norm(coordinates, axis=1, keepdims=True)
        coordinates *= np.minimum(1, FARTHEST / np.maximum(far, 1))
        affinities, neighbours, _ = self._reference.affinities.to_new(
            coordinates,
            perplexity=feasible_perplexity(STAR_PERPLEXITY, len(self.positions)),
            return_distances=True,
        )
        pull = affinities.toarray()[np.arange(len(neighbours))[:, None], neighbours]
        stars = PartialTSNEEmbedding(
            self._starts(neighbours, pull, start),
            self._reference,
            affinities,
            negative_gradient_method="bh",  # the other one moves the real images to centre them
            n_jobs=1,
        )
        stars.optimize(
            STAR_ITERATIONS,
            inplace=True,
            exaggeration=STAR_EXAGGERATION,
            learning_rate=STAR_RATE,
            momentum=STAR_MOMENTUM,
            max_grad_norm=STAR_GRADIENT,
        )
        return np.asarray(stars, dtype=np.float32)

    def _starts(
        self,
        neighbours: Int[np.ndarray, "star near"],
        pull: Float64[np.ndarray, "star near"],
        last: Positions | None,
    ) -> Plane:
        """Where each star sets out from: the neighbour's place that costs least, or where it was last."""
        near = self.positions.astype(np.float64)[neighbours]
        costs = self._crowds[neighbours] - STAR_EXAGGERATION * _attraction(near, near, pull)
        best = costs.argmin(1)[:, None]
        places: Plane = np.take_along_axis(near, best[..., None], 1)[:, 0]
        if last is None:
            return places
        before = last.astype(np.float64)
        attraction = _attraction(before[:, None], near, pull)[:, 0]
        cost = _crowd(before, self.positions) - STAR_EXAGGERATION * attraction
        stays = cost <= np.take_along_axis(costs, best, 1)[:, 0] + STAY
        return np.where(stays[:, None], before, places)

    @cached_property
    def _reference(self) -> "TSNEEmbedding":
        """The real images as openTSNE sees them, made for the first star: the import alone takes seconds."""
        from openTSNE import TSNEEmbedding

        affinities = neighbour_affinities(self.reduced, self.perplexity, jobs=1)
        return TSNEEmbedding(self.positions, affinities, negative_gradient_method="bh", n_jobs=1)

    @cached_property
    def _crowds(self) -> Float64[np.ndarray, " real"]:
        return _crowd(self.positions.astype(np.float64), self.positions)


def fit_fixed_tsne(
    features: Features,
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> FixedTSNE:
    """Fit t-SNE to real images' features: about 10 s for 2,000 of them on one core.

    Args:
        features: of the real images.
        perplexity: how many neighbours an image has, roughly; lowered, and noted, where there are few images.
        seed: of the jitter in the first positions, which are the two principal components.
        jobs: threads. Another number may give another map, as good.
        on_progress: called with the share that is done; what it raises ends the fit.

    Raises:
        ValueError: fewer than four images, features that are not finite or all the same, perplexity under 1.
    """
    if perplexity < 1:
        raise ValueError(f"a perplexity of {perplexity:.3g} leaves no neighbours: choose 1 or more")
    axes = principal_axes(features, DIMENSIONS)
    coordinates = axes.coordinates(features)
    unit = float(np.linalg.norm(coordinates, axis=1).max())
    reduced = (coordinates / unit).astype(np.float32)
    fitting = feasible_perplexity(perplexity, len(features))
    few = f"Perplexity {fitting:.3g} instead of {perplexity:.3g}: there are only {len(features)} points."
    positions = fit_positions(reduced, fitting, seed, jobs, on_progress)
    return FixedTSNE(read_only(positions), reduced, axes, unit, fitting, few if fitting < perplexity else "")


class JointTSNE(NamedTuple):
    """Real and synthetic images on one map."""

    real: Float32[np.ndarray, "real 2"]
    stars: Float32[np.ndarray, "star 2"]
    note: str
    """What was done to make the map possible; usually empty."""


def fit_joint_tsne(
    real: Float32[np.ndarray, "real feature"],
    stars: Float32[np.ndarray, "star width"],
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> JointTSNE:
    """The paper's figure 3: one t-SNE of real and synthetic images, for a run that is finished.

    Every point moves every other one. The perplexity is lowered to what fits where there are few points.

    Raises:
        ValueError: fewer than four points, two widths, features that are not finite or all the same.
    """
    if real.shape[1] != stars.shape[1]:
        raise ValueError(
            f"the stars' features have {stars.shape[1]} numbers, the real ones' have {real.shape[1]}: "
            "use one network for both"
        )
    fitted = fit_fixed_tsne(
        np.concatenate([real, stars]), perplexity=perplexity, seed=seed, jobs=jobs, on_progress=on_progress
    )
    return JointTSNE(fitted.positions[: len(real)], fitted.positions[len(real) :], fitted.note)


def _attraction(
    places: Float64[np.ndarray, "star place 2"],
    near: Float64[np.ndarray, "star near 2"],
    pull: Float64[np.ndarray, "star near"],
) -> Float64[np.ndarray, "star place"]:
    """How well a star's neighbours like it at a place: the sum of p log(1 / (1 + d²)) over them."""
    squared = np.square(places[:, :, None] - near[:, None]).sum(-1)
    nearness: Float64[np.ndarray, "star place"] = -(pull[:, None] * np.log1p(squared)).sum(-1)
    return nearness


def _crowd(places: Plane, real: Positions) -> Float64[np.ndarray, " star"]:
    """How crowded a place is: the logarithm of the sum of 1 / (1 + d²) over all real images."""
    crowds = np.empty(len(places))
    for first in range(0, len(places), 256):
        piece = slice(first, first + 256)
        squared = sum(np.square(places[piece, side, None] - real[None, :, side]) for side in (0, 1))
        crowds[piece] = np.log((1 / (1 + squared)).sum(-1))
    return crowds
