"""Evaluation of an image set: train fresh classifiers on it, test them on real images (section 4.1).

The protocol is the authors' published loop to the letter: epochs 0 to E inclusive, the rate divided by ten
and a fresh optimiser after epoch E // 2 + 1, one augmentation operation per minibatch with parameters
per image, batch norm tested with its running statistics.
"""

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from dmcore.augment import strategy
from dmcore.config import EvaluateConfig, NetworkSpec, TrainingProtocol
from dmcore.data.images import LabelledImages
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.fused_training import trained_logits
from dmcore.execution.plan import Plan, evaluation_plan, events_under_plan
from dmcore.execution.workers import round_robin
from dmcore.networks import Network
from dmcore.randomness import torch_generator
from dmcore.training.checks import check_trainable
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import (
    ImageBatch,
    Minibatches,
    MinibatchRandomness,
    Uint8Images,
    batch_of,
    even_piece_size,
    piece_size,
)
from dmcore.training.testing import accuracy, confusion_pieces, percent_right

CURVE_POINTS = 8
"""Epochs of a training at which the accuracy curve has a point, spaced evenly in log time."""


@dataclass(frozen=True)
class EpochDone:
    """Event: one epoch over the training images is done."""

    network: NetworkSpec
    repeat: int
    """Index among the networks of this architecture, from 0."""
    epoch: int
    """From 0 to `epochs` inclusive, as in the published loop."""
    epochs: int
    loss: Float[Tensor, ""]
    """Mean cross-entropy of the pass, left on the device: reading it waits for the computation."""
    accuracy: float | None = None
    """Percent of `curve_test` at the epochs of the accuracy curve; else None."""


@dataclass(frozen=True)
class ImagesTested:
    """Event: one more piece of the test images has passed a trained network; a caller can pause here."""

    network: NetworkSpec
    repeat: int
    images: int
    """Test images done."""


@dataclass(frozen=True)
class NetworkTested:
    """Event: a network was trained to the end and tested on the whole test set."""

    network: NetworkSpec
    repeat: int
    accuracy: float
    """Percent."""
    confusion: Int64[Tensor, "true predicted"] = field(compare=False, repr=False)
    """Confusion matrix: test images of each class by predicted class, on the CPU."""


TrainingSet = tuple[ImageBatch | Uint8Images, Int64[Tensor, " image"]]
"""Images and the class of each."""
EvaluationEvent = EpochDone | ImagesTested | NetworkTested


@dataclass(frozen=True)
class EvaluationResult:
    """Mean and std of the networks of one architecture: repeats on one set, not independent sets."""

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
    further: Sequence[TrainingSet] = (),
) -> Iterator[EvaluationEvent]:
    """Train `config.repeats` fresh networks of each architecture on the images and test each once.

    No event takes long, so a caller can pause or stop between any two of them.

    Args:
        images: The set to evaluate: normalised float32, or stored uint8 (normalised by `test.statistics`).
        label: Class of each image.
        test: All real test images.
        networks: Architectures with all their options (`config.networks` has only names and is ignored).
        config: The protocol.
        plan: Where and how to compute; if None, on the device of the images.
        further: Further training sets, dealt out in turn with the first: repeat r is trained on set r modulo
            their number. Independent draws of images make the deviation one over draws and networks.

    Raises:
        ValueError: There are no images, no test images, or their shapes differ.
    """
    sets = ((images, label), *further)
    for each in sets:
        check_trainable(*each, test)
    for spec in networks:
        if not isinstance(spec, NetworkSpec):
            raise ValueError(f"networks are NetworkSpec, not {spec!r}: give NetworkSpec(network={spec!r})")
    plan = plan or evaluation_plan(str(images.device))
    device = plan.torch_device
    sets, test = tuple((images.to(device), label.to(device)) for images, label in sets), test.to(device)
    trained = (
        train_network(*sets[repeat % len(sets)], test, spec, repeat, config, plan)
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
    curve_test: LabelledImages | None = None,
) -> Generator[EvaluationEvent, None, tuple[Network, float]]:
    """Train one fresh network on checked images and test it.

    The caller sets torch's state of the process: see `events_under_plan`.

    Args:
        images: as `evaluate` takes them, checked by `check_trainable`.
        label: class of each image.
        test: all real test images.
        spec: the architecture.
        repeat: index of the network; it seeds everything random in it.
        config: the protocol.
        plan: where and how to compute.
        curve_test: test images for the accuracy curve; testing on them does not change the training.

    Returns:
        The network, in eval mode, and its accuracy in percent.
    """
    device, layout = plan.torch_device, plan.memory_format
    images, label, test = images.to(device), label.to(device), test.to(device)
    channels, height, width = images.shape[1:]
    network = empty_network(
        spec, (channels, height, width), len(test.class_names), device, plan.channels_last
    )
    initialise(network, torch_generator(config.seed, repeat, f"evaluation network {spec.network}"))
    operations = strategy(config.augment, test.flip_keeps_label)
    randomness = MinibatchRandomness(config.seed, f"{spec.network} {repeat}", operations)
    piece = piece_size(spec, (channels, height, width), len(test.class_names), network, plan)
    minibatches = Minibatches(
        partial(batch_of, images, test.statistics, layout),
        label,
        randomness.order_of_epoch,
        randomness.augment,
        piece_of=partial(even_piece_size, most=piece),
        logits=trained_logits,
    )
    losses = train(network, minibatches, config)
    tested_epochs = curve_epochs(config.epochs) if curve_test is not None else ()
    for epoch, loss in enumerate(losses):
        percent = None
        if curve_test is not None and epoch in tested_epochs:
            percent = accuracy(network, curve_test, layout)
            network.train()
        yield EpochDone(spec, repeat, epoch, config.epochs, loss, percent)
    matrix = torch.zeros(len(test.class_names), len(test.class_names), dtype=torch.int64)
    for count, part in confusion_pieces(network, test, layout):
        matrix += part.cpu()
        yield ImagesTested(spec, repeat, count)
    tested = NetworkTested(spec, repeat, percent_right(matrix), matrix)
    yield tested
    return network, tested.accuracy


def curve_epochs(epochs: int) -> frozenset[int]:
    """Epochs of the accuracy curve: the first, the last, and others spaced evenly in log time."""
    return frozenset(int(epoch) for epoch in np.rint(np.geomspace(1, epochs + 1, CURVE_POINTS)) - 1)


def train(
    network: nn.Module, minibatches: Minibatches, protocol: TrainingProtocol
) -> Iterator[Float[Tensor, ""]]:
    """Train a network in place; yields the mean loss of each epoch, on the device. No step waits for it.

    Args:
        network: fresh; all its parameters are trained.
        minibatches: what it is trained on.
        protocol: epochs, rates and batch size.
    """
    training = NetworkTraining(network, protocol)
    label = minibatches.label
    while not training.done:
        total = torch.zeros((), device=label.device)
        for loss in minibatches.train_epoch(training):
            total += loss
        yield total / len(label)


def summarise(events: Iterable[EvaluationEvent]) -> list[EvaluationResult]:
    """Mean and std for each architecture, in the order of their first test; other events are skipped."""
    accuracies: dict[NetworkSpec, list[float]] = {}
    for event in events:
        if isinstance(event, NetworkTested):
            accuracies.setdefault(event.network, []).append(event.accuracy)
    return [
        EvaluationResult(
            network, float(np.mean(percents)), float(np.std(percents)), len(percents), tuple(percents)
        )
        for network, percents in accuracies.items()
    ]
