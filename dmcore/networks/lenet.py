"""LeNet-5 with ReLU and max pooling, for cross-architecture evaluation only."""

from torch import nn

from dmcore.config import NetworkSpec
from dmcore.networks.base import MapShape, Network

SIDE = 32  # LeNet's own image size


def lenet(spec: NetworkSpec, image: MapShape, classes: int) -> Network:
    """Build the published LeNet; its features are the last hidden layer of 84 units, after the ReLU.

    Images below 32×32 are padded to it: 28×28 by 2, as published.
    """
    pad_rows, pad_columns = (max(0, (SIDE - side + 1) // 2) for side in (image.height, image.width))
    height, width = (side + 2 * pad for side, pad in ((image.height, pad_rows), (image.width, pad_columns)))
    shape = MapShape(image.channels, height, width).convolved(6, 5, 0).halved().convolved(16, 5, 0).halved()
    features = nn.Sequential(
        nn.Conv2d(image.channels, 6, 5, padding=(pad_rows, pad_columns)),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(shape.features, 120),
        nn.ReLU(inplace=True),
        nn.Linear(120, 84),
        nn.ReLU(inplace=True),
    )
    return Network(features, 84, classes)
