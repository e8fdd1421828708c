"""Coreset as a value: the real images chosen for each class, ready to be trained on."""

from dataclasses import dataclass

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from dmcore.config import Selection
from dmcore.data.images import DataSet
from dmcore.training.whole_set import TrainedNetwork


@dataclass(frozen=True)
class Coreset:
    """Selected images, as many of every class; `pixels[c, i]` is image i of class c."""

    method: Selection
    seed: int
    pixels: Float32[Tensor, "class image channel height width"]
    """Normalised by the data set's statistics."""
    positions: Int64[Tensor, "class image"] | None
    """Positions of the chosen training images; None if the images are not real ones."""
    sentence: str
    """Description of the selection for people."""
    network: TrainedNetwork | None = None
    """Trained network that the selection used, if any."""

    @classmethod
    def from_real(
        cls,
        method: Selection,
        dataset: DataSet,
        positions: Int64[Tensor, "class image"],
        seed: int,
        sentence: str,
        network: TrainedNetwork | None = None,
    ) -> "Coreset":
        """Create a coreset of the training images at these positions."""
        pixels = dataset.train.statistics.normalise(dataset.train.images[positions])
        return cls(method, seed, pixels, positions, sentence, network)

    @property
    def source(self) -> str:
        """Description of the trained network that the selection used; empty if none."""
        return "" if self.network is None else self.network.sentence

    @property
    def images_per_class(self) -> int:
        """Number of images of each class."""
        return self.pixels.shape[1]

    @property
    def images(self) -> Float32[Tensor, "image channel height width"]:
        """The pixels as one batch, class by class, as `evaluate` takes them."""
        return self.pixels.flatten(0, 1)

    @property
    def label(self) -> Int64[Tensor, " image"]:
        """Class of each of `images`."""
        classes, per_class = self.pixels.shape[:2]
        return torch.arange(classes).repeat_interleave(per_class)
