"""Images through a function in pieces that fit a cache, the results in one batch."""

from collections.abc import Callable

import torch
from torch import Tensor


def in_microbatches(function: Callable[[Tensor], Tensor], images: Tensor, most: int) -> Tensor:
    """`function(images)` of a function whose images do not meet, without gradient.

    Args:
        function: maps [image, ...] to maps [image, ...] in channels_last.
        images: what goes through, as equal pieces as can be.
        most: images in a piece, at least one.
    """
    pieces = torch.tensor_split(images, -(-len(images) // max(1, most)))
    whole, done = None, 0
    for piece in map(function, pieces):  # each is made when the one before is put away
        if len(pieces) == 1:
            return piece
        if whole is None:
            size = (len(images), *piece.shape[1:])
            whole = torch.empty(size, dtype=piece.dtype, memory_format=torch.channels_last)
        whole[done : done + len(piece)] = piece
        done += len(piece)
    assert whole is not None
    return whole
