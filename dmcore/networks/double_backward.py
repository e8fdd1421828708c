"""Whether a network's gradient can itself be differentiated, as gradient matching does (DC, equation 5)."""

import torch
from torch import Tensor, nn

from dmcore.networks.base import Network

_MESSAGES = ("is not implemented", "differentiate twice")
"""Of torch, where a derivative is missing."""


def check_double_backward(network: Network, shape: tuple[int, int, int], name: str) -> None:
    """Raise if a layer of the network has no double backward, found by a pass of two images.

    Args:
        network: in train mode; the pass moves the running statistics of its batch norms.
        shape: channels, height, width of its images.
        name: what the user calls the network.

    Raises:
        ValueError: names the network and the layer.
    """
    parameter = next(network.parameters())
    generator = torch.Generator().manual_seed(0)
    images = torch.randn((2, *shape), generator=generator).to(parameter.device)
    layout = torch.channels_last if parameter.is_contiguous(memory_format=torch.channels_last) else None
    images = images.contiguous(memory_format=layout or torch.contiguous_format)
    inputs: list[tuple[nn.Module, Tensor]] = []

    def keep_input(module: nn.Module, arguments: tuple[Tensor, ...]) -> None:
        inputs.append((module, arguments[0].detach().clone()))

    leaves = [module for module in network.modules() if next(module.children(), None) is None]
    hooks = [module.register_forward_pre_hook(keep_input) for module in leaves]
    try:
        with torch.no_grad():
            network(images)
    finally:
        for hook in hooks:
            hook.remove()
    for module, maps in inputs:
        if not _has_double_backward(module, maps):
            raise ValueError(
                f"the layer {type(module).__name__} of {name} has no double backward, which gradient "
                "matching needs: take another norm, activation or network"
            )


def _has_double_backward(module: nn.Module, maps: Tensor) -> bool:
    """Whether the gradient along a cotangent, which is linear in the cotangent, has a derivative by it."""
    leaf = maps.requires_grad_()
    value = module(leaf.clone())  # a copy, because some layers work in place
    cotangent = torch.ones_like(value).requires_grad_()
    (gradient,) = torch.autograd.grad(value, leaf, cotangent, create_graph=True)
    if not gradient.requires_grad:
        return False
    try:
        (derivative,) = torch.autograd.grad(gradient.sum(), cotangent, allow_unused=True)
    except RuntimeError as error:
        if not any(message in str(error) for message in _MESSAGES):
            raise
        return False
    return derivative is not None  # torch skips what is differentiable once without a word
