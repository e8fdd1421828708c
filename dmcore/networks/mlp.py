"""MLP: two hidden layers of 128 units on raw pixels, for cross-architecture evaluation only."""

from torch import nn

from dmcore.config import NetworkSpec
from dmcore.networks.base import MapShape, Network

HIDDEN = 128


def mlp(spec: NetworkSpec, image: MapShape, classes: int) -> Network:
    """Build the published MLP; its features are the second hidden layer, after the ReLU."""
    features = nn.Sequential(
        nn.Flatten(),
        nn.Linear(image.features, HIDDEN),
        nn.ReLU(inplace=True),
        nn.Linear(HIDDEN, HIDDEN),
        nn.ReLU(inplace=True),
    )
    return Network(features, HIDDEN, classes)
