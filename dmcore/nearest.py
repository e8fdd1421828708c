"""Which real images lie nearest to one image: in pixels, and in the features of a random network.

Distances are Euclidean, between normalised pixels or between the features that the paper matches
(section 3.2). Nothing is trained here, and it must not know runs.
"""

from collections.abc import Iterator
from typing import NamedTuple

import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor, nn

from dmcore.config import NetworkSpec
from dmcore.data import LabelledImages
from dmcore.embedding import RandomNetworks
from dmcore.networks import Network, couples_images, feature_width
from dmcore.plan import activation_bytes
from dmcore.randomness import numpy_generator

PIECE_BYTES = 16 * 2**20
"""Normalised pixels, and activations, that one piece takes."""
INDEX_BYTES = 64 * 2**20
"""Features that an index keeps at most: where images have many, it samples fewer of them."""


class Nearest(NamedTuple):
    """Real images by their distance from an image, the nearest first; equally far ones in their order."""

    positions: Int64[Tensor, " near"]
    """Where they stand in the real images."""
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
    """A sample of the real images, embedded once by one random network: any image is then compared at once.

    Networks with batch norm normalise by what they measured on the sample: an image alone has no batch.
    """

    def __init__(self, real: LabelledImages, spec: NetworkSpec, seed: int = 0, most: int = 2000) -> None:
        """Draw the sample and embed it.

        Args:
            real: images on the CPU.
            spec: the network; draw 0 of `seed` is the one that is used.
            seed: decides the network and the sample.
            most: images in the sample, every class by its share; all where there are fewer.

        Raises:
            ValueError: the architecture does not fit the images.
        """
        self._real = real
        channels, height, width = real.images.shape[1:]
        shape, classes = (channels, height, width), len(real.class_names)
        most = min(most, max(1, INDEX_BYTES // (4 * feature_width(spec, *shape))))
        self.positions: Int64[Tensor, " sampled"] = stratified_sample(real, most, seed)
        """Which of the real images are in it, in their order."""
        self._piece = max(2, PIECE_BYTES // activation_bytes(spec, shape, classes)[1])
        self._network = RandomNetworks(
            spec, shape, classes, seed, torch.device("cpu"), channels_last=True
        ).at(0)
        if couples_images(spec):
            _measure_norms(self._network, self._pieces())
        self._features = torch.cat([self._embed(piece) for piece in self._pieces()])

    def nearest(self, image: Float[Tensor, "channel height width"], count: int) -> Nearest:
        """The `count` images of the sample whose features lie nearest to those of `image`, normalised.

        Raises:
            ValueError: the image has another size than the real ones.
        """
        _refuse_other_size(self._real, image)
        away = self._features - self._embed(image[None])
        distances, order = torch.linalg.vector_norm(away, dim=1).sort(stable=True)
        return Nearest(self.positions[order[:count]], distances[:count])

    @torch.inference_mode()
    def _embed(self, images: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image feature"]:
        return self._network.embed(images.contiguous(memory_format=torch.channels_last))

    def _pieces(self) -> Iterator[Float[Tensor, "image channel height width"]]:
        for positions in torch.split(self.positions, self._piece):
            yield self._real.statistics.normalise(self._real.images[positions])


def stratified_sample(real: LabelledImages, most: int, seed: int) -> Int64[Tensor, " sampled"]:
    """Positions of `most` images, ascending, every class by its share; all of them where there are fewer."""
    if len(real) <= most:
        return torch.arange(len(real))
    random = numpy_generator(seed, 0, "sample of real images")
    shuffled = [members[torch.from_numpy(random.permutation(len(members)))] for members in real.by_class]
    # image i of n stands at (i + 1/2) / n of its class: the first ones over all classes are each one's share
    place = torch.cat([(torch.arange(len(one)) + 0.5) / max(1, len(one)) for one in shuffled])
    return torch.cat(shuffled)[place.argsort(stable=True)[:most]].sort().values


@torch.inference_mode()
def _measure_norms(network: Network, pieces: Iterator[Tensor]) -> None:
    """Fix the statistics of every batch norm: their average over the pieces."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # a plain average
    for piece in pieces:
        if len(piece) > 1:  # one image is no batch
            network.embed(piece)
    network.eval()


def _refuse_other_size(real: LabelledImages, image: Tensor) -> None:
    if image.shape != real.images.shape[1:]:
        sizes = ["×".join(map(str, one)) for one in (image.shape, real.images.shape[1:])]
        raise ValueError(f"the image is {sizes[0]}, the real ones are {sizes[1]}: give one of the same size")
