"""A pool of trained networks with states kept on the way, for the sources of table 4 that are not random.

Each network is trained on nine tenths of the training images by the published loop without its drop of the
rate; its states lie evenly in log time, because accuracies rise steeply in the first steps. A network is one
file, written when it is done: a kill loses the ones in training, nothing else. Knows no runs.
"""

import math
from collections.abc import Generator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dmcore.augment import strategy
from dmcore.config import PoolConfig, TrainingConfig
from dmcore.data.images import DataSet, LabelledImages
from dmcore.data.split import split_stratified
from dmcore.embedding.networks import empty_network, initialise
from dmcore.embedding.pool_files import is_intact
from dmcore.embedding.pool_index import PoolFile, PoolIndex, pool_folder, read_index, write_index
from dmcore.execution.plan import Plan, evaluation_plan, events_under_plan
from dmcore.execution.workers import round_robin
from dmcore.files.atomic import storage_errors_explained
from dmcore.files.tensor_file import read_state, single_writer, write_state
from dmcore.networks import build_network
from dmcore.randomness import torch_generator
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import (
    MinibatchRandomness,
    batch_of,
    even_piece_size,
    loss_in_pieces,
    piece_size,
)
from dmcore.training.testing import accuracy

STATES = 24
"""States kept of each network."""
HELD_OUT_SHARE, HELD_OUT_MOST = 0.1, 2000
"""Of the training images, for validation."""
MOST_BYTES = 8 * 10**9
"""Size of a pool on the disk at most."""
BATCHES_PER_EVENT = 4
"""Minibatches between two events."""
DAMAGED = ".damaged"


@dataclass(frozen=True)
class PoolProgress:
    """How far a pool is."""

    done: int
    """Networks that are finished."""
    requested: int
    fraction: float
    """Share of the whole, 0 to 1."""
    index: PoolIndex
    """What is there."""
    note: str = ""
    """What had to be done differently, such as setting a damaged file aside."""


def build_pool(
    dataset: DataSet, config: PoolConfig, networks: int, cache: Path, plan: Plan | None = None
) -> Generator[PoolProgress, None, None]:
    """Train the networks 0 to `networks` that are not there yet; each is kept as soon as it is done.

    Args:
        dataset: what to train on; its test images are not looked at.
        config: the architecture, how many steps, and in which precision weights are kept.
        networks: how many there should be.
        cache: the cache root.
        plan: where and how to compute; made for this machine if left out.

    Raises:
        StorageError: the cache cannot be written to.
        ValueError: another process builds it, it would be too large, or the architecture does not fit.
    """
    folder = pool_folder(dataset.digest, config, cache)
    known = read_index(folder)
    if (
        known is not None
        and known.networks >= networks
        and all(is_intact(folder / one.name) for one in known.files)
    ):
        yield PoolProgress(known.networks, networks, 1.0, known)
        return
    _refuse_if_too_large(dataset, config, networks)
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with single_writer(folder):
        plan = plan or evaluation_plan()
        yield from events_under_plan(plan, _build(dataset, config, networks, folder, plan))


def state_steps(steps: int) -> tuple[int, ...]:
    """After which updates a network's state is kept, ascending, the last among them."""
    return tuple(sorted({int(one) for one in np.rint(np.geomspace(1, steps, STATES))}))


def split_held_out(dataset: DataSet) -> tuple[LabelledImages, LabelledImages]:
    """The training images in two parts, the same for everyone: to train on, and to validate on."""
    train = dataset.train
    count = min(HELD_OUT_MOST, max(len(train.class_names), round(len(train) * HELD_OUT_SHARE)))
    rest, chosen = (torch.from_numpy(one) for one in split_stratified(train.label.cpu().numpy(), count))
    return tuple(  # type: ignore[return-value]
        replace(train, images=train.images[part], label=train.label[part]) for part in (rest, chosen)
    )


def initialise_pool_network(network: nn.Module, number: int) -> None:
    """Fill a network in place as the pool's network of this number was before its first step."""
    initialise(network, torch_generator(0, number, "pool network start"))


def _build(
    dataset: DataSet, config: PoolConfig, networks: int, folder: Path, plan: Plan
) -> Iterator[PoolProgress]:
    train, validation = (part.to(plan.torch_device) for part in split_held_out(dataset))
    files, note = _whole_files(folder, config)
    index = PoolIndex(
        config=config.pool_config(),
        dataset=dataset.name,
        data=dataset.digest,
        validation=f"{len(validation)} of the training images, held out",
        files=files,
    )
    write_index(folder, index)
    there = {one.network for one in files}
    missing = [number for number in range(networks) if number not in there]
    begun = dict.fromkeys(missing, 0)
    trainings = (_trained(train, validation, config, number, folder, plan) for number in missing)

    def progress() -> PoolProgress:
        done = networks - len(missing) + sum(begun.values()) / config.pool_steps
        finished = sum(one.network < networks for one in index.files)
        return PoolProgress(finished, networks, done / networks, index, note)

    yield progress()
    for event in round_robin(trainings, plan.workers):
        if isinstance(event, PoolFile):
            grown = sorted((*index.files, event), key=lambda one: one.network)
            index = index.model_copy(update={"files": tuple(grown)})
            write_index(folder, index)
        else:
            begun[event[0]] = event[1]
        yield progress()


