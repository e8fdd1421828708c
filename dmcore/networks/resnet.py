"""ResNet-18 for small images, and its variant that downsamples by pooling (section 4.1, table 3).

A 3×3 stem without pooling, four stages of two residual blocks. Published with instance or batch norm (the
variant: batch norm), other norms are ours.
"""

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from dmcore.config import NetworkSpec, Norm
from dmcore.networks.base import MapShape, Network
from dmcore.networks.norms import norm_layers

_STAGES = (64, 128, 256, 512)


def resnet18(spec: NetworkSpec, image: MapShape, classes: int) -> Network:
    """Build ResNet-18 with strided convolutions and global average pooling: 512 features for any image.

    28×28 and 32×32 are as published. Other sizes are ours: 64×64 is pooled globally too, and a 2×2 map is not
    halved further, because instance norm erases a 1×1 map.
    """
    layers, shape = _residual(spec.norm or "none", image, pooled=False)
    return Network(nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1)), shape.channels, classes)


def resnet18_ap(spec: NetworkSpec, image: MapShape, classes: int) -> Network:
    """Build ResNet-18 with average pooling for strides and no global pooling: 512 features per position."""
    layers, shape = _residual(spec.norm or "none", image, pooled=True)
    return Network(nn.Sequential(*layers), shape.features, classes)


def _residual(norm: Norm, image: MapShape, pooled: bool) -> tuple[list[nn.Module], MapShape]:
    """Stem and stages, and the shape of their last map."""
    shape = image.convolved(_STAGES[0], 3, 1)
    layers: list[nn.Module] = [
        nn.Conv2d(image.channels, shape.channels, 3, padding=1, bias=False),
        *norm_layers(norm, shape),
        nn.ReLU(inplace=True),
    ]
    for stage, filters in enumerate(_STAGES):
        smaller = shape.halved(up=not pooled)
        halve = stage > 0 and min(smaller.height, smaller.width) >= 2
        layers.append(ResidualBlock(norm, shape, filters, halve, pooled))
        shape = (smaller if halve else shape)._replace(channels=filters)
        layers.append(ResidualBlock(norm, shape, filters, False, pooled))
    return layers, shape


class ResidualBlock(nn.Module):
    """Residual block: two 3×3 convolutions and a shortcut; downsamples by a stride or by pooling."""

    def __init__(self, norm: Norm, shape: MapShape, filters: int, halve: bool, pooled: bool) -> None:
        super().__init__()
        stride = 2 if halve and not pooled else 1
        pool = [nn.AvgPool2d(2)] if halve and pooled else []
        after = (shape.halved(up=not pooled) if halve else shape)._replace(channels=filters)
        between = shape._replace(channels=filters) if pooled else after
        self.body = nn.Sequential(
            nn.Conv2d(shape.channels, filters, 3, stride=stride, padding=1, bias=False),
            *norm_layers(norm, between),
            nn.ReLU(inplace=True),
            *pool,
            nn.Conv2d(filters, filters, 3, padding=1, bias=False),
            *norm_layers(norm, after),
        )
        self.shortcut = nn.Sequential()
        if halve or shape.channels != filters:
            widen = nn.Conv2d(shape.channels, filters, 1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(widen, *pool, *norm_layers(norm, after))

    def forward(
        self, images: Float[Tensor, "image channel height width"]
    ) -> Float[Tensor, "image filter half_height half_width"]:
        """Feature maps of the block."""
        return F.relu(self.body(images) + self.shortcut(images))
