"""Samplers of embedding networks, theta ~ P of Algorithm 1: random, fixed, from a pool, interpolated, pixels.

The paper's distribution is PyTorch's default initialisation, as in the published code; the others are those
of table 4 and ours beyond it. One module is built once and its weights are overwritten, so a draw costs one
pass over its parameters and nothing is allocated on the device. A draw is a pure function of (seed, draw).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from dmcore.config import NetworkSpec
from dmcore.networks import Network, build_network
from dmcore.randomness import numpy_generator, torch_generator

ReadWeights = Callable[[], Mapping[str, Tensor]]
"""Loads parameters and buffers of a network, on the CPU."""


def initialise(network: nn.Module, generator: torch.Generator) -> None:
    """Initialise a network in place: weights and biases U(-1/sqrt(fan_in), 1/sqrt(fan_in)), norms 1 and 0.

    Args:
        network: any network of the registry, on any device but meta.
        generator: a CPU generator, so that a draw is the same network on every device.
    """
    bounds: list[tuple[Tensor, float]] = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = 1 / math.sqrt(module.weight[0].numel())
            bounds += [
                (parameter, bound) for parameter in (module.weight, module.bias) if parameter is not None
            ]
        elif isinstance(module, nn.GroupNorm | nn.LayerNorm | nn.BatchNorm2d):
            # their reset draws nothing: ones and zeros, running statistics included
            module.reset_parameters()
    sizes = [parameter.numel() for parameter, _ in bounds]
    # one draw and one copy for the whole network: the GPU is synchronised once
    uniform = torch.rand(sum(sizes), generator=generator).to(bounds[0][0].device, non_blocking=True)
    with torch.no_grad():
        for (parameter, bound), values in zip(bounds, torch.split(uniform, sizes), strict=True):
            parameter.copy_(values.view(parameter.shape).mul_(2 * bound).sub_(bound))


def empty_network(
    spec: NetworkSpec, shape: tuple[int, int, int], classes: int, device: torch.device, channels_last: bool
) -> Network:
    """Build a network with uninitialised weights; on meta first, so that no global generator is used."""
    with torch.device("meta"):
        network = build_network(spec, *shape, classes)
    empty = {
        name: torch.empty(tensor.shape, dtype=tensor.dtype, device=device)
        for name, tensor in network.state_dict().items()
    }  # not `to_empty`, for which torch imports all of sympy: most of a second in every process
    network.load_state_dict(empty, assign=True)
    return network.to(memory_format=torch.channels_last) if channels_last else network


@runtime_checkable
class EmbeddingNetworks(Protocol):
    """Protocol of the samplers of embedding networks."""

    def at(self, draw: int) -> Network:
        """Network of a draw, in train mode and frozen; valid until the next call."""


class RandomNetworks:
    """Sampler of random networks: a fresh initialisation for every draw, in train mode and frozen."""

    def __init__(
        self,
        spec: NetworkSpec,
        shape: tuple[int, int, int],
        classes: int,
        seed: int,
        device: torch.device,
        channels_last: bool = False,
    ) -> None:
        """Build the module whose weights every draw overwrites.

        Args:
            spec: architecture and its options.
            shape: channels, height, width of the images.
            classes: outputs of the classifier.
            seed: the run's seed.
            device: device of the network.
            channels_last: memory format of the convolutions.
        """
        self._network = (
            empty_network(spec, shape, classes, device, channels_last).train().requires_grad_(False)
        )
        self._seed = seed
        self._current_draw: int | None = None

    @property
    def module(self) -> Network:
        """Module whose weights every draw overwrites, with its present weights."""
        return self._network

    def invalidate(self) -> None:
        """Initialise anew at the next draw, because other code has overwritten the weights."""
        self._current_draw = None

    def at(self, draw: int) -> Network:
        """Network of a draw; valid until the next call."""
        if draw != self._current_draw:
            initialise(self._network, torch_generator(self._seed, draw, "network"))
            self._current_draw = draw
        return self._network


class FixedNetworks:
    """Sampler of a few random networks, the first that `RandomNetworks` would draw, with replacement."""

    def __init__(self, networks: RandomNetworks, count: int, seed: int) -> None:
        self._networks, self._count, self._seed = networks, count, seed

    def at(self, draw: int) -> Network:
        """One of the networks, drawn uniformly."""
        return self._networks.at(
            int(numpy_generator(self._seed, draw, "fixed network").integers(self._count))
        )


class PooledNetworks:
    """Uniform sampler of a pool of trained networks, or of interpolations between random and trained ones."""

    def __init__(
        self, networks: RandomNetworks, pool: Sequence[ReadWeights], seed: int, share: float = 1.0
    ) -> None:
        """Sample from a pool that is not empty.

        Args:
            networks: random networks to interpolate from; their module is the one that is overwritten.
            pool: loaders of the weights of each network of the pool.
            seed: the run's seed.
            share: weights are (1 − share) · random + share · trained.
        """
        assert pool
        self._networks, self._pool, self._seed, self._share = networks, pool, seed, share
        self._current_draw: int | None = None

    def at(self, draw: int) -> Network:
        """Network of the pool; with a share below 1, interpolated from the random network of this draw."""
        if draw == self._current_draw:
            return self._networks.module
        read_weights = self._pool[
            int(numpy_generator(self._seed, draw, "pool network").integers(len(self._pool)))
        ]
        network = self._networks.at(draw) if self._share < 1 else self._networks.module
        self._networks.invalidate()
        weights = network.state_dict()
        for name, trained in read_weights().items():
            if self._share < 1 and weights[name].is_floating_point():
                weights[name].lerp_(trained.to(weights[name]), self._share)
            else:
                weights[name].copy_(trained)
        self._current_draw = draw
        return network


class PixelNetworks:
    """Identity embedding: an image's features are its pixels. Our control for table 4."""

    def __init__(self, shape: tuple[int, int, int], classes: int, device: torch.device) -> None:
        flat = math.prod(shape)
        with torch.device(device):
            self._network = Network(nn.Sequential(nn.Flatten()), flat, classes).requires_grad_(False)
        nn.init.zeros_(self._network.classifier.weight)
        nn.init.zeros_(self._network.classifier.bias)

    def at(self, draw: int) -> Network:
        """The same network in every draw."""
        del draw
        return self._network