def _trained(
    train: LabelledImages,
    validation: LabelledImages,
    config: PoolConfig,
    number: int,
    folder: Path,
    plan: Plan,
) -> Generator[tuple[int, int] | PoolFile, None, None]:
    """Train one network and write its file; yields its number and step on the way."""
    spec, device = config.network_spec(), plan.torch_device
    classes, (channels, height, width) = len(train.class_names), train.images.shape[1:]
    network = empty_network(spec, (channels, height, width), classes, device, plan.channels_last)
    initialise_pool_network(network, number)
    schedule = TrainingConfig(epochs=math.ceil(config.pool_steps / math.ceil(len(train) / 256)) * 2 + 2)
    training = NetworkTraining(network, schedule)
    choices = MinibatchRandomness(
        0, f"pool {config.network} {number}", strategy(None, train.flip_keeps_label)
    )
    normalised = partial(batch_of, train.images, train.statistics, plan.memory_format)
    piece = piece_size(spec, (channels, height, width), classes, network, plan)

    def loss_and_gradients(place_of: Tensor, place: int) -> tuple[Tensor, Sequence[Tensor]]:
        batch = choices.augment(normalised(place_of), training.epoch, place)
        size = even_piece_size(len(place_of), piece)
        return loss_in_pieces(network, batch, train.label[place_of], training.parameters, size, workers=1)

    kept, step, steps = frozenset(state_steps(config.pool_steps)), 0, config.pool_steps
    tensors: dict[str, Tensor] = {}
    states: list[tuple[int, float]] = []
    while step < steps:
        order = choices.order_of_epoch(training.epoch, len(train)).to(device, non_blocking=True)
        for _ in training.run_epoch(order, loss_and_gradients):
            step += 1
            if step in kept:
                states.append((step, round(accuracy(network, validation, plan.memory_format), 4)))
                network.train()
                tensors |= {f"{step}/{name}": one for name, one in _copied(network, config.pool_half).items()}
            if step % BATCHES_PER_EVENT == 0 or step in kept:
                yield number, step
            if step == steps:
                break
    name = f"network-{number:04}.safetensors"
    write_state(folder / name, tensors, {"network": number, "states": states})
    yield PoolFile(network=number, name=name, bytes=(folder / name).stat().st_size, states=tuple(states))


def _copied(network: nn.Module, half: bool) -> dict[str, Tensor]:
    return {
        name: (one.half() if half and one.is_floating_point() else one)
        .detach()
        .to("cpu", copy=True)
        .contiguous()
        for name, one in network.state_dict().items()
    }


def _whole_files(folder: Path, config: PoolConfig) -> tuple[tuple[PoolFile, ...], str]:
    """The networks that are there and whole; a damaged file is set aside and said so."""
    found, damaged = [], []
    for path in sorted(folder.glob("network-*.safetensors")):
        read = read_state(path)
        steps = () if read is None else tuple(step for step, _ in read[1]["states"])
        if read is None or steps != state_steps(config.pool_steps):
            damaged.append(path.name)
            with suppress(OSError):
                path.replace(path.with_name(path.name + DAMAGED))
            continue
        states = tuple((step, accuracy) for step, accuracy in read[1]["states"])
        found.append(
            PoolFile(network=read[1]["network"], name=path.name, bytes=path.stat().st_size, states=states)
        )
    note = f"damaged and set aside, trained anew: {', '.join(damaged)}" if damaged else ""
    return tuple(found), note


def _refuse_if_too_large(dataset: DataSet, config: PoolConfig, networks: int) -> None:
    with torch.device("meta"):
        network = build_network(config.network_spec(), *dataset.shape, len(dataset.class_names))
    each = sum(one.numel() for one in network.state_dict().values()) * (2 if config.pool_half else 4)
    each *= len(state_steps(config.pool_steps))
    if each * networks > MOST_BYTES:
        raise ValueError(
            f"{networks} networks with their states would take {each * networks / 1e9:.1f} GB, more than the "
            f"{MOST_BYTES / 1e9:.0f} GB a pool may take: {MOST_BYTES // each} networks fit"
            + ("" if config.pool_half else f", in half precision {2 * MOST_BYTES // each}")
        )
