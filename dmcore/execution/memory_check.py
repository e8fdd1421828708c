"""Refusal of a run that cannot fit into memory, by what it needs at least, before anything is allocated.

Otherwise the system would end the process, or others, without a word.
"""

import math

import psutil
import torch

from dmcore.config import CondenseConfig
from dmcore.execution.activation_memory import ActivationBytes
from dmcore.networks import build_network

COPIES = 5
"""Of the synthetic images while they are learned: pixels, momentum, gradient, augmented ones, checkpoint."""
BYTES = 4
"""Of a float32."""


def refuse_if_too_large(
    config: CondenseConfig,
    shape: tuple[int, int, int],
    classes: int,
    per_image: ActivationBytes,
    device: torch.device,
) -> None:
    """Check that the weights of one network, the synthetic images and the replayed means fit, with one image.

    Args:
        config: the run.
        shape: channels, height, width of its images.
        classes: how many classes its data set has.
        per_image: activation memory of its network.
        device: where the run is computed.

    Raises:
        ValueError: they do not; names what takes the most and the option to change.
    """
    with torch.device("meta"):
        network = build_network(config.network_spec(), *shape, classes)
    weights = BYTES * sum(parameter.numel() for parameter in network.parameters())
    images_per_class = sum(spec.images_per_class for spec in config.all_sets())
    needs = {
        "network": weights + per_image.cached_filters + per_image.backward,
        "images": COPIES * BYTES * classes * images_per_class * math.prod(shape),
        "means": config.replay * BYTES * config.replay_keep * classes * network.classifier.in_features,
    }
    memory = free_bytes(device)
    if sum(needs.values()) <= memory:
        return
    largest = max(needs, key=lambda part: needs[part])
    sentence, remedy = {
        "network": (
            f"one {config.network} of width {config.width}",
            "choose a smaller --width" if config.network == "convnet" else "choose another --network",
        ),
        "images": (
            f"{classes} classes x {images_per_class} synthetic images",
            "choose fewer --images-per-class",
        ),
        "means": (f"{config.replay_keep} replayed real sides", "choose fewer with --replay-keep"),
    }[largest]
    raise ValueError(
        f"{sentence} of {'×'.join(map(str, shape))} take about {needs[largest] / 1e9:.1f} GB of memory, "
        f"{memory / 1e9:.1f} GB are free: {remedy}"
    )


def free_bytes(device: torch.device) -> int:
    """Memory of a device in bytes that is free now."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return int(psutil.virtual_memory().available)
