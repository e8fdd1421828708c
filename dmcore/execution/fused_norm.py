"""Instance norm, ReLU and 2×2 average pooling as one operation, for a norm that still is as it was drawn.

ReLU and pooling commute with a positive scale: a map is centred, pooled, and only a quarter of it scaled. The
gradient's part along the map is a sum over the pooled one too. On one core, width 128, half the time of the
three layers forward and back. Must not know networks.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn import functional

_PLACES = (2, 3)
_POOLED = ([2, 2], [2, 2], [0, 0], False, True, None)  # kernel, stride, padding, ceil, count padding, divisor


def norm_relu_pool(
    maps: Float[Tensor, "image channel height width"], eps: float
) -> Float[Tensor, "image channel half_height half_width"]:
    """`avg_pool2d(relu(instance_norm(maps)), 2)`; overwrites `maps`, which nobody else may need."""
    if maps.requires_grad:
        return _Folded.apply(maps, eps)  # type: ignore[no-any-return]
    centred, inverse = _centred(maps, eps)
    return functional.avg_pool2d(centred.relu_(), 2).mul_(inverse)


def _centred(maps: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Maps without their mean, and one over their deviation: two passes, a large mean costs no accuracy."""
    centred = maps.sub_(maps.mean(_PLACES, keepdim=True))
    return centred, torch.rsqrt(centred.square().mean(_PLACES, keepdim=True) + eps)


class _Folded(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps: Tensor, eps: float) -> Tensor:
        centred, inverse = _centred(maps.detach(), eps)
        pooled = functional.avg_pool2d(centred.relu(), 2)
        ctx.save_for_backward(centred, inverse, pooled)
        return pooled * inverse

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """What is left of the gradient without its mean and its part along the map."""
        centred, inverse, pooled = ctx.saved_tensors
        gradient = gradient * inverse
        places = centred.shape[2] * centred.shape[3]
        along = (gradient * pooled).sum(_PLACES, keepdim=True).mul_(inverse.square()).div_(-places)
        spread = torch.ops.aten.avg_pool2d_backward(gradient, centred, *_POOLED)
        spread = torch.ops.aten.threshold_backward(spread, centred, 0)
        return torch.addcmul(spread.sub_(spread.mean(_PLACES, keepdim=True)), centred, along), None
