"""An instance norm before ReLU and pooling, as a shift before and a scale after them, with its gradients."""

from typing import NamedTuple

import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.execution.fused_norm import POOLED, SPATIAL

PerMap = Float[Tensor, "image channel 1 1"]


class NormStage(NamedTuple):
    """Norm of centred maps: scale · pool(relu(map + shift)), for a positive weight."""

    inverse: PerMap
    """Of the deviation."""
    scale: PerMap
    """Weight of the norm times that."""
    shift: PerMap
    """Bias of the norm over the scale."""

    @classmethod
    def of(cls, variance: PerMap, weight: Tensor, bias: Tensor, eps: float) -> "NormStage":
        """Norm of maps of this variance."""
        inverse = torch.rsqrt(variance + eps)
        scale = weight.view(-1, 1, 1) * inverse
        return cls(inverse, scale, bias.view(-1, 1, 1) / scale)

    def gradients(
        self, gradient: Tensor, pooled: Tensor, total: PerMap, positions: int, weight: Tensor
    ) -> tuple[PerMap, Tensor, Tensor]:
        """Slope of the gradient on centred maps along these maps, and the gradients on weight and bias.

        Args:
            gradient: on the pooled maps, scaled.
            pooled: the maps after ReLU and pooling, before the scale.
            total: sum of the gradient on the shifted maps.
            positions: of a map.
            weight: of the norm.
        """
        along = (gradient * pooled).sum(SPATIAL, keepdim=True) - self.shift * total
        slope = along * self.inverse.square() / -positions
        return slope, along.sum(0).flatten() / weight, (total / self.scale).sum(0).flatten()


def through_relu_pool(
    gradient: Float[Tensor, "image channel half_height half_width"],
    maps: Float[Tensor, "image channel height width"],
) -> Float[Tensor, "image channel height width"]:
    """Gradient on channels_last maps through `avg_pool2d(relu(maps), 2)`, in one pass over them."""
    count, channels, height, width = maps.shape
    down, across = gradient.shape[2:]
    if (height, width) != (2 * down, 2 * across):  # the last row or column is in no tile
        spread = torch.ops.aten.avg_pool2d_backward(gradient, maps, *POOLED)
        return torch.ops.aten.threshold_backward(spread, maps, 0)  # type: ignore[no-any-return]
    quarter = (gradient / 4).permute(0, 2, 3, 1).contiguous().view(count, down, 1, across, 1, channels)
    tiles = maps.permute(0, 2, 3, 1).view(count, down, 2, across, 2, channels)
    spread = torch.ops.aten.threshold_backward(quarter.expand_as(tiles), tiles, 0)
    return spread.reshape(count, height, width, channels).permute(0, 3, 1, 2)  # type: ignore[no-any-return]
