"""Micro-batches: apply a function to a batch in pieces that fit a processor cache (cache blocking)."""

from collections.abc import Callable

import torch
from torch import Tensor


def in_microbatches(function: Callable[[Tensor], Tensor], images: Tensor, most: int) -> Tensor:
    """`function(images)` computed in micro-batches of nearly equal size, without gradient.

    Args:
        function: maps [image, ...] to maps [image, ...] in channels_last, each image by itself.
        images: the batch.
        most: images in a micro-batch, at least one.
    """
    pieces = torch.tensor_split(images, -(-len(images) // max(1, most)))
    result, done = None, 0
    for piece in map(function, pieces):  # lazily: each is computed after the one before was copied
        if len(pieces) == 1:
            return piece
        if result is None:
            size = (len(images), *piece.shape[1:])
            result = torch.empty(size, dtype=piece.dtype, memory_format=torch.channels_last)
        result[done : done + len(piece)] = piece
        done += len(piece)
    assert result is not None
    return result
