"""Refusal of a run that cannot fit into memory, by what it needs at least, before anything is allocated.

Otherwise the system would end the process, or others, without a word.
"""

import math

import psutil
import torch

from dmcore.config import CondenseConfig, MethodConfig
from dmcore.execution.activation_memory import ActivationBytes
from dmcore.networks import build_network

COPIES = 5
"""Of the synthetic images while they are learned: pixels, momentum, gradient, augmented ones, checkpoint."""
DOUBLE_BACKWARD_COPIES = 3
"""Of the activations of a backward pass: the graphs of the gradient and of its distance's gradient."""
GRADIENT_COPIES = 3
"""Of the weights of a network for each worker: the gradients on real and synthetic images, a temporary."""
BYTES = 4
"""Of a float32."""


def refuse_if_too_large(
    config: MethodConfig,
    shape: tuple[int, int, int],
    classes: int,
    per_image: ActivationBytes,
    device: torch.device,
    workers: int = 1,
) -> None:
    """Check that the weights of one network, the synthetic images and the replayed means fit, with one image.

    Of gradient matching the graphs of a class's synthetic images, which nothing makes smaller.

    Args:
        config: the run.
        shape: channels, height, width of its images.
        classes: how many classes its data set has.
        per_image: activation memory of its network.
        device: where the run is computed.
        workers: classes whose gradients are matched at the same time.

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
    }
    if isinstance(config, CondenseConfig):
        kept = config.replay * config.replay_keep
        needs["means"] = BYTES * kept * classes * network.classifier.in_features
    else:
        needs["network"] = weights * (1 + GRADIENT_COPIES * workers)
        needs["graphs"] = workers * DOUBLE_BACKWARD_COPIES * images_per_class * per_image.backward
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
        "means": ("the replayed real sides", "choose fewer with --replay-keep"),
        "graphs": (
            f"the gradients of {images_per_class} synthetic images of a class in {config.network}, "
            f"{workers} classes at a time,",
            "choose fewer --images-per-class, a smaller --width or fewer --threads",
        ),
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
