"""The evaluation of section 4.1 with events between pieces of test images, for callers that must not wait.

A network's test on ten thousand images takes seconds on a laptop; here a pause or a stop can come between any
two pieces of it. Accuracies are the same, bit for bit. Must not know about run folders.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.images import LabelledImages
from dmcore.evaluation import EpochDone, NetworkTested, check_trainable, computed_by, train_network
from dmcore.networks import Network
from dmcore.plan import Plan
from dmcore.testing import TEST_PIECE, confusion, percent_right
from dmcore.workers import in_step

Images = Float[Tensor, "image channel height width"] | UInt8[Tensor, "image channel height width"]


@dataclass(frozen=True)
class ImagesTested:
    """One more piece of the test images has passed a trained network."""

    network: NetworkSpec
    repeat: int
    images: int
    """Test images done."""


Event = EpochDone | ImagesTested | NetworkTested


def evaluate_piecewise(
    images: Images,
    label: Int64[Tensor, " image"],
    test: LabelledImages,
    networks: Sequence[NetworkSpec],
    config: EvaluateConfig,
    plan: Plan,
) -> Iterator[Event]:
    """What `dmcore.evaluate` does, with an event after each piece of test images.

    Raises:
        ValueError: there are no images, no test images, or their shapes differ.
    """
    check_trainable(images, label, test)
    device = plan.torch_device
    images, label, test = images.to(device), label.to(device), test.to(device)
    trained = (
        _trained_and_tested(images, label, test, spec, repeat, config, plan)
        for spec in networks
        for repeat in range(config.repeats)
    )
    yield from computed_by(plan, in_step(trained, plan.workers))


def _trained_and_tested(
    images: Images,
    label: Int64[Tensor, " image"],
    test: LabelledImages,
    spec: NetworkSpec,
    repeat: int,
    config: EvaluateConfig,
    plan: Plan,
) -> Generator[Event, None, None]:
    one = replace(test, images=test.images[:1], label=test.label[:1])  # the test proper comes below
    network = yield from _trained(train_network(images, label, one, spec, repeat, config, plan))
    classes, count = len(test.class_names), len(test)
    named = torch.zeros(classes, classes, dtype=torch.int64)
    for first in range(0, count, TEST_PIECE):
        piece = slice(first, first + TEST_PIECE)
        tested = replace(test, images=test.images[piece], label=test.label[piece])
        named += confusion(network, tested, plan.memory_format).cpu()
        yield ImagesTested(spec, repeat, min(count, first + TEST_PIECE))
    yield NetworkTested(spec, repeat, percent_right(named), named)


def _trained(
    events: Generator[EpochDone | NetworkTested, None, tuple[Network, float]],
) -> Generator[EpochDone, None, Network]:
    """The passes of a training, and the network that came out."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            network: Network = end.value[0]
            return network
        if isinstance(event, EpochDone):
            yield event
