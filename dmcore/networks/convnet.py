"""ConvNet: the paper's embedding network, and all 720 points of its network space (section 4.1, table 5).

depth × [3×3 convolution → norm → activation → 2×2 pooling], then the classifier.
"""

from torch import nn

from dmcore.config import Activation, NetworkSpec, Pooling
from dmcore.networks.base import MapShape, Network
from dmcore.networks.norms import norm_layers


def convnet(spec: NetworkSpec, image: MapShape, classes: int) -> Network:
    """Build a ConvNet of `spec.width`, `depth`, `norm`, `activation` and `pooling`.

    Raises:
        ValueError: the depth halves the image below one position.
    """
    layers: list[nn.Module] = []
    shape = image
    for block in range(spec.depth):
        # A one-channel image grows by 4 a side, as published: 28×28 becomes 32×32.
        padding = 3 if block == 0 and image.channels == 1 else 1
        layers.append(nn.Conv2d(shape.channels, spec.width, 3, padding=padding))
        shape = shape.convolved(spec.width, 3, padding)
        if spec.pooling != "none" and min(shape.halved()[1:]) == 0:
            size = f"{image.height}×{image.width}"
            remedy = f"depth {block} is the largest that fits" if block else "take larger images"
            raise ValueError(
                f"depth {spec.depth} is too much for images of {size}: {remedy}, or set pooling to none"
            )
        layers += norm_layers(spec.norm or "none", shape)
        layers.append(_activation(spec.activation))
        if spec.pooling != "none":
            layers.append(_pooling(spec.pooling))
            shape = shape.halved()
    return Network(nn.Sequential(*layers), shape.features, classes)


def _activation(activation: Activation) -> nn.Module:
    match activation:
        case "sigmoid":
            return nn.Sigmoid()
        case "relu":
            return nn.ReLU(inplace=True)
        case "leaky_relu":
            return nn.LeakyReLU(negative_slope=0.01)
        case "swish":
            return nn.SiLU()


def _pooling(pooling: Pooling) -> nn.Module:
    return nn.MaxPool2d(2) if pooling == "max" else nn.AvgPool2d(2)
