"""A block with batch norm in pieces, without gradient: the statistics of all images, exact.

Whole, the maps of 2,560 images go from memory to memory in every operation. In pieces a block is gone over
twice, for mean and variance and then to normalise, activate and pool; in between maps are kept where they are
few, else convolved again. Must not know networks.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from dmcore.execution.workers import parallel_map

CACHED_MAP_BYTES = 512 * 2**20
"""Maps kept between the two passes: the paper's second block has 320 MB, its first 1.3 GB is cheaper anew."""


def batch_norm_block(
    convolve: Callable[[Tensor], Tensor],
    norm: nn.BatchNorm2d,
    after: Callable[[Tensor], Tensor],
    images: Tensor,
    most: int,
    workers: int,
) -> Tensor:
    """`after(norm(convolve(images)))`, normalised by these images; running statistics stay as they are.

    Args:
        convolve: images to maps; images do not meet in it.
        norm: in train mode.
        after: what becomes of normalised maps; may overwrite them.
        images: one batch.
        most: images in a piece.
        workers: pieces side by side, one torch thread each.
    """
    pieces = torch.tensor_split(images, -(-len(images) // max(1, most)))
    kept: dict[int, Tensor] = {}
    few = len(images) * norm.num_features * images.shape[2] * images.shape[3] * 4 <= CACHED_MAP_BYTES

    @torch.no_grad()
    def measured(number: int) -> tuple[Tensor, Tensor]:
        maps = convolve(pieces[number])
        if few:
            kept[number] = maps
        mean = maps.mean((0, 2, 3))
        return mean, (maps - mean.view(-1, 1, 1)).square_().mean((0, 2, 3))

    numbers = range(len(pieces))
    means, variances = map(torch.stack, zip(*parallel_map(measured, numbers, workers), strict=True))
    share = means.new_tensor([len(one) for one in pieces]).unsqueeze(1) / len(images)
    mean = (share * means).sum(0)
    variance = (share * (variances + (means - mean).square())).sum(0)

    @torch.no_grad()
    def normalised(number: int) -> Tensor:
        maps = kept.pop(number, None)
        maps = convolve(pieces[number]) if maps is None else maps
        return after(
            functional.batch_norm(maps, mean, variance, norm.weight, norm.bias, False, 0.0, norm.eps)
        )

    return torch.cat(parallel_map(normalised, numbers, workers))
