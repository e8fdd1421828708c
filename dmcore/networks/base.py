"""Base class of all architectures: features, flattened, and a linear classifier on them.

Paper, section 3.2: the embedding is the network without its last layer.
"""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn


class Network(nn.Module):
    """Feature extractor and linear classifier; parameters in definition order, the classifier's last."""

    def __init__(self, features: nn.Sequential, feature_width: int, classes: int) -> None:
        super().__init__()
        self.features = features
        self.classifier = nn.Linear(feature_width, classes)

    def embed(self, images: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image feature"]:
        """Embedding of normalised images: penultimate features, flattened."""
        return self.features(images).flatten(1)  # type: ignore[no-any-return]

    def forward(self, images: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image class"]:
        """Class logits of normalised images."""
        return self.classifier(self.embed(images))  # type: ignore[no-any-return]


class MapShape(NamedTuple):
    """Shape of an image or feature map: channels, height, width."""

    channels: int
    height: int
    width: int

    @property
    def positions(self) -> int:
        """Number of spatial positions."""
        return self.height * self.width

    @property
    def features(self) -> int:
        """Length of the flattened map."""
        return self.channels * self.positions

    def convolved(self, channels: int, kernel: int, padding: int) -> "MapShape":
        """Shape after a convolution of stride 1."""
        growth = 2 * padding - kernel + 1
        return MapShape(channels, self.height + growth, self.width + growth)

    def halved(self, up: bool = False) -> "MapShape":
        """Shape after 2×2 pooling; an odd side is rounded down, or up."""
        return MapShape(self.channels, (self.height + up) // 2, (self.width + up) // 2)
