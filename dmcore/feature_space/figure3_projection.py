"""Projection of figure 3: the cloud of a data set's real images, onto which synthetic images are projected.

One sample of the real images (stratified, always the same) serves every run of a data set, so that maps and
metrics can be compared. Metrics are computed in the feature space, never on the map.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from dmcore.config import NetworkSpec
from dmcore.data.images import DataSet, LabelledImages
from dmcore.feature_space.coverage import (
    MetricValue,
    Reference,
    class_means,
    mean_distances,
    mean_over_networks,
)
from dmcore.feature_space.coverage.metrics import FRESH_DRAWS, NEIGHBOURS
from dmcore.feature_space.projection import FixedTSNE, PCAProjection, cached_fixed_tsne, fit_pca_projection
from dmcore.feature_space.spaces import FeatureSpace, embed_real, random_space, stratified_sample
from dmcore.feature_space.subsample import stars_per_class
from dmcore.randomness import numpy_generator

MapKind = Literal["tsne", "pca"]
MAX_REAL = 2000
"""Real images in the cloud, at most; also at most half of the data set, so that fresh ones are left."""
HELD_OUT_NETWORKS = 8
"""Random networks that the distance of means is measured with; no set was condensed with them."""

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Stars:
    """Images to be projected, class by class."""

    images: Float[Tensor, "star channel height width"]
    """Normalised."""
    label: Int64[np.ndarray, " star"]
    image: Int64[np.ndarray, " star"]
    """Position in its class."""


def stars_of(pixels: Float[np.ndarray, "class image channel height width"]) -> Stars:
    """The first images of each class of a set, as many as are projected."""
    classes = len(pixels)
    each = stars_per_class(classes, pixels.shape[1])
    images = torch.from_numpy(np.ascontiguousarray(pixels[:, :each], dtype=np.float32))
    return Stars(images.flatten(0, 1), np.repeat(np.arange(classes), each), np.tile(np.arange(each), classes))


class Cloud:
    """Real images of a data set in a feature space, with their map and the reference of the metrics."""

    def __init__(
        self,
        dataset: DataSet,
        space: Callable[[LabelledImages, Int64[Tensor, " sampled"]], FeatureSpace],
        kind: MapKind,
        spec: NetworkSpec,
        folder: Path,
        on_progress: Progress = lambda doing, done: None,
    ) -> None:
        """Embed the sample and fit its map; a fixed t-SNE that was fitted before is read from `folder`.

        Args:
            dataset: the real images.
            space: real images and their sample -> feature space.
            kind: `tsne`, or `pca` to two dimensions.
            spec: architecture of the random networks that the distance of means is measured with.
            folder: disk cache of maps.
            on_progress: called with the activity and the fraction of it that is done (0 to 1).

        Raises:
            ValueError: too few real images, or features that are not finite; with the remedy.
        """
        self.real, self.kind, self._spec = dataset.train, kind, spec
        self.positions = stratified_sample(self.real, sample_size(self.real), seed=0)
        """Which training images are in the cloud."""
        self.label: Int64[np.ndarray, " real"] = self.real.label[self.positions].numpy()
        on_progress("embedding the real images", 0.0)
        self.space = space(self.real, self.positions)
        self.features = embed_real(self.space, self.real, self.positions)
        self.map: FixedTSNE | PCAProjection
        if kind == "pca":
            self.map = fit_pca_projection(self.features)
        else:
            self.map = cached_fixed_tsne(
                self.features, folder, on_progress=partial(on_progress, "fitting t-SNE to the real images")
            )

    @cached_property
    def reference(self) -> Reference:
        """Reference of the coverage metrics: all that they need of the real images."""
        return Reference.of(self.features, self.label, len(self.real.class_names), NEIGHBOURS)

    @cached_property
    def held_out_networks(self) -> "HeldOutNetworks":
        """Random networks that the distance of means is measured with."""
        return HeldOutNetworks(self.real, self.positions, self._spec)

    def project(
        self, stars: Stars, start: Float32[np.ndarray, "star 2"] | None = None
    ) -> Float32[np.ndarray, "star 2"]:
        """Project stars onto the map; `start`: their last positions, from which they move."""
        return self.map.project(self.space.embed(stars.images), start)

    def measure(self, stars: Stars) -> tuple[MetricValue, ...]:
        """Coverage metrics of the stars, those of `dmcore.feature_space.coverage`."""
        distances = self.held_out_networks.squared_distances(stars)
        return self.reference.measure(self.space.embed(stars.images), stars.label, distances)

    def fresh(self, images_per_class: int, draw: int = 0) -> Stars:
        """Draw real training images that are not in the cloud: so many of each class, or all there are."""
        return draw_fresh_real(self.real, self.positions, images_per_class, draw)

    def ceiling(self, images_per_class: int) -> tuple[MetricValue, ...]:
        """Metrics of so many fresh real images, averaged over draws, for comparison."""
        pool = self.fresh(MAX_REAL // len(self.real.class_names))
        label = np.repeat(np.arange(len(self.real.class_names)), images_per_class)
        _, *others = self.reference.ceiling(self.space.embed(pool.images), pool.label, label, FRESH_DRAWS)
        draws = [
            self.held_out_networks.squared_distances(self.fresh(images_per_class, draw))
            for draw in range(FRESH_DRAWS)
        ]
        return mean_over_networks(np.mean(draws, axis=0)), *others


class HeldOutNetworks:
    """Random networks that no set was condensed with, and the mean features of the real sample in them."""

    def __init__(self, real: LabelledImages, positions: Int64[Tensor, " sampled"], spec: NetworkSpec) -> None:
        """Embed the sample with each; draw 0 is left to the feature space."""
        self._classes = len(real.class_names)
        self._spaces = [random_space(spec, real, positions, draw) for draw in range(1, HELD_OUT_NETWORKS + 1)]
        label = real.label[positions].numpy()
        self._means = [
            class_means(embed_real(space, real, positions), label, self._classes) for space in self._spaces
        ]

    def squared_distances(self, stars: Stars) -> Float[np.ndarray, "network class"]:
        """Squared distance of mean features (equation 6 without augmentation); NaN where a class is empty."""
        return mean_distances(
            (means, class_means(space.embed(stars.images), stars.label, self._classes))
            for space, means in zip(self._spaces, self._means, strict=True)
        )


def sample_size(real: LabelledImages) -> int:
    """Number of real images in the cloud of a data set."""
    return min(MAX_REAL, len(real) // 2)


def draw_fresh_real(
    real: LabelledImages, used: Int64[Tensor, " sampled"], images_per_class: int, draw: int
) -> Stars:
    """Draw real images that are not among `used`, without replacement; a smaller class gives what it has."""
    free = torch.ones(len(real), dtype=torch.bool)
    free[used] = False
    random = numpy_generator(0, draw, "fresh real images")
    chosen = []
    for members in real.by_class:
        left = members[free[members]].numpy()
        chosen.append(random.permutation(left)[:images_per_class])
    order = np.concatenate(chosen)
    return Stars(
        real.statistics.normalise(real.images[torch.from_numpy(order)]),
        real.label[torch.from_numpy(order)].numpy(),
        np.concatenate([np.arange(len(positions)) for positions in chosen]),
    )
