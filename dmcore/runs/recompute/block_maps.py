"""Feature maps of each block of a network: what an image becomes on its way to features."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from dmcore.networks import Network

MOST_BLOCKS = 3
Maps = Float32[np.ndarray, "_ _ _ _"]
"""Feature maps [image, map, height, width]."""

_ACTIVATIONS = (nn.ReLU, nn.Sigmoid, nn.LeakyReLU, nn.SiLU)


@torch.no_grad()
def block_maps(
    network: Network, images: Float[Tensor, "image channel height width"], shown: Sequence[int] | None = None
) -> tuple[Maps, ...]:
    """Feature maps after each block: where the maps become smaller, else after each activation.

    Args:
        network: any network of the registry.
        images: normalised images, all that batch norm computes its statistics of.
        shown: positions of those whose maps are returned; left out, all.

    Returns:
        At most `MOST_BLOCKS` of them, the first and the last among them; none for a network without maps.
    """
    smaller, activated = [], []
    maps, height = images, images.shape[2]
    positions = torch.arange(len(images)) if shown is None else torch.tensor(shown)
    positions = positions.to(images.device)
    for layer in network.features:
        maps = layer(maps)
        if maps.ndim != 4:
            break
        if maps.shape[2] < height:
            smaller.append(maps[positions])  # a copy: a later layer may work in place
        elif isinstance(layer, _ACTIVATIONS):
            activated.append(maps[positions])
        height = maps.shape[2]
    blocks = [block for block in smaller if min(block.shape[2:]) > 1] or activated
    spread = np.linspace(0, len(blocks) - 1, min(MOST_BLOCKS, len(blocks))).round().astype(int).tolist()
    return tuple(blocks[index].to("cpu", torch.float32).numpy() for index in spread)
