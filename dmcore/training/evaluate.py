"""How good a small set is: train fresh networks on it, test them on real images (section 4.1).

The protocol is the authors' published loop to the letter: epochs 0 to E inclusive, the rate divided by ten
and a fresh optimiser after epoch E // 2 + 1, one augmentation operation per minibatch with parameters
per image, batch norm tested with its running statistics. Must not know about run folders.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from dmcore.augment import strategy
from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import LabelledImages
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.plan import UNLIMITED, Plan, evaluation_plan, events_under_plan
from dmcore.execution.workers import round_robin
from dmcore.networks import Network
from dmcore.randomness import torch_generator
from dmcore.training.checks import check_trainable
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import (
    ImageBatch,
    MinibatchRandomness,
    Uint8Images,
    batch_of,
    even_piece_size,
    loss_in_pieces,
    piece_size,
)
from dmcore.training.testing import accuracy, confusion_pieces, percent_right

CURVE_POINTS = 8
"""Epochs at which a network that is watched is tested on the way, spaced evenly in log time."""


@dataclass(frozen=True)
class EpochDone:
    """One pass over the small set."""

    network: NetworkSpec
    repeat: int
    """Which of the networks of this architecture, from 0."""
    epoch: int
    """From 0 to `epochs` inclusive, as in the published loop."""
    epochs: int
    loss: Float[Tensor, ""]
    """Mean cross-entropy of the pass, left on the device: reading it waits for the computation."""
    accuracy: float | None = None
    """Percent of the images that the network is watched on, at some epochs."""


@dataclass(frozen=True)
class ImagesTested:
    """One more piece of the test images has passed a trained network: a place to pause or stop at."""

    network: NetworkSpec
    repeat: int
    images: int
    """Test images done."""


@dataclass(frozen=True)
class NetworkTested:
    """One network trained to the end and tested on the whole test set."""

    network: NetworkSpec
    repeat: int
    accuracy: float
    """Percent."""
    confusion: Int64[Tensor, "true named"] = field(compare=False, repr=False)
    """How many test images of each class were named as each, on the CPU."""


EvaluationEvent = EpochDone | ImagesTested | NetworkTested


@dataclass(frozen=True)
class EvaluationResult:
    """All networks of one architecture: repeats of one set, not independent sets."""

    network: NetworkSpec
    mean: float
    """Percent."""
    std: float
    """Percent, ddof 0 over the networks, as published."""
    n: int
    accuracies: tuple[float, ...]
    """Percent, in the order of the repeats."""


def evaluate(
    images: ImageBatch | Uint8Images,
    label: Int64[Tensor, " image"],
    test: LabelledImages,
    networks: Sequence[NetworkSpec],
    config: EvaluateConfig,
    plan: Plan | None = None,
) -> Iterator[EvaluationEvent]:
    """Train `config.repeats` fresh networks of each architecture on the images and test each once.

    No event takes long, so a caller can pause or stop between any two of them.

    Args:
        images: The set to judge: normalised float32, or stored uint8 (normalised by `test.statistics`).
        label: Class of each image.
        test: Real images nobody trained on, whole.
        networks: Architectures with all their options (`config.networks` holds only names, for callers).
        config: The protocol.
        plan: Where and how to compute; left out, on the device the images are on.

    Raises:
        ValueError: There are no images, no test images, or their shapes differ.
    """
    check_trainable(images, label, test)
    for spec in networks:
        if not isinstance(spec, NetworkSpec):
            raise ValueError(f"networks are NetworkSpec, not {spec!r}: give NetworkSpec(network={spec!r})")
    plan = plan or evaluation_plan(str(images.device))
    device = plan.torch_device
    images, label, test = images.to(device), label.to(device), test.to(device)
    trained = (
        train_network(images, label, test, spec, repeat, config, plan)
        for spec in networks
        for repeat in range(config.repeats)
    )
    yield from events_under_plan(plan, round_robin(trained, plan.workers))


def train_network(
    images: ImageBatch | Uint8Images,
    label: Int64[Tensor, " image"],
    test: LabelledImages,
    spec: NetworkSpec,
    repeat: int,
    config: EvaluateConfig,
    plan: Plan,
    watched_on: LabelledImages | None = None,
) -> Generator[EvaluationEvent, None, tuple[Network, float]]:
    """Train one fresh network on images that `evaluate` would take, and test it.

    Returns the network, in eval mode, and its accuracy in percent.

    What torch keeps per process is the caller's to set: see `events_under_plan`. `watched_on` are test images that
    the network is tested on at some epochs, which changes nothing in it.
    """
    device, layout = plan.torch_device, plan.memory_format
    images, label, test = images.to(device), label.to(device), test.to(device)
    channels, height, width = images.shape[1:]
    network = empty_network(
        spec, (channels, height, width), len(test.class_names), device, plan.channels_last
    )
    initialise(network, torch_generator(config.seed, repeat, f"evaluation network {spec.network}"))
    operations = strategy(config.augment, test.flip_keeps_label)
    choices = MinibatchRandomness(config.seed, f"{spec.network} {repeat}", operations)
    batch_at = partial(batch_of, images, test.statistics, layout)
    piece = piece_size(spec, (channels, height, width), len(test.class_names), network, plan)
    losses = train(network, batch_at, label, config, choices.order_of_epoch, choices.augment, piece)
    looked_at = curve_epochs(config.epochs) if watched_on is not None else ()
    for epoch, loss in enumerate(losses):
        seen = None
        if watched_on is not None and epoch in looked_at:
            seen = accuracy(network, watched_on, layout)
            network.train()
        yield EpochDone(spec, repeat, epoch, config.epochs, loss, seen)
    named = torch.zeros(len(test.class_names), len(test.class_names), dtype=torch.int64)
    for count, part in confusion_pieces(network, test, layout):
        named += part.cpu()
        yield ImagesTested(spec, repeat, count)
    tested = NetworkTested(spec, repeat, percent_right(named), named)
    yield tested
    return network, tested.accuracy


def curve_epochs(epochs: int) -> frozenset[int]:
    """Epochs after which a watched network is tested: the first, the last, and some evenly in log time."""
    return frozenset(int(one) for one in np.rint(np.geomspace(1, epochs + 1, CURVE_POINTS)) - 1)


def train(
    network: nn.Module,
    batch_at: Callable[[Tensor], Tensor],
    label: Int64[Tensor, " image"],
    config: EvaluateConfig,
    order_of_epoch: Callable[[int, int], Tensor],
    augment: Callable[[Tensor, int, int], Tensor],
    piece: int = UNLIMITED,
) -> Iterator[Float[Tensor, ""]]:
    """Train in place; yields each epoch's mean loss, still on the device. No step waits for the device.

    Args:
        network: Fresh; all its parameters are trained.
        batch_at: Image positions -> normalised images.
        label: Class of each image.
        config: Epochs, rates and batch size.
        order_of_epoch: Epoch and number of images -> the order in which they are taken, on the CPU.
        augment: Batch, epoch and the batch's place in the epoch -> the batch as the network sees it.
        piece: Images that go through the network at once; smaller for networks in which images do not meet.
    """
    training = NetworkTraining(network, config)

    def loss_and_gradients(index: Tensor, place: int) -> tuple[Tensor, Sequence[Tensor]]:
        batch = augment(batch_at(index), training.epoch, place)
        size = even_piece_size(len(index), piece)
        return loss_in_pieces(network, batch, label[index], training.parameters, size, workers=1)

    while not training.done:
        order = order_of_epoch(training.epoch, len(label)).to(label.device, non_blocking=True)
        total = torch.zeros((), device=label.device)
        for loss in training.run_epoch(order, loss_and_gradients):
            total += loss
        yield total / len(label)


def summarise(events: Iterable[EvaluationEvent]) -> list[EvaluationResult]:
    """One result for each architecture, in the order they were first tested; other events are skipped."""
    accuracies: dict[NetworkSpec, list[float]] = {}
    for event in events:
        if isinstance(event, NetworkTested):
            accuracies.setdefault(event.network, []).append(event.accuracy)
    return [
        EvaluationResult(network, float(np.mean(each)), float(np.std(each)), len(each), tuple(each))
        for network, each in accuracies.items()
    ]
