"""Test a network on real images: accuracy and confusion matrix (section 4.1)."""

from collections.abc import Iterator

import torch
from jaxtyping import Int64
from torch import Tensor, nn

from dmcore.data.images import LabelledImages

TEST_PIECE = 256
"""Test images between two events: small enough for a laptop's memory, large enough for a GPU."""
CPU_PIECE = 32
"""Test images that pass the network at once on a CPU, whose caches hold no more: 256 at once take 1.4
times as long at width 128 and as long at width 32 (n = 3 each)."""


def accuracy(network: nn.Module, test: LabelledImages, layout: torch.memory_format) -> float:
    """Accuracy of a network in percent, in eval mode; waits for the device once."""
    return percent_right(confusion(network, test, layout))


def percent_right(matrix: Int64[Tensor, "true predicted"]) -> float:
    """Accuracy in percent from a confusion matrix."""
    return 100.0 * int(matrix.diagonal().sum()) / int(matrix.sum())


def confusion(
    network: nn.Module, test: LabelledImages, layout: torch.memory_format
) -> Int64[Tensor, "true predicted"]:
    """Confusion matrix of a network, in eval mode; left on the device."""
    classes = len(test.class_names)
    counts = torch.zeros(classes, classes, dtype=torch.int64, device=test.label.device)
    for _, part in confusion_pieces(network, test, layout):
        counts += part
    return counts


def confusion_pieces(
    network: nn.Module, test: LabelledImages, layout: torch.memory_format
) -> Iterator[tuple[int, Int64[Tensor, "true predicted"]]]:
    """Confusion matrix a piece of test images at a time: yields images done and the counts of the piece."""
    network.eval()
    on_cpu = test.images.device.type == "cpu"
    for first in range(0, len(test), TEST_PIECE):
        images, label = (tensor[first : first + TEST_PIECE] for tensor in (test.images, test.label))
        pieces = torch.split(images, CPU_PIECE if on_cpu else TEST_PIECE)
        with torch.no_grad():  # not across an event: the caller's mode is its own
            predicted = torch.cat(
                [
                    network(test.statistics.normalise(piece).contiguous(memory_format=layout)).argmax(1)
                    for piece in pieces
                ]
            )
        classes = len(test.class_names)
        counts = torch.bincount(label * classes + predicted, minlength=classes**2)
        yield first + len(label), counts.reshape(classes, classes)
