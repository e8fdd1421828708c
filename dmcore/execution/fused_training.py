"""CPU fast path of a network in training: norm, ReLU and pooling in one operation, Winograd, the first layer.

ReLU and pooling commute with a positive scale, also under a bias: relu(w x + b) = w relu(x + b / w). So a map
is centred, shifted and pooled, and only a quarter of it is scaled; the gradient's component along the map is
a sum over the pooled map. A bias before a norm is cancelled by it: it is left out, its gradient is 0.
Differentiable once. Frozen networks have `fused_network.py`.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from dmcore.execution.first_block import first_block, first_block_applies
from dmcore.execution.fused_norm import SPATIAL
from dmcore.execution.norm_stage import NormStage, through_relu_pool
from dmcore.execution.winograd import winograd_applies, winograd_training
from dmcore.networks import Network
from dmcore.networks.instance_norm import InstanceNorm

VERSION = 2
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
            case [nn.Conv2d() as convolution, InstanceNorm() as norm, nn.ReLU(), nn.AvgPool2d(), *_] if (
                _can_fuse(norm, maps) and first_block_applies(convolution, maps)
            ):
                maps = first_block(maps, convolution, norm)
                del modules[:4]
            case [nn.Conv2d() as convolution, InstanceNorm(), *_] if _is_winograd(convolution, maps):
                maps = winograd_training(maps, convolution.weight, convolution.bias)
                del modules[:1]
            case [nn.Conv2d() as convolution, InstanceNorm() as norm, nn.ReLU(), nn.AvgPool2d(), *_] if (
                _can_fuse(norm, maps)
            ):
                maps = convolved_without_bias(convolution, maps)
                maps = _NormReluPool.apply(maps, norm.weight, norm.bias, norm.eps, convolution.bias)
                del modules[:4]
            case [InstanceNorm() as norm, nn.ReLU(), nn.AvgPool2d(), *_] if _can_fuse(norm, maps):
                maps = _NormReluPool.apply(maps, norm.weight, norm.bias, norm.eps, None)
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


def convolved_without_bias(convolution: nn.Conv2d, maps: Tensor) -> Tensor:
    """`convolution(maps)` without its bias."""
    return functional.conv2d(
        maps,
        convolution.weight,
        None,
        convolution.stride,
        convolution.padding,
        convolution.dilation,
        convolution.groups,
    )


class _NormReluPool(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, maps: Tensor, weight: Tensor, bias: Tensor, eps: float, cancelled: Tensor | None
    ) -> Tensor:
        """Overwrites the maps, which a convolution does not keep; `cancelled` is its bias, left out."""
        maps = maps.detach()
        centred = maps.sub_(maps.mean(SPATIAL, keepdim=True))
        variance = centred.square().mean(SPATIAL, keepdim=True)
        stage = NormStage.of(variance, weight, bias, eps)
        shifted = centred.add_(stage.shift)
        pooled = functional.avg_pool2d(shifted.relu(), 2)
        ctx.save_for_backward(shifted, pooled, *stage, weight)
        ctx.cancelled = None if cancelled is None else cancelled.shape
        return pooled * stage.scale

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor, Tensor, None, Tensor | None]:
        """Project the gradient: without its mean and its component along the centred map."""
        shifted, pooled, *stage, weight = ctx.saved_tensors
        gradient = gradient * stage[1]
        spread = through_relu_pool(gradient, shifted)
        total = spread.sum(SPATIAL, keepdim=True)
        positions = shifted.shape[2] * shifted.shape[3]
        slope, on_weight, on_bias = NormStage(*stage).gradients(gradient, pooled, total, positions, weight)
        on_maps = spread.sub_(total / positions + slope * stage[2]).addcmul_(shifted, slope)
        on_cancelled = None if ctx.cancelled is None else weight.new_zeros(ctx.cancelled)
        return on_maps, on_weight, on_bias, None, on_cancelled
