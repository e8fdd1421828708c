"""Memory that a job takes at its peak, from the shapes of its pieces: for its cost, before it begins.

An estimate for people. Whether a run fits at all is decided by `memory_check.py`.
"""

import math

import torch

from dmcore.config import NetworkSpec
from dmcore.execution.activation_memory import activation_bytes
from dmcore.execution.cost import Piece, Workload
from dmcore.execution.fused_network import BLOCK_BYTES
from dmcore.execution.memory_check import BYTES, COPIES, DOUBLE_BACKWARD_COPIES
from dmcore.execution.plan import HELD_BYTES
from dmcore.execution.speed_record import operations_of
from dmcore.networks import build_network

PROCESS_BYTES = 600 * 10**6
"""Of a process that has loaded torch and computed something small (measured with torch 2 on Linux)."""
TRAINED_COPIES = 4
"""Of the weights of a network in training: themselves, gradients, momentum, temporaries."""
BATCH_COPIES = 3
"""Of a minibatch: normalised, augmented, and a temporary."""
MAP_COPIES = 4
"""Of the maps of a micro-batch on the fast path."""


def peak_memory(workload: Workload, workers: int) -> int:
    """Bytes of the whole process at the peak of a job.

    Args:
        workload: the job.
        workers: parts of it that are computed at the same time.
    """
    possible = filter(operations_of, workload.pieces)
    largest = max((_piece_bytes(piece, workers) for piece in possible), default=0)
    return PROCESS_BYTES + workload.data_bytes + largest


def _piece_bytes(piece: Piece, workers: int) -> int:
    activations = activation_bytes(piece.network, piece.shape, piece.classes)
    image = BYTES * math.prod(piece.shape)
    batch = BATCH_COPIES * piece.images * image
    weights = _weight_bytes(piece.network, piece.shape, piece.classes)
    if piece.kind == "real_side":
        return activations.cached_filters + weights + workers * (batch + MAP_COPIES * BLOCK_BYTES)
    if piece.kind == "matching":
        learned = COPIES * piece.classes * piece.images * image
        each = math.ceil(piece.classes * piece.images / workers)
        return learned + weights + workers * min(HELD_BYTES, each * activations.backward)
    if piece.kind == "real_gradient":
        return TRAINED_COPIES * weights + workers * (
            batch + min(HELD_BYTES, piece.images * activations.backward)
        )
    if piece.kind == "synthetic_gradient":
        learned = COPIES * piece.classes * piece.images * image
        graphs = DOUBLE_BACKWARD_COPIES * piece.images * activations.backward
        return learned + workers * (TRAINED_COPIES * weights + graphs)
    if piece.kind == "test":
        return workers * (weights + piece.images * activations.peak_inference)
    trained = batch + min(HELD_BYTES, piece.images * activations.backward)
    if piece.kind == "split_update":
        return TRAINED_COPIES * weights + workers * trained
    return workers * (TRAINED_COPIES * weights + trained)


def _weight_bytes(spec: NetworkSpec, shape: tuple[int, int, int], classes: int) -> int:
    with torch.device("meta"):
        network = build_network(spec, *shape, classes)
    return BYTES * sum(parameter.numel() for parameter in network.parameters())
