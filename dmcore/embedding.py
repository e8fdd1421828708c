"""Where embedding networks come from: theta ~ P of Algorithm 1, a fresh random network for every draw.

The distribution is PyTorch's default initialisation, as in the published code. One module is built once and
refilled, so a draw costs one pass over its parameters and nothing is allocated on the device.
"""

import math

import torch
from torch import Tensor, nn

from dmcore.config import NetworkSpec
from dmcore.networks import Network, build_network
from dmcore.randomness import torch_generator


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Fill a network in place: weights and biases U(-1/sqrt(fan_in), 1/sqrt(fan_in)), norms one and zero.

    Args:
        network: any network of the registry, on any device but meta.
        generator: a CPU generator, so that a draw is the same network on every device.
    """
    drawn: list[tuple[Tensor, float]] = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = 1 / math.sqrt(module.weight[0].numel())
            drawn += [(one, bound) for one in (module.weight, module.bias) if one is not None]
        elif isinstance(module, nn.GroupNorm | nn.LayerNorm | nn.BatchNorm2d):
            # their reset draws nothing: ones and zeros, running statistics included
            module.reset_parameters()
    sizes = [parameter.numel() for parameter, _ in drawn]
    # one draw and one copy for the whole network, so that a GPU waits once
    uniform = torch.rand(sum(sizes), generator=generator).to(drawn[0][0].device, non_blocking=True)
    with torch.no_grad():
        for (parameter, bound), values in zip(drawn, torch.split(uniform, sizes), strict=True):
            parameter.copy_(values.view(parameter.shape).mul_(2 * bound).sub_(bound))


def fresh_network(
    spec: NetworkSpec, shape: tuple[int, int, int], classes: int, device: torch.device, channels_last: bool
) -> Network:
    """An unfilled network on a device; built on meta first, so no global generator is touched."""
    with torch.device("meta"):
        network = build_network(spec, *shape, classes)
    empty = {
        name: torch.empty(one.shape, dtype=one.dtype, device=device)
        for name, one in network.state_dict().items()
    }  # not `to_empty`, for which torch imports all of sympy: most of a second in every process
    network.load_state_dict(empty, assign=True)
    return network.to(memory_format=torch.channels_last) if channels_last else network


class RandomNetworks:
    """A fresh random network for every draw, in train mode and frozen; a pure function of (seed, draw)."""

    def __init__(
        self,
        spec: NetworkSpec,
        shape: tuple[int, int, int],
        classes: int,
        seed: int,
        device: torch.device,
        channels_last: bool = False,
    ) -> None:
        """Build the one module that every draw refills.

        Args:
            spec: architecture and its options.
            shape: channels, height, width of the images.
            classes: outputs of the classifier.
            seed: the run's seed.
            device: where the network lives.
            channels_last: memory format of the convolutions.
        """
        self._network = (
            fresh_network(spec, shape, classes, device, channels_last).train().requires_grad_(False)
        )
        self._seed = seed
        self._filled_with: int | None = None

    def at(self, draw: int) -> Network:
        """The network of a draw; valid until the next draw is asked for."""
        if draw != self._filled_with:
            initialise(self._network, torch_generator(self._seed, draw, "network"))
            self._filled_with = draw
        return self._network
