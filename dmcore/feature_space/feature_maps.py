"""What a network makes of one image, block after block, before its training, half way through, and after it.

The three stages are one network of a pool at three moments, so channel 7 is the same filter in each. A random
network's maps still show the image, the paper's reason for matching in them; training changes the filters.
Knows no runs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from jaxtyping import Float, Float32
from torch import Tensor, nn

from dmcore.config import PoolConfig
from dmcore.data.images import DataSet
from dmcore.embedding.networks import empty_network
from dmcore.embedding.pool_files import check_pool_files, read_weights
from dmcore.embedding.pool_index import PoolIndex, PoolState, pool_folder
from dmcore.networks import Network
from dmcore.training.network_pool import begin

StageKind = Literal["random", "half", "trained"]
CHANNELS = 16
"""The first of a block: before training none is special, and the same ones can be followed through it."""
BLOCKS = 4
MAP_DIMENSIONS = 4
"""Dimensions of a batch of maps."""

Maps = Float32[np.ndarray, "channel rows columns"]


@dataclass(frozen=True)
class TrainingStage:
    """One network at one moment of its training."""

    kind: StageKind
    step: int
    """Updates behind it."""
    accuracy: float | None
    """Of the held-out part of the training images, in percent; None for a network that was not trained."""


@dataclass(frozen=True)
class StageFeatureMaps:
    """What one stage makes of the image."""

    stage: TrainingStage
    blocks: tuple[Float32[np.ndarray, "_ _ _"], ...]
    """After each block the maps of its first channels, as the next block gets them."""


def training_stages(index: PoolIndex | None, number: int = 0) -> tuple[TrainingStage, ...]:
    """The stages of a network of a pool: at random, half trained, trained; without a pool the first alone.

    Half trained is the kept state whose accuracy is nearest to half way between that of the first kept state
    and of the last.

    Raises:
        ValueError: the pool does not have the network.
    """
    random = TrainingStage("random", 0, None)
    if index is None:
        return (random,)
    states = [one for one in index.states() if one.network == number]
    if not states:
        raise ValueError(f"the pool has no network {number}: build it first, with `dmcore pool build`")
    middle = (states[0].accuracy + states[-1].accuracy) / 2
    half = min(states[:-1], key=lambda one: abs(one.accuracy - middle), default=None)
    found = [TrainingStage("half", half.step, half.accuracy)] if half is not None else []
    return (random, *found, TrainingStage("trained", states[-1].step, states[-1].accuracy))


def feature_maps_by_stage(
    image: Float[Tensor, "channel height width"],
    dataset: DataSet,
    pool: PoolConfig,
    index: PoolIndex | None,
    cache: Path,
    *,
    number: int = 0,
    company: Float[Tensor, "image channel height width"] | None = None,
    channels: int = CHANNELS,
) -> Iterator[StageFeatureMaps]:
    """What each stage of a network makes of an image.

    Args:
        image: normalised.
        dataset: what the network is for.
        pool: its architecture and training.
        index: the networks that are there; None: only the random one is seen.
        cache: where pools are.
        number: which network of the pool.
        company: normalised images that batch norm normalises with; other networks do not need them.
        channels: of each block, the first so many.

    Raises:
        ValueError: the pool does not have the network or is damaged, or the architecture has no maps.
    """
    network = empty_network(
        pool.network_spec(), dataset.shape, len(dataset.class_names), torch.device("cpu"), channels_last=False
    )
    network.train().requires_grad_(False)
    folder = pool_folder(dataset.digest, pool, cache)
    for stage in training_stages(index, number):
        if stage.accuracy is None or index is None:
            begin(network, number)
        else:
            check_pool_files(folder, index, number + 1)
            state = PoolState(network=number, step=stage.step, accuracy=stage.accuracy)
            network.load_state_dict(dict(read_weights(folder, index, state)))
        yield StageFeatureMaps(stage, block_feature_maps(network, image, company, channels))


@torch.inference_mode()
def block_feature_maps(
    network: Network,
    image: Float[Tensor, "channel height width"],
    company: Float[Tensor, "image channel height width"] | None = None,
    channels: int = CHANNELS,
) -> tuple[Float32[np.ndarray, "_ _ _"], ...]:
    """The maps of an image after each of the first blocks; a block goes from a convolution to the next.

    Args:
        network: any network with convolutions, on the CPU.
        image: normalised.
        company: images that batch norm in train mode normalises with; left out, the image alone.
        channels: of each block, the first so many.

    Raises:
        ValueError: the network has no convolutions.
    """
    coupled = any(isinstance(one, nn.BatchNorm2d) for one in network.modules())
    maps = image[None]
    if coupled and company is not None:
        maps = torch.cat([maps, company])
    found: list[Maps] = []
    for block in _blocks(network.features)[:BLOCKS]:
        maps = block(maps)
        if maps.dim() != MAP_DIMENSIONS:
            break
        found.append(maps[0, :channels].clone().numpy())
    if not found:
        raise ValueError("this architecture has no feature maps: choose one with convolutions")
    return tuple(found)


def scale_for_display(maps: Maps) -> Maps:
    """Each map by itself, from 0 for its least value to 1 for its greatest; a constant one is 0."""
    least = maps.min(axis=(1, 2), keepdims=True)
    range_ = maps.max(axis=(1, 2), keepdims=True) - least
    return (maps - least) / np.where(range_ > 0, range_, 1)  # type: ignore[no-any-return]


def _blocks(features: nn.Sequential) -> list[nn.Sequential]:
    """Runs of layers, each from one that convolves up to the next; they end where maps are flattened."""
    blocks: list[list[nn.Module]] = []
    for layer in features:
        if isinstance(layer, nn.Flatten | nn.Linear):
            break
        if any(isinstance(one, nn.Conv2d) for one in layer.modules()):
            blocks.append([])
        if blocks:
            blocks[-1].append(layer)
    return [nn.Sequential(*one) for one in blocks]
