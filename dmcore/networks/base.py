"""What every architecture is: features, flattened, and a linear classifier on them.

Paper, section 3.2: the embedding is the network without its last layer.
Knows no architecture and no data set.
"""

from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn


class Network(nn.Module):
    """Features and a linear classifier; parameters in definition order, the classifier's last."""

    def __init__(self, features: nn.Sequential, feature_width: int, classes: int) -> None:
        super().__init__()
        self.features = features
        self.classifier = nn.Linear(feature_width, classes)

    def embed(self, images: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image feature"]:
        """The penultimate features of normalised images, flattened."""
        return self.features(images).flatten(1)  # type: ignore[no-any-return]

    def forward(self, images: Float[Tensor, "image channel height width"]) -> Float[Tensor, "image class"]:
        """Logits of normalised images."""
        return self.classifier(self.embed(images))  # type: ignore[no-any-return]


class MapShape(NamedTuple):
    """Channels, height and width of an image or of a feature map."""

    channels: int
    height: int
    width: int

    @property
    def positions(self) -> int:
        """Places in one channel."""
        return self.height * self.width

    @property
    def features(self) -> int:
        """Numbers in the flattened map."""
        return self.channels * self.positions

    def convolved(self, channels: int, kernel: int, padding: int) -> "MapShape":
        """The map after a convolution of stride 1."""
        grown = 2 * padding - kernel + 1
        return MapShape(channels, self.height + grown, self.width + grown)

    def halved(self, up: bool = False) -> "MapShape":
        """The map after 2×2 pooling, an odd side rounded down, or up."""
        return MapShape(self.channels, (self.height + up) // 2, (self.width + up) // 2)
