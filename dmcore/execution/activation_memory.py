"""Memory that a network's maps take, found from its shapes alone. Must not know plans or data."""

from dataclasses import dataclass

import torch
from torch import nn

from dmcore.config import NetworkSpec
from dmcore.execution.batch_norm_block import CACHED_MAP_BYTES
from dmcore.execution.fused_network import cached_filter_bytes, is_block_sequence
from dmcore.networks import Network, build_network

LIVE_ACTIVATIONS = 3
"""Activations alive at once without gradient: a layer's input, its output, and the one being made."""
NORMS = (nn.GroupNorm, nn.BatchNorm2d, nn.LayerNorm)


@dataclass(frozen=True)
class ActivationBytes:
    """Bytes of float32 activations, for each image."""

    first_layer: int
    """The first layer's output."""
    peak_inference: int
    """The most alive at once without gradient."""
    backward: int
    """All that are kept for a backward pass."""
    pooled_peak: int
    """The most alive at once where `execution/fused_network.py` computes a whole batch: pooled maps, if it has its
    way with all layers."""
    cached_filters: int
    """What it keeps of the weights, whatever the number of images."""

    def fused_batch(self, images: int) -> int:
        """Bytes of a whole batch there, without gradient; a batch norm keeps a block's maps if few."""
        maps = (
            min(CACHED_MAP_BYTES, images * self.peak_inference // LIVE_ACTIVATIONS)
            if self.pooled_peak < self.peak_inference
            else 0
        )
        return self.cached_filters + images * self.pooled_peak + maps


def activation_bytes(spec: NetworkSpec, shape: tuple[int, int, int], classes: int) -> ActivationBytes:
    """The activations of a network for images of `shape` (channels, height, width)."""
    with torch.device("meta"):
        network = build_network(spec, *shape, classes)
        images = torch.empty(2, *shape)
    blocks, filters = is_block_sequence(network), cached_filter_bytes(network)
    sizes = _outputs(network, images)
    live = LIVE_ACTIVATIONS * max(sizes)
    pooled = LIVE_ACTIVATIONS * max(sizes[3::4]) if blocks else live
    return ActivationBytes(sizes[0], live, sum(sizes) + live, pooled, filters)


def _outputs(network: Network, images: torch.Tensor) -> list[int]:
    """Bytes of every layer's output for each of two images."""
    for name, module in list(network.named_modules()):
        if isinstance(module, NORMS):
            network.set_submodule(name, _SameShape())
    sizes: list[int] = []
    for module in network.modules():
        if not isinstance(module, nn.Sequential | nn.Identity) and next(module.children(), None) is None:
            module.register_forward_hook(lambda _module, _inputs, output: sizes.append(output.numel() * 2))
    network.embed(images)
    return sizes


class _SameShape(nn.Module):
    """Stands for a norm where only sizes matter: without data torch imports its compiler for one."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images
