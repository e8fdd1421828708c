"""Normalisation layers by name: none, batch, layer, instance, group (paper, table 5).

`instance` is a group norm with one group per channel, `layer` is over channels and positions: as published.
Batch norm alone makes an image's features depend on the other images of the batch.
"""

from torch import nn

from dmcore.config import Norm
from dmcore.networks.base import MapShape
from dmcore.networks.instance_norm import InstanceNorm

GROUPS = 4


def norm_layers(norm: Norm, shape: MapShape) -> list[nn.Module]:
    """Build the normalisation layer for maps of this shape, in a list that is empty for `none`.

    Raises:
        ValueError: the norm would erase maps of this shape, or cannot divide their channels.
    """
    channels = shape.channels
    if norm == "none":
        return []
    if norm == "batch":
        return [nn.BatchNorm2d(channels)]
    if norm == "layer":
        return [nn.LayerNorm(shape)]
    if norm == "group":
        if channels % GROUPS:
            raise ValueError(
                f"group norm cannot part {channels} channels in {GROUPS}: take a width that {GROUPS} divides"
            )
        return [nn.GroupNorm(GROUPS, channels)]
    if shape.positions == 1:
        raise ValueError(
            "instance norm erases a feature map of 1×1: take larger images or less depth, or another norm"
        )
    return [InstanceNorm(channels)]
