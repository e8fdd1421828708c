"""First block of a network in training on the CPU: convolution, instance norm, ReLU and pooling by products.

Its images need no gradient and have few channels, so a map is a product of few columns: the images shifted by
each tap of the filter. Mean and variance of all maps follow from the columns' own, and the gradient on the
filters is a product with them: no pass over the maps computes a statistic or a gradient on them.
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from dmcore.execution.norm_stage import NormStage, through_relu_pool
from dmcore.networks.instance_norm import InstanceNorm

SIDE = 3
"""Of the filter."""


def first_block_applies(convolution: nn.Conv2d, images: Tensor) -> bool:
    """Whether the images need no gradient, and have so few channels that columns are fewer than maps."""
    plain = (convolution.kernel_size, convolution.stride, convolution.dilation, convolution.groups) == (
        *((SIDE, SIDE), (1, 1), (1, 1), 1),
    )
    padding = convolution.padding
    if images.requires_grad or not plain or isinstance(padding, str) or padding[0] != padding[1]:
        return False
    sides = {(side + 2 * padding[0] - SIDE + 1) % 2 for side in images.shape[2:]}
    return sides == {0} and SIDE**2 * convolution.in_channels < convolution.out_channels


def first_block(
    images: Float[Tensor, "image channel height width"], convolution: nn.Conv2d, norm: InstanceNorm
) -> Float[Tensor, "image map half_height half_width"]:
    """`avg_pool2d(relu(norm(convolution(images))), 2)` where `first_block_applies`; differentiable once.

    The convolution's bias, which the norm cancels, is left out, and its gradient is 0.
    """
    padding = int(convolution.padding[0])
    return _FirstBlock.apply(  # type: ignore[no-any-return]
        *(images, convolution.weight, convolution.bias, norm.weight, norm.bias, norm.eps, padding)
    )


def _columns(images: Tensor, padding: int) -> Tensor:
    """The image shifted by each tap, centred, and a row of ones: [image, channel and tap + 1, position]."""
    padded = functional.pad(images.contiguous(), (padding,) * 4)
    count, channels, height, width = padded.shape
    down, across = height - SIDE + 1, width - SIDE + 1
    image, channel, row, column = padded.stride()
    taps = padded.as_strided(
        (count, channels, SIDE, SIDE, down, across), (image, channel, row, column, row, column)
    )
    columns = padded.new_ones(count, channels * SIDE**2 + 1, down * across)
    of_taps = columns[:, :-1]
    of_taps.view(count, channels, SIDE, SIDE, down, across).copy_(taps)
    of_taps -= of_taps.mean(2, keepdim=True)
    return columns


class _FirstBlock(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor,
        filters: Tensor,
        cancelled: Tensor | None,
        weight: Tensor,
        bias: Tensor,
        eps: float,
        padding: int,
    ) -> Tensor:
        count, maps = len(images), len(filters)
        columns, by_tap = _columns(images, padding), filters.reshape(maps, -1)
        taps = columns[:, :-1]
        covariance = torch.bmm(taps, taps.mT) / taps.shape[2]
        variance = ((by_tap @ covariance) * by_tap).sum(2).view(count, maps, 1, 1)
        stage = NormStage.of(variance, weight, bias, eps)
        factors = torch.cat((by_tap.t().expand(count, -1, -1), stage.shift.view(count, 1, maps)), dim=1)
        side = images.shape[2] + 2 * padding - SIDE + 1
        shifted = torch.bmm(columns.mT, factors).view(count, side, -1, maps).permute(0, 3, 1, 2)
        pooled = functional.avg_pool2d(shifted.relu(), 2)
        ctx.save_for_backward(columns, covariance, shifted, pooled, *stage, weight, filters)
        ctx.cancelled = None if cancelled is None else cancelled.shape
        return pooled * stage.scale

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        columns, covariance, shifted, pooled, *stage, weight, filters = ctx.saved_tensors
        count, maps, positions = len(columns), len(filters), columns.shape[2]
        gradient = gradient * stage[1]
        spread = through_relu_pool(gradient, shifted).permute(0, 2, 3, 1).reshape(count, positions, maps)
        sums = torch.bmm(columns, spread)
        total = sums[:, -1].view(count, maps, 1, 1)
        slope, on_weight, on_bias = NormStage(*stage).gradients(gradient, pooled, total, positions, weight)
        by_tap = filters.reshape(maps, -1)
        along = (by_tap @ covariance) * (slope.view(count, maps, 1) * positions)
        on_filters = (sums[:, :-1].mT + along).sum(0).view(filters.shape)
        on_cancelled = None if ctx.cancelled is None else weight.new_zeros(ctx.cancelled)
        return None, on_filters, on_cancelled, on_weight, on_bias, None, None
