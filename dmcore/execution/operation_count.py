"""Operation count of a network's forward pass, from its shapes alone (meta device)."""

from functools import lru_cache

import torch
from torch import nn

from dmcore.config import NetworkSpec
from dmcore.execution.activation_memory import replace_norms
from dmcore.networks import build_network


@lru_cache(maxsize=64)
def image_operations(spec: NetworkSpec, shape: tuple[int, int, int], classes: int) -> int:
    """Floating-point operations of one image's forward pass up to the features: two for each multiply-add.

    Args:
        spec: the architecture.
        shape: channels, height, width of the image.
        classes: outputs of the network.

    Raises:
        ValueError: the network cannot be built for such images.
    """
    counts: list[int] = []
    with torch.device("meta"):
        network = build_network(spec, *shape, classes)
        images = torch.empty(2, *shape)
    replace_norms(network)

    def count(module: nn.Module, _inputs: object, output: torch.Tensor) -> None:
        assert isinstance(module, nn.Conv2d | nn.Linear)
        counts.append(output[0].numel() * module.weight[0].numel() * 2)

    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear) and module is not network.classifier:
            module.register_forward_hook(count)
    network.embed(images)
    return sum(counts)
