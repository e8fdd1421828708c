"""t-SNE fitted once on real images, onto which synthetic images (stars) are projected without moving it.

The paper's figure 3 for a run that is still running (openTSNE: Poličar et al. 2019). A star is attracted by
its nearest real images and repelled by all of them, never by another star.
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

StarPositions = Float64[np.ndarray, "star 2"]

DIMENSIONS = 50
"""Principal components that t-SNE sees at most."""
FARTHEST = 1000.0
"""Limit of a star's distance, as a multiple of the farthest real image's; beyond it only direction counts."""
STAR_PERPLEXITY, STAR_EXAGGERATION = 5.0, 1.5
"""Neighbours that attract a star, and the exaggeration of their attraction: openTSNE's defaults."""
STAR_ITERATIONS, STAR_RATE, STAR_MOMENTUM, STAR_GRADIENT = 25, 1.0, 0.5, 0.25
"""Measured on 2,000 real images: 25 iterations end within 0.01 % of the map's width of where 400 end."""
STAY_MARGIN = 0.5
"""Nats by which another start must be better than a star's last position: with less, stars flicker."""


@dataclass(frozen=True)
class FixedTSNE:
    """Fixed t-SNE map of real images, with what is needed to project stars onto it."""

    positions: Positions
    """Of the real images. Read-only."""
    reduced: Float32[np.ndarray, "real axis"]
    """The real images' coordinates along the axes, the farthest at distance 1 from their mean."""
    axes: PrincipalAxes
    unit: float
    """Distance of the farthest real image from the mean."""
    perplexity: float
    """The perplexity that was used: less than requested where there are few real images."""
    note: str = ""
    """What differs from the requested map, in a sentence; usually empty."""

    def project(self, features: Features, start: Positions | None = None) -> Positions:
        """Project stars onto the map, each independently of the others.

        A star starts from its last position, unless that of one of its nearest real images is better by
        `STAY_MARGIN`. Without that three of four stars with new neighbours stay where they were before.

        Args:
            features: of the stars, from the network that the map was fitted with.
            start: last positions of the same stars; left out, each starts on one of its neighbours.

        Raises:
            ValueError: features that are not finite or of another width, or `start` is of other stars.
        """
        from openTSNE import PartialTSNEEmbedding

        if start is not None and start.shape != (len(features), 2):
            raise ValueError(
                f"{len(features)} stars cannot start from {len(start)} positions: leave start out once"
            )
        if start is not None:
            check_finite(start)
        coordinates = self.axes.coordinates(features) / self.unit
        if not len(features):
            return np.zeros((0, 2), dtype=np.float32)
        distance = np.linalg.norm(coordinates, axis=1, keepdims=True)
        coordinates *= np.minimum(1, FARTHEST / np.maximum(distance, 1))
        affinities, neighbours, _ = self._reference.affinities.to_new(
            coordinates,
            perplexity=feasible_perplexity(STAR_PERPLEXITY, len(self.positions)),
            return_distances=True,
        )
        attraction = affinities.toarray()[np.arange(len(neighbours))[:, None], neighbours]
        stars = PartialTSNEEmbedding(
            self._start_positions(neighbours, attraction, start),
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

    def _start_positions(
        self,
        neighbours: Int[np.ndarray, "star near"],
        affinity: Float64[np.ndarray, "star near"],
        last: Positions | None,
    ) -> StarPositions:
        """Start of each star: the position of the neighbour with least cost, or its own last position."""
        near = self.positions.astype(np.float64)[neighbours]
        costs = self._repulsions[neighbours] - STAR_EXAGGERATION * _attraction(near, near, affinity)
        best = costs.argmin(1)[:, None]
        on_neighbours: StarPositions = np.take_along_axis(near, best[..., None], 1)[:, 0]
        if last is None:
            return on_neighbours
        before = last.astype(np.float64)
        attraction = _attraction(before[:, None], near, affinity)[:, 0]
        cost = _repulsion(before, self.positions) - STAR_EXAGGERATION * attraction
        stays = cost <= np.take_along_axis(costs, best, 1)[:, 0] + STAY_MARGIN
        return np.where(stays[:, None], before, on_neighbours)

    @cached_property
    def _reference(self) -> "TSNEEmbedding":
        """The real images as an openTSNE embedding, created for the first star: the import takes seconds."""
        from openTSNE import TSNEEmbedding

        affinities = neighbour_affinities(self.reduced, self.perplexity, jobs=1)
        return TSNEEmbedding(self.positions, affinities, negative_gradient_method="bh", n_jobs=1)

    @cached_property
    def _repulsions(self) -> Float64[np.ndarray, " real"]:
        return _repulsion(self.positions.astype(np.float64), self.positions)


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
        perplexity: about the number of neighbours; lowered, and noted, where there are few images.
        seed: of the jitter in the initial positions, which are the two principal components.
        jobs: threads. Another number may give another map, as good.
        on_progress: called with the fraction that is done; what it raises ends the fit.

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
    note = f"Perplexity {fitting:.3g} instead of {perplexity:.3g}: there are only {len(features)} points."
    positions = fit_positions(reduced, fitting, seed, jobs, on_progress)
    return FixedTSNE(read_only(positions), reduced, axes, unit, fitting, note if fitting < perplexity else "")


class JointTSNE(NamedTuple):
    """Coordinates of real and synthetic images on a joint t-SNE map."""

    real: Float32[np.ndarray, "real 2"]
    stars: Float32[np.ndarray, "star 2"]
    note: str
    """What differs from the requested map, in a sentence; usually empty."""


def fit_joint_tsne(
    real: Float32[np.ndarray, "real feature"],
    stars: Float32[np.ndarray, "star width"],
    *,
    perplexity: float = 30.0,
    seed: int = 0,
    jobs: int = 1,
    on_progress: Callable[[float], None] | None = None,
) -> JointTSNE:
    """Fit a joint t-SNE of real and synthetic images, as in the paper's figure 3.

    Every point moves every other one. The perplexity is lowered where there are few points.

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
    candidates: Float64[np.ndarray, "star candidate 2"],
    near: Float64[np.ndarray, "star near 2"],
    affinity: Float64[np.ndarray, "star near"],
) -> Float64[np.ndarray, "star candidate"]:
    """Attractive term of t-SNE's cost at candidate positions: sum of p log(1 / (1 + d²)) over neighbours."""
    squared = np.square(candidates[:, :, None] - near[:, None]).sum(-1)
    attraction: Float64[np.ndarray, "star candidate"] = -(affinity[:, None] * np.log1p(squared)).sum(-1)
    return attraction


def _repulsion(positions: StarPositions, real: Positions) -> Float64[np.ndarray, " star"]:
    """Repulsive term of t-SNE's cost: logarithm of the sum of 1 / (1 + d²) over all real images."""
    repulsions = np.empty(len(positions))
    for first in range(0, len(positions), 256):
        piece = slice(first, first + 256)
        squared = sum(np.square(positions[piece, side, None] - real[None, :, side]) for side in (0, 1))
        repulsions[piece] = np.log((1 / (1 + squared)).sum(-1))
    return repulsions
