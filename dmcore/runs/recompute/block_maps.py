"""Feature maps of each block of a network: what an image becomes on its way to features."""

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
def block_maps(network: Network, images: Float[Tensor, "image channel height width"]) -> tuple[Maps, ...]:
    """Feature maps after each block: where the maps become smaller, else after each activation.

    Args:
        network: any network of the registry.
        images: normalised images.

    Returns:
        At most `MOST_BLOCKS` of them, the first and the last among them; none for a network without maps.
    """
    smaller, activated = [], []
    maps, height = images, images.shape[2]
    for layer in network.features:
        maps = layer(maps)
        if maps.ndim != 4:
            break
        if maps.shape[2] < height:
            smaller.append(maps.clone())  # a later layer may work in place
        elif isinstance(layer, _ACTIVATIONS):
            activated.append(maps.clone())
        height = maps.shape[2]
    blocks = [block for block in smaller if min(block.shape[2:]) > 1] or activated
    spread = np.linspace(0, len(blocks) - 1, min(MOST_BLOCKS, len(blocks))).round().astype(int).tolist()
    return tuple(blocks[index].to("cpu", torch.float32).numpy() for index in spread)
