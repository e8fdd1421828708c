"""Winograd convolution F(4×4, 3×3) for frozen 3×3 filters: 36 products where the direct sum has 144.

An output tile of 4×4 is A'[(G w G') * (B' d B)]A of an input tile d of 6×6 (Lavin & Gray, CVPR 2016,
section 4.3): the same numbers but for rounding, 1e-6 of an output's deviation where a direct sum has 2e-7
(root mean square; the usual points 0, 1, -1, 2, -2 have 2e-6). Three matrix products compute it: input
transform, sum over channels, output transform. At 128 channels on one AVX-512 core it is 1.5 times as fast as
torch's convolution; with 64 the transforms cost more than the products save.
"""

import math
from functools import cache
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from dmcore.execution.frozen_convolution import flip_weights
from dmcore.execution.microbatches import in_microbatches

CHANNELS = 128
"""Least number of channels where it is faster (measured: 64 loses a fifth, 128 gains a third)."""
LARGEST_WASTE = 1.3
"""Most positions computed per position needed: sides are rounded up to multiples of 4."""
TILES = 128
"""Tiles in a micro-batch: 8 images of 16×16, whose 36 matrices stay in the cache (24 were a third slower)."""
POINTS = (0, 5 / 8, -5 / 8, 3 / 2, -3 / 2)
"""Interpolation points of Toom-Cook, besides infinity: the smallest rounding error of ten choices."""
_TILE, _INPUT = 4, 6


def winograd_applies(convolution: nn.Conv2d, height: int, width: int) -> bool:
    """Whether Winograd is possible and faster for this convolution and map size."""
    plain = (convolution.kernel_size, convolution.stride, convolution.padding, convolution.dilation) == (
        *((3, 3), (1, 1), (1, 1), (1, 1)),
    )
    if not plain or convolution.groups != 1:
        return False
    computed = _tiles(height) * _tiles(width) * _TILE**2
    enough_channels = min(convolution.in_channels, convolution.out_channels) >= CHANNELS
    return enough_channels and computed <= LARGEST_WASTE * height * width


def transform_filters(weight: Float[Tensor, "co ci 3 3"]) -> Float[Tensor, "36 ci co"]:
    """Filter transform: the weights as `winograd_convolution` takes them."""
    by_tap = weight.permute(2, 3, 1, 0).reshape(9, -1)
    return (_transforms()[1].to(weight) @ by_tap).view(36, weight.shape[1], weight.shape[0])


def winograd_convolution(
    images: Float[Tensor, "image ci height width"],
    forward: Float[Tensor, "36 ci co"],
    backward: Float[Tensor, "36 co ci"],
    bias: Float[Tensor, " co"] | None = None,
) -> Float[Tensor, "image co height width"]:
    """3×3 convolution with padding 1, in channels_last; differentiable in the images alone.

    Args:
        images: maps, in channels_last for speed.
        forward: `transform_filters(weight)`.
        backward: `transform_filters(flip_weights(weight))`.
        bias: one number per channel; None where a norm cancels it.
    """
    convolved: Tensor = _Winograd.apply(images, forward, backward)
    return convolved if bias is None else convolved + bias.view(-1, 1, 1)


def winograd_training(
    images: Float[Tensor, "image ci height width"],
    weight: Float[Tensor, "co ci 3 3"],
    bias: Float[Tensor, " co"] | None,
) -> Float[Tensor, "image co height width"]:
    """3×3 convolution with padding 1 of a network in training, before a norm that cancels its bias.

    Differentiable once, in images and weight; the bias is left out, and its gradient is 0.
    """
    return _Training.apply(images, weight, bias)  # type: ignore[no-any-return]


class _Training(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        ctx.save_for_backward(images, weight)
        return _convolved(images, transform_filters(weight))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor, Tensor | None]:
        images, weight = ctx.saved_tensors
        on_images = None
        if ctx.needs_input_grad[0]:
            on_images = _convolved(gradient, transform_filters(flip_weights(weight)))
        on_bias = gradient.new_zeros(len(weight)) if ctx.needs_input_grad[2] else None
        return on_images, _weight_gradient(images, gradient), on_bias


