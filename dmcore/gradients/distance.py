"""Distance of two gradients of a network, the loss of gradient matching (DC, section 3.2 and its code).

`ours` is 1 − cosine per output row, summed over the rows of all layers: parameters of one dimension, such as
biases and the weights of a norm, are left out. `mse` and `cos` take all parameters as one vector.
"""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dmcore.config.gradient_matching import GradientDistance

EPSILON = 1e-6
"""Added to the product of the norms, as published: a gradient that is zero has distance 1."""

Gradient = Sequence[Float[Tensor, "..."]]
"""A tensor per parameter, in definition order."""


def distance_parameters(network: nn.Module, distance: GradientDistance) -> tuple[nn.Parameter, ...]:
    """Parameters whose gradients a distance compares: `ours` those of two and more dimensions, others all."""
    parameters = tuple(network.parameters())
    if distance != "ours":
        return parameters
    return tuple(parameter for parameter in parameters if parameter.dim() > 1)


def gradient_distance(real: Gradient, synthetic: Gradient, distance: GradientDistance) -> Float[Tensor, ""]:
    """Distance of the gradients of a loss on real and on synthetic images.

    Raises:
        ValueError: they are gradients of different networks, for instance of another number of classes.
    """
    shapes = [[tuple(tensor.shape) for tensor in gradient] for gradient in (real, synthetic)]
    if shapes[0] != shapes[1]:
        raise ValueError(
            "the gradients are of two networks, with other layers or another number of classes: "
            "take both from one network"
        )
    return _DISTANCES[distance](real, synthetic)


def row_cosines(real: Float[Tensor, "..."], synthetic: Float[Tensor, "..."]) -> Float[Tensor, " row"]:
    """Cosine of two gradients of one parameter for each output row; one of a single dimension is one row."""
    one, other = (tensor.flatten(1) if tensor.dim() > 1 else tensor[None] for tensor in (real, synthetic))
    return 1 - _cosine_distance(one, other)


def _layerwise(real: Gradient, synthetic: Gradient) -> Tensor:
    rows = [
        _cosine_distance(ours.flatten(1), theirs.flatten(1)).sum()
        for ours, theirs in zip(real, synthetic, strict=True)
        if ours.dim() > 1
    ]
    return torch.stack(rows).sum()


def _squared(real: Gradient, synthetic: Gradient) -> Tensor:
    difference = _joined(real) - _joined(synthetic)
    return difference.square().sum()


def _joined_cosine(real: Gradient, synthetic: Gradient) -> Tensor:
    return _cosine_distance(_joined(real), _joined(synthetic))


def _cosine_distance(one: Float[Tensor, "*row entry"], other: Float[Tensor, "*row entry"]) -> Tensor:
    lengths = torch.linalg.vector_norm(one, dim=-1) * torch.linalg.vector_norm(other, dim=-1)
    cosine: Tensor = (one * other).sum(-1) / (lengths + EPSILON)
    return cosine.neg() + 1


def _joined(gradient: Gradient) -> Tensor:
    return torch.cat([tensor.flatten() for tensor in gradient])


_DISTANCES: dict[GradientDistance, Callable[[Gradient, Gradient], Tensor]] = {
    "ours": _layerwise,
    "mse": _squared,
    "cos": _joined_cosine,
}
