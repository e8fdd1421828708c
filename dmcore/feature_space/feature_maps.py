"""Feature maps of an image after each block of a network, at three stages of its training.

The stages (random, half trained, trained) are states of one network of a pool, so channel 7 is the same
filter in each. A random network's maps still show the image, the paper's reason for matching in them;
training changes the filters.
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
from dmcore.training.network_pool import initialise_pool_network

StageKind = Literal["random", "half", "trained"]
CHANNELS = 16
"""Channels that are shown, the first of a block: before training none is special."""
BLOCKS = 4
MAP_DIMENSIONS = 4
"""Dimensions of a batch of maps."""

Maps = Float32[np.ndarray, "channel rows columns"]


@dataclass(frozen=True)
class TrainingStage:
    """State of a network at a stage of its training."""

    kind: StageKind
    step: int
    """Training updates so far."""
    accuracy: float | None
    """Of the held-out part of the training images, in percent; None for a network that was not trained."""


@dataclass(frozen=True)
class StageFeatureMaps:
    """Feature maps of an image at one training stage."""

    stage: TrainingStage
    blocks: tuple[Float32[np.ndarray, "_ _ _"], ...]
    """Maps of the first channels after each block, as the next block gets them."""


def training_stages(index: PoolIndex | None, number: int = 0) -> tuple[TrainingStage, ...]:
    """Stages of a network of a pool: random, half trained, trained; without a pool the first alone.

    Half trained is the stored state whose accuracy is nearest to half way between those of the first and the
    last stored state.

    Raises:
        ValueError: the pool does not have the network.
    """
    random = TrainingStage("random", 0, None)
    if index is None:
        return (random,)
    states = [state for state in index.states() if state.network == number]
    if not states:
        raise ValueError(f"the pool has no network {number}: build it first, with `dmcore pool build`")
    middle = (states[0].accuracy + states[-1].accuracy) / 2
    half = min(states[:-1], key=lambda state: abs(state.accuracy - middle), default=None)
    halfway = [TrainingStage("half", half.step, half.accuracy)] if half is not None else []
    return (random, *halfway, TrainingStage("trained", states[-1].step, states[-1].accuracy))


def feature_maps_by_stage(
    image: Float[Tensor, "channel height width"],
    dataset: DataSet,
    pool: PoolConfig,
    index: PoolIndex | None,
    cache: Path,
    *,
    number: int = 0,
    batch: Float[Tensor, "image channel height width"] | None = None,
    channels: int = CHANNELS,
) -> Iterator[StageFeatureMaps]:
    """Feature maps of an image at each stage of a network.

    Args:
        image: normalised.
        dataset: the data set of the network.
        pool: its architecture and training.
        index: networks of the pool; None: only the random one is used.
        cache: folder of pools.
        number: which network of the pool.
        batch: normalised images that batch norm normalises with; other networks do not need them.
        channels: number of channels of each block, the first ones.

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
            initialise_pool_network(network, number)
        else:
            check_pool_files(folder, index, number + 1)
            state = PoolState(network=number, step=stage.step, accuracy=stage.accuracy)
            network.load_state_dict(dict(read_weights(folder, index, state)))
        yield StageFeatureMaps(stage, block_feature_maps(network, image, batch, channels))


@torch.inference_mode()
def block_feature_maps(
    network: Network,
    image: Float[Tensor, "channel height width"],
    batch: Float[Tensor, "image channel height width"] | None = None,
    channels: int = CHANNELS,
) -> tuple[Float32[np.ndarray, "_ _ _"], ...]:
    """Feature maps of an image after each of the first blocks; a block goes from a convolution to the next.

    Args:
        network: any network with convolutions, on the CPU.
        image: normalised.
        batch: images that batch norm in train mode normalises with; left out, the image alone.
        channels: number of channels of each block, the first ones.

    Raises:
        ValueError: the network has no convolutions.
    """
    coupled = any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    maps = image[None]
    if coupled and batch is not None:
        maps = torch.cat([maps, batch])
    by_block: list[Maps] = []
    for block in _blocks(network.features)[:BLOCKS]:
        maps = block(maps)
        if maps.dim() != MAP_DIMENSIONS:
            break
        by_block.append(maps[0, :channels].clone().numpy())
    if not by_block:
        raise ValueError("this architecture has no feature maps: choose one with convolutions")
    return tuple(by_block)


def scale_for_display(maps: Maps) -> Maps:
    """Scale each map from 0, its least value, to 1, its greatest; a constant map is 0."""
    least = maps.min(axis=(1, 2), keepdims=True)
    range_ = maps.max(axis=(1, 2), keepdims=True) - least
    return (maps - least) / np.where(range_ > 0, range_, 1)  # type: ignore[no-any-return]


def _blocks(features: nn.Sequential) -> list[nn.Sequential]:
    """Split layers into blocks, each from a convolution up to the next; they end where maps are flattened."""
    blocks: list[list[nn.Module]] = []
    for layer in features:
        if isinstance(layer, nn.Flatten | nn.Linear):
            break
        if any(isinstance(module, nn.Conv2d) for module in layer.modules()):
            blocks.append([])
        if blocks:
            blocks[-1].append(layer)
    return [nn.Sequential(*layers) for layers in blocks]
