"""Where embedding networks come from: theta ~ P of Algorithm 1, a fresh random network for every draw.

The distribution is PyTorch's default initialisation, as in the published code; the others are those of
table 4 and ours beyond it. One module is built once and refilled, so a draw costs one pass over its
parameters and nothing is allocated on the device. Every source is a pure function of (seed, draw). Knows no
files.
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
"""Reads a network's parameters and buffers, on the CPU."""


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


def empty_network(
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


@runtime_checkable
class EmbeddingNetworks(Protocol):
    """What every source of embedding networks is."""

    def at(self, draw: int) -> Network:
        """The network of a draw, in train mode and frozen; valid until the next draw is asked for."""


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
            empty_network(spec, shape, classes, device, channels_last).train().requires_grad_(False)
        )
        self._seed = seed
        self._filled_with: int | None = None

    @property
    def module(self) -> Network:
        """What every draw refills, whatever it holds now."""
        return self._network

    def invalidate(self) -> None:
        """The module was refilled by somebody else: fill it anew at the next draw."""
        self._filled_with = None

    def at(self, draw: int) -> Network:
        """The network of a draw; valid until the next draw is asked for."""
        if draw != self._filled_with:
            initialise(self._network, torch_generator(self._seed, draw, "network"))
            self._filled_with = draw
        return self._network


class FixedNetworks:
    """A few random networks, the first that `RandomNetworks` would draw, again and again."""

    def __init__(self, networks: RandomNetworks, count: int, seed: int) -> None:
        self._networks, self._count, self._seed = networks, count, seed

    def at(self, draw: int) -> Network:
        """One of the few, all equally likely."""
        return self._networks.at(
            int(numpy_generator(self._seed, draw, "fixed network").integers(self._count))
        )


class PooledNetworks:
    """Trained networks out of a pool, all equally likely; or what lies between a random and a trained one."""

    def __init__(
        self, networks: RandomNetworks, pool: Sequence[ReadWeights], seed: int, share: float = 1.0
    ) -> None:
        """Take a pool that is not empty.

        Args:
            networks: what is interpolated from; its module is the one that every draw refills.
            pool: reads the weights of each network of the pool.
            seed: the run's seed.
            share: weights are (1 − share) · random + share · trained.
        """
        assert pool
        self._networks, self._pool, self._seed, self._share = networks, pool, seed, share
        self._filled_with: int | None = None

    def at(self, draw: int) -> Network:
        """A network of the pool; with a share below one, that far from the random network of this draw."""
        if draw == self._filled_with:
            return self._networks.module
        chosen = self._pool[int(numpy_generator(self._seed, draw, "pool network").integers(len(self._pool)))]
        network = self._networks.at(draw) if self._share < 1 else self._networks.module
        self._networks.invalidate()
        live = network.state_dict()
        for name, trained in chosen().items():
            if self._share < 1 and live[name].is_floating_point():
                live[name].lerp_(trained.to(live[name]), self._share)
            else:
                live[name].copy_(trained)
        self._filled_with = draw
        return network


class PixelNetworks:
    """No network at all: an image's features are its pixels. The control of table 4 that is ours."""

    def __init__(self, shape: tuple[int, int, int], classes: int, device: torch.device) -> None:
        flat = math.prod(shape)
        with torch.device(device):
            self._network = Network(nn.Sequential(nn.Flatten()), flat, classes).requires_grad_(False)
        nn.init.zeros_(self._network.classifier.weight)
        nn.init.zeros_(self._network.classifier.bias)

    def at(self, draw: int) -> Network:
        """The same in every draw."""
        del draw
        return self._network
