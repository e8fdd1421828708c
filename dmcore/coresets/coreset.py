"""A selection as a value: which real images stand for each class, ready to be trained on."""

from dataclasses import dataclass

import torch
from jaxtyping import Float32, Int64
from torch import Tensor

from dmcore.config import Selection
from dmcore.data.images import DataSet
from dmcore.training.whole_set import TrainedNetwork


@dataclass(frozen=True)
class Coreset:
    """As many images of every class; `pixels[c, i]` is image i of class c."""

    method: Selection
    seed: int
    pixels: Float32[Tensor, "class image channel height width"]
    """Normalised by the data set's statistics."""
    positions: Int64[Tensor, "class image"] | None
    """Which training images these are; None where they are no real images."""
    sentence: str
    """How they were chosen, for a person."""
    network: TrainedNetwork | None = None
    """The network that was looked through, where one was."""

    @classmethod
    def from_real(
        cls,
        method: Selection,
        dataset: DataSet,
        positions: Int64[Tensor, "class image"],
        seed: int,
        sentence: str,
        through: TrainedNetwork | None = None,
    ) -> "Coreset":
        """The training images at these positions."""
        pixels = dataset.train.statistics.normalise(dataset.train.images[positions])
        return cls(method, seed, pixels, positions, sentence, through)

    @property
    def source(self) -> str:
        """The network that was looked through, in words; empty where none was."""
        return "" if self.network is None else self.network.sentence

    @property
    def images_per_class(self) -> int:
        """Images of each class."""
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
