"""Two-pass batch norm block in micro-batches (inference): exact statistics of the whole batch.

In one batch, the maps of 2,560 images go from memory to memory in every operation. In micro-batches (cache
blocking) the block runs twice: for mean and variance, then to normalise, activate and pool. In between the
maps are cached where they are small, else convolved again.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from dmcore.execution.workers import parallel_map

CACHED_MAP_BYTES = 512 * 2**20
"""Largest cache of maps between the two passes: the paper's second block has 320 MB; its first, 1.3 GB, is
cheaper to compute again."""


def batch_norm_block(
    convolve: Callable[[Tensor], Tensor],
    norm: nn.BatchNorm2d,
    after: Callable[[Tensor], Tensor],
    images: Tensor,
    most: int,
    workers: int,
) -> Tensor:
    """`after(norm(convolve(images)))` with the statistics of these images; running statistics are unchanged.

    Args:
        convolve: images to maps, each image by itself.
        norm: batch norm in train mode.
        after: activation and pooling of the normalised maps; may overwrite them.
        images: one batch.
        most: images in a micro-batch.
        workers: micro-batches in parallel, one torch thread each.
    """
    pieces = torch.tensor_split(images, -(-len(images) // max(1, most)))
    cached: dict[int, Tensor] = {}
    fits = len(images) * norm.num_features * images.shape[2] * images.shape[3] * 4 <= CACHED_MAP_BYTES

    @torch.no_grad()
    def moments(number: int) -> tuple[Tensor, Tensor]:
        maps = convolve(pieces[number])
        if fits:
            cached[number] = maps
        mean = maps.mean((0, 2, 3))
        return mean, (maps - mean.view(-1, 1, 1)).square_().mean((0, 2, 3))

    numbers = range(len(pieces))
    means, variances = map(torch.stack, zip(*parallel_map(moments, numbers, workers), strict=True))
    share = means.new_tensor([len(piece) for piece in pieces]).unsqueeze(1) / len(images)
    mean = (share * means).sum(0)
    variance = (share * (variances + (means - mean).square())).sum(0)

    @torch.no_grad()
    def normalised(number: int) -> Tensor:
        maps = cached.pop(number, None)
        maps = convolve(pieces[number]) if maps is None else maps
        return after(
            functional.batch_norm(maps, mean, variance, norm.weight, norm.bias, False, 0.0, norm.eps)
        )

    return torch.cat(parallel_map(normalised, numbers, workers))
