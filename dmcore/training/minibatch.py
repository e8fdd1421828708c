"""Minibatches of a training: image order, augmentation, and loss and gradients computed in pieces.

Everything random is a function of seed, network, epoch and minibatch (section 4.1: one operation per
minibatch, parameters per image).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor, nn
from torch.nn import functional

from dmcore.augment import draw_per_image
from dmcore.config import NetworkSpec, Operation
from dmcore.data.images import Statistics
from dmcore.execution.activation_memory import activation_bytes
from dmcore.execution.plan import UNLIMITED, Plan
from dmcore.execution.workers import parallel_map
from dmcore.networks import uses_batch_statistics
from dmcore.randomness import numpy_generator, torch_generator
from dmcore.training.loop import NetworkTraining

ImageBatch = Float[Tensor, "image channel height width"]
Uint8Images = UInt8[Tensor, "image channel height width"]
PIECE_BYTES = 5 * 2**20
"""First activations of a piece on a CPU. A forward and a backward pass of 100 images, in turns with pieces of
about this size: 1.3 times as long at width 32, 1.45 at width 128 (n = 3 each, images of 28 and 32)."""
LEAST_PIECE = 32
"""Images of a piece at least: with fewer the overhead of the operations dominates."""


@dataclass(frozen=True)
class MinibatchRandomness:
    """Image order and augmentation of one training, as a function of seed, network, epoch and minibatch."""

    seed: int
    network: str
    """Name of the training: part of what seeds its draws."""
    operations: tuple[Operation, ...]

    def order_of_epoch(self, epoch: int, count: int) -> Int64[Tensor, " image"]:
        """Draw the order of the images in an epoch."""
        return torch.randperm(
            count, generator=torch_generator(self.seed, epoch, f"evaluation order {self.network}")
        )

    def augment(self, batch: ImageBatch, epoch: int, batch_index: int) -> ImageBatch:
        """Augment a minibatch: one operation, parameters per image."""
        random = numpy_generator(self.seed, epoch, f"evaluation augmentation {self.network} {batch_index}")
        count, _, height, width = batch.shape
        return draw_per_image(random, self.operations, count, height, width, batch.device)(batch)


@dataclass(frozen=True)
class Minibatches:
    """Minibatches of a training set, on which a network is trained an epoch at a time."""

    batch_at: Callable[[Tensor], Tensor]
    """Image positions -> normalised images."""
    label: Int64[Tensor, " image"]
    """Class of each image."""
    order_of_epoch: Callable[[int, int], Tensor]
    """Epoch and number of images -> the order in which they are taken, on the CPU."""
    augment: Callable[[Tensor, int, int], Tensor]
    """Batch, epoch and index of the batch in the epoch -> augmented batch."""
    piece_of: Callable[[int], int] = lambda count: count
    """Images of a minibatch -> images that go through the network at once; all, where they meet in it."""
    workers: int = 1
    """Pieces at the same time."""
    logits: Callable[[nn.Module, Tensor], Tensor] = lambda network, images: network(images)
    """Network and images -> logits."""
    on_logits: Callable[[Tensor, Tensor, Tensor], None] | None = None
    """Called with positions, logits and labels of each piece, from several threads at once."""

    def train_epoch(self, training: NetworkTraining) -> Iterator[Float[Tensor, ""]]:
        """Train a network one epoch further; yields each minibatch's summed loss, on the device."""
        order = self.order_of_epoch(training.epoch, len(self.label))
        return training.run_epoch(
            order.to(self.label.device, non_blocking=True), partial(self._loss_and_gradients, training)
        )

    def _loss_and_gradients(
        self, training: NetworkTraining, index: Tensor, batch_index: int
    ) -> tuple[Tensor, Sequence[Tensor]]:
        batch, label = self.augment(self.batch_at(index), training.epoch, batch_index), self.label[index]
        on_logits = self.on_logits

        def on_piece(part: slice, logits: Tensor) -> None:
            if on_logits is not None:
                on_logits(index[part], logits, label[part])

        return loss_in_pieces(
            partial(self.logits, training.network),
            batch,
            label,
            training.parameters,
            self.piece_of(len(index)),
            self.workers,
            None if on_logits is None else on_piece,
        )


def batch_of(
    images: ImageBatch | Uint8Images,
    statistics: Statistics,
    layout: torch.memory_format,
    index: Int64[Tensor, " batch"],
) -> Float[Tensor, "batch channel height width"]:
    """Gather the images at these positions, normalised and in the memory layout."""
    batch = images[index]
    batch = batch if batch.is_floating_point() else statistics.normalise(batch)
    return batch.contiguous(memory_format=layout)


def piece_size(
    spec: NetworkSpec, shape: tuple[int, int, int], classes: int, network: nn.Module, plan: Plan
) -> int:
    """Number of images that go through a network at once, forward and backward.

    All of them on a GPU, and where the network couples images.
    """
    if plan.device != "cpu" or uses_batch_statistics(spec):
        return UNLIMITED
    return cached_piece_size(spec, shape, classes, network)


def cached_piece_size(
    spec: NetworkSpec, shape: tuple[int, int, int], classes: int, network: nn.Module
) -> int:
    """Number of images that a CPU's caches hold, forward and backward.

    All, if adding up the gradients of the pieces costs more than that saves: for networks with more
    parameters than a piece has activations.
    """
    first = activation_bytes(spec, shape, classes).first_layer
    piece = max(LEAST_PIECE, PIECE_BYTES // first)
    parameters = sum(tensor.numel() * tensor.element_size() for tensor in network.parameters())
    return piece if parameters < piece * first else UNLIMITED


def even_piece_size(count: int, most: int) -> int:
    """Size of pieces, at most `most`, such that the last is about as large as the others."""
    return math.ceil(count / math.ceil(count / most))


def loss_in_pieces(
    network: Callable[[Tensor], Tensor],
    batch: Float[Tensor, "batch channel height width"],
    label: Int64[Tensor, " batch"],
    parameters: Sequence[Tensor],
    size: int,
    workers: int,
    on_logits: Callable[[slice, Tensor], None] | None = None,
) -> tuple[Float[Tensor, ""], Sequence[Tensor]]:
    """Mean cross-entropy and its gradients, a piece per worker: exact if the network does not couple images.

    `on_logits` gets the logits of each piece, from several threads at once.
    """

    def piece(part: slice) -> tuple[Tensor, ...]:
        logits = network(batch[part])
        loss = functional.cross_entropy(logits, label[part], reduction="sum") / len(label)
        if on_logits is not None:
            on_logits(part, logits.detach())
        return loss.detach(), *torch.autograd.grad(loss, parameters)

    parts = [slice(first, first + size) for first in range(0, len(label), size)]
    loss, *gradients = (
        sum(terms[1:], terms[0]) for terms in zip(*parallel_map(piece, parts, workers), strict=True)
    )
    return loss, gradients
