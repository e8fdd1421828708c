"""Registry of architectures, and building a network from its spec (paper, section 4.1).

A name is the function's and the value on the command line. A norm left open is the architecture's default.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from dmcore.config import DEFAULT_NORMS, NetworkSpec, Norm
from dmcore.networks.alexnet import alexnet
from dmcore.networks.base import MapShape, Network
from dmcore.networks.convnet import convnet
from dmcore.networks.lenet import lenet
from dmcore.networks.mlp import mlp
from dmcore.networks.resnet import resnet18, resnet18_ap
from dmcore.networks.vgg import vgg11


@dataclass(frozen=True)
class Architecture:
    """Registry entry: how to build an architecture. Its default norm: `DEFAULT_NORMS`."""

    build: Callable[[NetworkSpec, MapShape, int], Network]
    supports_norms: bool = True
    """False for architectures without normalisation layers."""


REGISTRY: dict[str, Architecture] = {
    entry.build.__name__: entry
    for entry in (
        Architecture(convnet),
        Architecture(alexnet),
        Architecture(vgg11),
        Architecture(resnet18),
        Architecture(resnet18_ap),
        Architecture(mlp, supports_norms=False),
        Architecture(lenet, supports_norms=False),
    )
}


def resolved_norm(spec: NetworkSpec) -> Norm:
    """Norm of `spec`, or its architecture's default where it is left open."""
    return DEFAULT_NORMS[spec.network] if spec.norm is None else spec.norm


def uses_batch_statistics(spec: NetworkSpec) -> bool:
    """Whether an image's features depend on the rest of its batch (batch norm): no micro-batches then."""
    return resolved_norm(spec) == "batch"


def build_network(spec: NetworkSpec, channels: int, height: int, width: int, classes: int) -> Network:
    """Build a network for images of one size, in train mode, on torch's current default device.

    Its parameters are those of torch's constructors: initialise them from a generator of your own.

    Raises:
        ValueError: the architecture has no such option, or does not fit the image; with the remedy.
    """
    _check_options(spec)
    resolved = spec.model_copy(update={"norm": resolved_norm(spec)})
    return REGISTRY[spec.network].build(resolved, MapShape(channels, height, width), classes)


def feature_width(spec: NetworkSpec, channels: int, height: int, width: int) -> int:
    """Embedding dimension: length of `embed` for one image, without allocating the network."""
    with torch.device("meta"):
        return build_network(spec, channels, height, width, classes=1).classifier.in_features


def _check_options(spec: NetworkSpec) -> None:
    """Refuse options that the architecture would ignore."""
    if spec.norm not in (None, "none") and not REGISTRY[spec.network].supports_norms:
        raise ValueError(
            f"{spec.network} has no normalisation layers: leave norm open, or choose another network"
        )
    if spec.network == "convnet":
        return
    for option in ("width", "depth", "activation", "pooling"):
        usual = NetworkSpec.model_fields[option].default
        if getattr(spec, option) != usual:
            raise ValueError(f"{option} is an option of convnet: leave it at {usual} for {spec.network}")
