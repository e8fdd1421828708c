"""CPU fast path of a network in training: norm, ReLU and pooling in one operation, Winograd.

ReLU and pooling commute with a positive scale, also under a bias: relu(w x + b) = w relu(x + b / w). So a map
is centred, shifted and pooled, and only a quarter of it is scaled; the gradient's component along the map is
a sum over the pooled map. Differentiable once. Frozen networks have `fused_network.py`.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from dmcore.execution.fused_norm import POOLED, SPATIAL
from dmcore.execution.winograd import winograd_applies, winograd_training
from dmcore.networks import Network
from dmcore.networks.instance_norm import InstanceNorm

VERSION = 1
"""Of this computation, stored in a run's plan: another version rounds otherwise."""
LEAST_WEIGHT = 0.1
"""Of a norm: where one is smaller, b / w would cost accuracy, and the layers are computed one by one."""


def trained_logits(
    network: nn.Module, images: Float[Tensor, "image channel height width"]
) -> Float[Tensor, "image class"]:
    """`network(images)`, each norm with its ReLU and pooling as one operation where that is possible."""
    assert isinstance(network, Network)
    maps, modules = images, list(network.features)
    while modules:
        match modules:
            case [nn.Conv2d() as convolution, InstanceNorm(), *_] if _is_winograd(convolution, maps):
                maps = winograd_training(maps, convolution.weight, convolution.bias)
                del modules[:1]
            case [InstanceNorm() as norm, nn.ReLU(), nn.AvgPool2d(), *_] if _can_fuse(norm, maps):
                maps = _NormReluPool.apply(maps, norm.weight, norm.bias, norm.eps)
                del modules[:3]
            case [module, *_]:
                maps = module(maps)
                del modules[:1]
    return network.classifier(maps.flatten(1))  # type: ignore[no-any-return]


def _is_winograd(convolution: nn.Conv2d, maps: Tensor) -> bool:
    return maps.device.type == "cpu" and winograd_applies(convolution, *maps.shape[2:])


def _can_fuse(norm: InstanceNorm, maps: Tensor) -> bool:
    fast = maps.device.type == "cpu" and maps.is_contiguous(memory_format=torch.channels_last)
    return fast and float(norm.weight.detach().min()) > LEAST_WEIGHT


class _NormReluPool(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
        """Overwrites the maps, which a convolution does not keep."""
        maps, by_channel = maps.detach(), weight.view(-1, 1, 1)
        centred = maps.sub_(maps.mean(SPATIAL, keepdim=True))
        inverse = torch.rsqrt(centred.square().mean(SPATIAL, keepdim=True) + eps)
        scale = by_channel * inverse
        shift = bias.view(-1, 1, 1) / scale
        shifted = centred.add_(shift)
        pooled = functional.avg_pool2d(shifted.relu(), 2)
        ctx.save_for_backward(shifted, pooled, inverse, scale, shift, weight)
        return pooled * scale

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        """Project the gradient: without its mean and its component along the centred map."""
        shifted, pooled, inverse, scale, shift, weight = ctx.saved_tensors
        positions = shifted.shape[2] * shifted.shape[3]
        gradient = gradient * scale
        along_shifted = (gradient * pooled).sum(SPATIAL, keepdim=True)
        spread = torch.ops.aten.avg_pool2d_backward(gradient, shifted, *POOLED)
        spread = torch.ops.aten.threshold_backward(spread, shifted, 0)
        total = spread.sum(SPATIAL, keepdim=True)
        along = along_shifted - shift * total
        slope = along * inverse.square() / -positions
        on_maps = torch.addcmul(spread.sub_(total / positions + slope * shift), shifted, slope)
        on_bias = (total / scale).sum(0).flatten()
        return on_maps, along.sum(0).flatten() / weight, on_bias, None