def _weight_gradient(images: Tensor, gradient: Tensor) -> Tensor:
    """Gradient on the weight: G'[(B' d B) * (A g A')]G, summed over the tiles of images and gradient."""
    channels, tiles = images.shape[1], _tiles(images.shape[2]) * _tiles(images.shape[3])
    total = torch.zeros(())
    output_transform, filter_transform, input_transform = (matrix.to(images) for matrix in _transforms())
    pieces = -(-len(images) // max(1, TILES // tiles))
    for batch, of_batch in zip(images.tensor_split(pieces), gradient.tensor_split(pieces), strict=True):
        inputs = (input_transform @ _input_tiles(batch)).view(_INPUT**2, -1, channels)
        outputs = output_transform.t() @ _output_tiles(of_batch)
        total = total + torch.bmm(inputs.mT, outputs.view(_INPUT**2, -1, gradient.shape[1]))
    by_tap = filter_transform.t() @ total.view(_INPUT**2, -1)
    return by_tap.view(3, 3, channels, -1).permute(3, 2, 0, 1)


def _input_tiles(images: Tensor) -> Tensor:
    """Overlapping tiles of 6×6, [position in the tile, image, tile and channel]."""
    count, channels, height, width = images.shape
    down, across = _tiles(height), _tiles(width)
    padded = images.new_zeros(count, _TILE * down + 2, _TILE * across + 2, channels)
    padded[:, 1 : height + 1, 1 : width + 1] = images.permute(0, 2, 3, 1)
    image, row, column, _ = padded.stride()
    return padded.as_strided(
        (_INPUT, _INPUT, count, down, across, channels),
        (row, column, image, _TILE * row, _TILE * column, 1),
    ).reshape(_INPUT**2, -1)


def _output_tiles(maps: Tensor) -> Tensor:
    """Tiles of 4×4 side by side, as `_input_tiles`; what is beyond the maps is 0."""
    count, channels, height, width = maps.shape
    down, across = _tiles(height), _tiles(width)
    padded = maps.permute(0, 2, 3, 1)
    if (height, width) != (_TILE * down, _TILE * across):
        padded = maps.new_zeros(count, _TILE * down, _TILE * across, channels)
        padded[:, :height, :width] = maps.permute(0, 2, 3, 1)
    by_tile = padded.reshape(count, down, _TILE, across, _TILE, channels)
    return by_tile.permute(2, 4, 0, 1, 3, 5).reshape(_TILE**2, -1)


class _Winograd(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, images: Tensor, forward: Tensor, backward: Tensor) -> Tensor:
        ctx.save_for_backward(backward)
        return _convolved(images, forward)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None]:
        return _convolved(gradient, ctx.saved_tensors[0]), None, None


def _convolved(images: Tensor, transformed: Tensor) -> Tensor:
    height, width = images.shape[2:]
    down, across = _tiles(height), _tiles(width)
    output_transform, _, input_transform = (matrix.to(images) for matrix in _transforms())
    return in_microbatches(
        lambda batch: _tiled(batch, transformed, input_transform, output_transform),
        images,
        TILES // (down * across),
    )


def _tiled(images: Tensor, transformed: Tensor, input_transform: Tensor, output_transform: Tensor) -> Tensor:
    count, channels, height, width = images.shape
    down, across = _tiles(height), _tiles(width)
    tiles = input_transform @ _input_tiles(images)
    products = torch.bmm(tiles.view(_INPUT**2, -1, channels), transformed)
    results = (output_transform @ products.view(_INPUT**2, -1)).view(_TILE, _TILE, count, down, across, -1)
    maps = results.permute(2, 3, 0, 4, 1, 5).reshape(count, _TILE * down, _TILE * across, -1)
    return maps[:, :height, :width].permute(0, 3, 1, 2)


def _tiles(side: int) -> int:
    return -(-side // _TILE)


@cache
def _transforms() -> tuple[Tensor, Tensor, Tensor]:
    """Toom-Cook transforms at `POINTS` and infinity: A', G and B', as matrices on the flattened tile."""
    powers = np.vander(POINTS, _TILE, increasing=True)
    others = [[other for other in POINTS if other != point] for point in POINTS]
    scales = [math.prod(point - other for other in rest) for point, rest in zip(POINTS, others, strict=True)]
    infinity = np.eye(_INPUT)[-1]
    output = np.column_stack([powers.T, infinity[-_TILE:]])
    filters = np.vstack([powers[:, :3] / np.array(scales)[:, None], infinity[-3:]])
    input_ = np.vstack([*([*np.poly(rest)[::-1], 0] for rest in others), np.poly(POINTS)[::-1]])
    kron = [torch.from_numpy(np.kron(matrix, matrix)) for matrix in (output, filters, input_)]
    return kron[0], kron[1], kron[2]
