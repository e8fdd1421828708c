"""Features and feature maps of single classes, computed in the batches that Algorithm 1 computes them in.

Batch norm normalises an image by its whole batch, and Algorithm 1 passes all classes as one: so does this.
With any other norm an image's features depend on no other image, and each class passes by itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from dmcore.config import NetworkSpec
from dmcore.execution.activation_memory import activation_bytes
from dmcore.execution.memory_check import free_bytes
from dmcore.execution.plan import BUDGET_SHARE, Plan
from dmcore.networks import Network, uses_batch_statistics
from dmcore.runs.recompute.block_maps import block_maps
from dmcore.runs.recompute.values import SHOWN, FeatureArray, MapArray


@dataclass(frozen=True)
class EmbeddedClass:
    """Augmented images of one class as a network embeds them."""

    features: FeatureArray
    """Of all images."""
    maps: tuple[MapArray, ...]
    """Feature maps of the first few images after each block."""


@torch.no_grad()
def embed_classes(
    network: Network,
    spec: NetworkSpec,
    augmented: Callable[[int], Tensor],
    classes: int,
    labels: Sequence[int],
    plan: Plan,
) -> dict[int, EmbeddedClass]:
    """Features and maps of classes by label.

    Args:
        network: in train mode, as Algorithm 1 has it.
        spec: of the network.
        augmented: augmented images of the class of a label.
        classes: how many classes there are, all of which pass with batch norm.
        labels: classes that are returned.
        plan: execution plan of the run.

    Raises:
        ValueError: the maps of all classes as one batch need more memory than is free.
    """
    if not uses_batch_statistics(spec):
        return {label: _embed(network, [augmented(label)], [0], plan)[0] for label in labels}
    images = [augmented(label) for label in range(classes)]
    _refuse_large_batch(spec, images, plan)
    return dict(zip(labels, _embed(network, images, labels, plan), strict=True))


def _embed(
    network: Network, images_by_class: Sequence[Tensor], chosen: Sequence[int], plan: Plan
) -> list[EmbeddedClass]:
    """The chosen classes of a batch."""
    counts = [len(images) for images in images_by_class]
    joint = images_by_class[0] if len(counts) == 1 else torch.cat(list(images_by_class))
    pieces = [plan.embed(network, piece) for piece in torch.split(joint, plan.piece)]
    features = torch.split(torch.cat(pieces), counts)
    # with a single class nothing depends on the images that are not shown: they need not pass
    batch = joint if len(counts) > 1 else joint[:SHOWN]
    shown = [range(sum(counts[:index]), sum(counts[:index]) + min(SHOWN, counts[index])) for index in chosen]
    maps = block_maps(network, batch, [position for of_class in shown for position in of_class])
    embedded, first = [], 0
    for index, of_class in zip(chosen, shown, strict=True):
        of_maps = tuple(block[first : first + len(of_class)] for block in maps)
        embedded.append(EmbeddedClass(features[index].to("cpu", copy=True).numpy(), of_maps))
        first += len(of_class)
    return embedded


def _refuse_large_batch(spec: NetworkSpec, images: Sequence[Tensor], plan: Plan) -> None:
    count = sum(map(len, images))
    channels, height, width = images[0].shape[1:]
    need = count * activation_bytes(spec, (channels, height, width), len(images)).peak_inference
    budget = BUDGET_SHARE * free_bytes(plan.torch_device)
    if need > budget:
        raise ValueError(
            f"the feature maps of an update with batch norm need all {count} images as one batch, about "
            f"{need / 1e9:.1f} GB of the {budget / 1e9:.1f} GB to spare here: close other programs, or "
            "choose a run with a narrower network or another norm"
        )
