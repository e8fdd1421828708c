"""AlexNet for small images: five convolutions of 128 to 256 filters (section 4.1, table 3).

No norm in the published network, or batch norm; other norms are ours.
"""

from torch import nn

from dmcore.config import NetworkSpec
from dmcore.networks.base import MapShape, Network
from dmcore.networks.norms import norm_layers

# filters, kernel, padding, pooled afterwards
_LAYERS = ((128, 5, 2, True), (192, 5, 2, True), (256, 3, 1, False), (192, 3, 1, False), (192, 3, 1, True))


def alexnet(spec: NetworkSpec, image: MapShape, classes: int) -> Network:
    """Build the published AlexNet; its classifier is sized from the image.

    Raises:
        ValueError: the image is too small for the three pooling layers.
    """
    layers: list[nn.Module] = []
    shape = image
    for index, (filters, kernel, padding, pooled) in enumerate(_LAYERS):
        if index == 0 and image.channels == 1:
            padding += 2  # as published: a one-channel 28×28 becomes 32×32
        layers.append(nn.Conv2d(shape.channels, filters, kernel, padding=padding))
        shape = shape.convolved(filters, kernel, padding)
        layers += [*norm_layers(spec.norm or "none", shape), nn.ReLU(inplace=True)]
        if pooled:
            layers.append(nn.MaxPool2d(2))
            shape = shape.halved()
    if shape.positions == 0:
        raise ValueError(f"images of {image.height}×{image.width} are too small for alexnet: choose convnet")
    return Network(nn.Sequential(*layers), shape.features, classes)
