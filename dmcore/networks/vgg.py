"""VGG-11: eight 3×3 convolutions in five stages (section 4.1, table 3).

Instance norm (the default) or batch norm in the published network; other norms are ours.
"""

from torch import nn

from dmcore.config import NetworkSpec
from dmcore.networks.base import MapShape, Network
from dmcore.networks.norms import norm_layers

_STAGES = ((64,), (128,), (256, 256), (512, 512), (512, 512))


def vgg11(spec: NetworkSpec, image: MapShape, classes: int) -> Network:
    """Build VGG-11: 512 features per remaining position; the classifier is sized from the image.

    32×32 is as published. Other sizes are ours: odd sides are pooled rounding up, and a map of 2×2 is not
    pooled before the last stage, because instance norm erases a 1×1 map.
    """
    layers: list[nn.Module] = []
    shape = image
    for stage, widths in enumerate(_STAGES):
        for filters in widths:
            padding = 3 if not layers and image.channels == 1 else 1  # as published: 28×28 becomes 32×32
            layers.append(nn.Conv2d(shape.channels, filters, 3, padding=padding))
            shape = shape.convolved(filters, 3, padding)
            layers += [*norm_layers(spec.norm or "none", shape), nn.ReLU(inplace=True)]
        smaller = shape.halved(up=True)
        if stage == len(_STAGES) - 1 or min(smaller.height, smaller.width) >= 2:
            layers.append(nn.MaxPool2d(2, ceil_mode=True))
            shape = smaller
    return Network(nn.Sequential(*layers), shape.features, classes)
