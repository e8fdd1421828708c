"""Convolution with frozen weights and a cheaper gradient on the images (col2im for few channels).

The gradient on the input is a convolution of the flipped weights: torch's own backward kernel gives the same
numbers in the same time, but is 8 MB of code and buffers that forward passes have no use for. Where images
have few channels, as in the first layer, a matrix product and col2im (`fold`, adjoint of im2col) take half
the time (3 channels, width 32 to 128, one core).
"""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

FEW_CHANNELS = 3
"""Up to this many input channels the matrix product and col2im are faster."""


def direct_padding(convolution: nn.Conv2d) -> tuple[int, ...] | None:
    """Padding of a convolution that `direct_convolution` can compute; None for others.

    It can where the stride, dilation and groups are 1 and the padding is zeros.
    """
    padding, kernel = convolution.padding, convolution.kernel_size
    if isinstance(padding, str) or convolution.padding_mode != "zeros":
        return None
    if {*convolution.stride, *convolution.dilation, convolution.groups} != {1}:
        return None
    within = all(pad < size for pad, size in zip(padding, kernel, strict=True))
    return padding if within or convolution.in_channels <= FEW_CHANNELS else None


def flip_weights(weight: Float[Tensor, "co ci down across"]) -> Float[Tensor, "ci co down across"]:
    """Weights of the convolution that is the gradient on the input: flipped, channels transposed."""
    return weight.flip(2, 3).transpose(0, 1)


def direct_convolution(
    images: Float[Tensor, "image ci height width"],
    weight: Float[Tensor, "co ci down across"],
    bias: Float[Tensor, " co"] | None,
    padding: tuple[int, ...],
) -> Float[Tensor, "image co _ _"]:
    """`conv2d(images, weight, bias, padding=padding)`, differentiable in the images alone."""
    if images.requires_grad:
        return _Direct.apply(images, weight, bias, padding)  # type: ignore[no-any-return]
    return functional.conv2d(images, weight, bias, padding=padding)


class _Direct(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weight: Tensor, bias: Tensor | None, padding: tuple[int, ...]
    ) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.padding, ctx.size = padding, images.shape[2:]
        return functional.conv2d(images, weight, bias, padding=padding)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        (weight,) = ctx.saved_tensors
        kernel = weight.shape[2:]
        if weight.shape[1] <= FEW_CHANNELS:
            back = gradient.new_empty(len(gradient), weight.shape[1], *ctx.size)
            by_channel = weight.flatten(1).t()
            for image, of_image in zip(back, gradient.permute(0, 2, 3, 1).flatten(1, 2), strict=True):
                image.copy_(functional.fold(by_channel @ of_image.t(), ctx.size, kernel, padding=ctx.padding))
            return back, None, None, None
        padding = [size - 1 - pad for size, pad in zip(kernel, ctx.padding, strict=True)]
        return functional.conv2d(gradient, flip_weights(weight), padding=padding), None, None, None
