"""Testing a network on real images: how many of each class it names as what (section 4.1). Trains nothing."""

import torch
from jaxtyping import Int64
from torch import Tensor, nn

from dmcore.data.images import LabelledImages

TEST_PIECE = 256
"""Test images that pass the network at once: small enough for a laptop's memory, large enough for a GPU."""


def accuracy(network: nn.Module, test: LabelledImages, layout: torch.memory_format) -> float:
    """Percent of the real images the network names right, in eval mode; waits for the device once."""
    return percent_right(confusion(network, test, layout))


def percent_right(named: Int64[Tensor, "true named"]) -> float:
    """Accuracy of what `confusion` counted."""
    return 100.0 * int(named.diagonal().sum()) / int(named.sum())


@torch.no_grad()
def confusion(
    network: nn.Module, test: LabelledImages, layout: torch.memory_format
) -> Int64[Tensor, "true named"]:
    """How many images of each class the network names as each, in eval mode; left on the device."""
    network.eval()
    classes = len(test.class_names)
    counts = torch.zeros(classes * classes, dtype=torch.int64, device=test.label.device)
    pieces = zip(torch.split(test.images, TEST_PIECE), torch.split(test.label, TEST_PIECE), strict=True)
    for stored, label in pieces:
        images = test.statistics.normalise(stored).contiguous(memory_format=layout)
        counts += torch.bincount(label * classes + network(images).argmax(1), minlength=classes**2)
    return counts.reshape(classes, classes)
