"""Activation memory of a network, computed from its shapes alone (meta device)."""

from dataclasses import dataclass

import torch
from torch import nn

from dmcore.config import NetworkSpec
from dmcore.execution.batch_norm_block import CACHED_MAP_BYTES
from dmcore.execution.fused_network import cached_filter_bytes, is_block_sequence
from dmcore.networks import Network, build_network

LIVE_ACTIVATIONS = 3
"""Activations alive at once in inference: a layer's input, its output and a temporary."""
NORMS = (nn.GroupNorm, nn.BatchNorm2d, nn.LayerNorm)


@dataclass(frozen=True)
class ActivationBytes:
    """Bytes of float32 activations per image, in inference and for a backward pass."""

    first_layer: int
    """Output of the first layer."""
    peak_inference: int
    """Peak of an inference pass."""
    backward: int
    """Peak with everything saved for a backward pass."""
    pooled_peak: int
    """Peak of an inference pass of a whole batch with operator fusion (`fused_network.py`): pooled maps
    only, if all layers can be fused."""
    cached_filters: int
    """Cached Winograd filters, in all: independent of the number of images."""

    def fused_batch(self, images: int) -> int:
        """Peak bytes of a fused inference pass of a whole batch; batch norm may cache a block's maps."""
        fused = self.pooled_peak < self.peak_inference
        maps = min(CACHED_MAP_BYTES, images * self.peak_inference // LIVE_ACTIVATIONS) if fused else 0
        return self.cached_filters + images * self.pooled_peak + maps


def activation_bytes(spec: NetworkSpec, shape: tuple[int, int, int], classes: int) -> ActivationBytes:
    """Activation memory of a network for images of `shape` (channels, height, width)."""
    with torch.device("meta"):
        network = build_network(spec, *shape, classes)
        images = torch.empty(2, *shape)
    blocks, filters = is_block_sequence(network), cached_filter_bytes(network)
    sizes = _outputs(network, images)
    live = LIVE_ACTIVATIONS * max(sizes)
    pooled = LIVE_ACTIVATIONS * max(sizes[3::4]) if blocks else live
    return ActivationBytes(sizes[0], live, sum(sizes) + live, pooled, filters)


def _outputs(network: Network, images: torch.Tensor) -> list[int]:
    """Bytes per image of every layer's output, from a batch of two."""
    replace_norms(network)
    sizes: list[int] = []
    for module in network.modules():
        if not isinstance(module, nn.Sequential | nn.Identity) and next(module.children(), None) is None:
            module.register_forward_hook(lambda _module, _inputs, output: sizes.append(output.numel() * 2))
    network.embed(images)
    return sizes


def replace_norms(network: Network) -> None:
    """Replace the norms of a network, in place, by modules that keep only the shape."""
    for name, module in list(network.named_modules()):
        if isinstance(module, NORMS):
            network.set_submodule(name, _SameShape())


class _SameShape(nn.Module):
    """Stand-in for a norm where only sizes matter: on the meta device torch imports its compiler for one."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return images
