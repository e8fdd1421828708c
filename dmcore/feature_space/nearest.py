"""Nearest real images of an image: in pixels, and in the features of a random network.

Distances are Euclidean, between normalised pixels or between the features that the paper matches
(section 3.2).
"""

from typing import NamedTuple

import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from dmcore.config import NetworkSpec
from dmcore.data.images import LabelledImages
from dmcore.feature_space.spaces import FeatureSpace, embed_real, random_space, stratified_sample
from dmcore.networks import feature_width

PIECE_BYTES = 16 * 2**20
"""Normalised pixels that one piece takes."""
INDEX_BYTES = 64 * 2**20
"""Memory of an index, at most: where images have many features, it samples fewer images."""


class Nearest(NamedTuple):
    """Nearest real images with their distances, ascending; equally far ones in their order."""

    positions: Int64[Tensor, " near"]
    """Positions in the real images."""
    distances: Float32[Tensor, " near"]


@torch.inference_mode()
def nearest_in_pixels(
    real: LabelledImages, image: Float[Tensor, "channel height width"], count: int
) -> Nearest:
    """The `count` real images whose normalised pixels lie nearest to `image`, out of all of them.

    Args:
        real: images on the CPU.
        image: normalised as the real images are.
        count: how many; all where there are fewer.

    Raises:
        ValueError: the image has another size than the real ones.
    """
    _refuse_other_size(real, image)
    step = max(1, PIECE_BYTES // (4 * image.numel()))
    squared = [
        real.statistics.normalise(piece).sub_(image).square_().flatten(1).sum(1)
        for piece in torch.split(real.images, step)
    ]
    distances, order = torch.cat(squared).sqrt_().sort(stable=True)
    return Nearest(order[:count], distances[:count])


class FeatureIndex:
    """Nearest-neighbour index of a sample of the real images, embedded once."""

    def __init__(
        self, real: LabelledImages, space: FeatureSpace, positions: Int64[Tensor, " sampled"]
    ) -> None:
        """Embed the real images at these positions."""
        self._real = real
        self.space = space
        self.positions: Int64[Tensor, " sampled"] = positions
        """Positions of the sampled real images, in their order."""
        self._features = torch.from_numpy(embed_real(space, real, positions))

    def nearest(self, image: Float[Tensor, "channel height width"], count: int) -> Nearest:
        """The `count` images of the sample whose features lie nearest to those of `image`, normalised.

        Raises:
            ValueError: the image has another size than the real ones.
        """
        _refuse_other_size(self._real, image)
        differences = self._features - torch.from_numpy(self.space.embed(image[None]))
        distances, order = torch.linalg.vector_norm(differences, dim=1).sort(stable=True)
        return Nearest(self.positions[order[:count]], distances[:count])


def random_index(real: LabelledImages, spec: NetworkSpec, seed: int = 0, most: int = 2000) -> FeatureIndex:
    """Index of a sample of the real images in the features of a random network.

    Args:
        real: images on the CPU.
        spec: the network; draw 0 of `seed` is the one that is used.
        seed: decides the network and the sample.
        most: images in the sample, every class by its share; all where there are fewer.

    Raises:
        ValueError: the architecture does not fit the images.
    """
    channels, height, width = real.images.shape[1:]
    most = min(most, max(1, INDEX_BYTES // (4 * feature_width(spec, channels, height, width))))
    positions = stratified_sample(real, most, seed)
    return FeatureIndex(real, random_space(spec, real, positions, seed=seed), positions)


def _refuse_other_size(real: LabelledImages, image: Tensor) -> None:
    if image.shape != real.images.shape[1:]:
        sizes = ["×".join(map(str, shape)) for shape in (image.shape, real.images.shape[1:])]
        raise ValueError(f"the image is {sizes[0]}, the real ones are {sizes[1]}: give one of the same size")
