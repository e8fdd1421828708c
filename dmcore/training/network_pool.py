"""Training of a pool of networks with stored intermediate states, for the trained sources of table 4.

Each network is trained on nine tenths of the training images by the published loop without its drop of the
rate; its states lie evenly in log time, because accuracies rise steeply in the first steps. A network is one
file, written when it is done: a kill loses only the networks in training.
"""

import math
from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from dmcore.augment import strategy
from dmcore.config import PoolConfig, TrainingProtocol
from dmcore.data.images import DataSet, LabelledImages
from dmcore.data.split import split_stratified
from dmcore.embedding.networks import empty_network, initialise
from dmcore.embedding.pool_files import is_intact
from dmcore.embedding.pool_index import PoolFile, PoolIndex, pool_folder, read_index, write_index
from dmcore.execution.fused_training import trained_logits
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.execution.workers import round_robin
from dmcore.files.tensor_file import write_state
from dmcore.networks import build_network
from dmcore.randomness import torch_generator
from dmcore.training.driver import (
    BATCHES_PER_EVENT,
    Content,
    read_or_set_aside,
    train_in_folder,
    train_to_end,
)
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import (
    Minibatches,
    MinibatchRandomness,
    batch_of,
    even_piece_size,
    piece_size,
)
from dmcore.training.testing import accuracy

STATES = 24
"""Stored states of each network."""
HELD_OUT_SHARE, HELD_OUT_MOST = 0.1, 2000
"""Of the training images, for validation."""
MAX_POOL_BYTES = 8 * 10**9
"""Largest size of a pool on disk."""


@dataclass(frozen=True)
class PoolProgress:
    """Progress of training a pool."""

    done: int
    """Finished networks."""
    requested: int
    """Networks that the pool should have."""
    fraction: float
    """Share of the work that is done, 0 to 1."""
    index: PoolIndex
    """Networks that are stored so far."""
    note: str = ""
    """Sentence on a deviation, such as setting a damaged file aside."""


def build_pool(
    dataset: DataSet, config: PoolConfig, networks: int, cache: Path, plan: Plan | None = None
) -> Generator[PoolProgress, None, None]:
    """Train the missing ones of the networks 0 to `networks`; each is stored as soon as it is done.

    Args:
        dataset: what to train on; its test images are not used.
        config: the architecture, the number of steps, and the precision of stored weights.
        networks: number of networks in the pool.
        cache: the cache root.
        plan: where and how to compute; made for this machine if None.

    Raises:
        StorageError: the cache cannot be written to.
        ValueError: another process builds it, it would be too large, or the architecture does not fit.
    """
    folder = pool_folder(dataset.digest, config, cache)
    stored = read_index(folder)
    if (
        stored is not None
        and stored.networks >= networks
        and all(is_intact(folder / file.name) for file in stored.files)
    ):
        yield PoolProgress(stored.networks, networks, 1.0, stored)
        return
    _refuse_if_too_large(dataset, config, networks)
    plan = plan or evaluation_plan()
    yield from train_in_folder(folder, plan, _build(dataset, config, networks, folder, plan))


def state_steps(steps: int) -> tuple[int, ...]:
    """Updates after which a network's state is stored, ascending, the last among them."""
    return tuple(sorted({int(step) for step in np.rint(np.geomspace(1, steps, STATES))}))


def split_held_out(dataset: DataSet) -> tuple[LabelledImages, LabelledImages]:
    """Split the training images into a training and a validation part, always the same."""
    train = dataset.train
    count = min(HELD_OUT_MOST, max(len(train.class_names), round(len(train) * HELD_OUT_SHARE)))
    rest, chosen = (
        torch.from_numpy(positions) for positions in split_stratified(train.label.cpu().numpy(), count)
    )
    return tuple(  # type: ignore[return-value]
        replace(train, images=train.images[part], label=train.label[part]) for part in (rest, chosen)
    )


def initialise_pool_network(network: nn.Module, number: int) -> None:
    """Initialise a network in place as the pool's network of this number before its first step."""
    initialise(network, torch_generator(0, number, "pool network start"))


def _build(
    dataset: DataSet, config: PoolConfig, networks: int, folder: Path, plan: Plan
) -> Iterator[PoolProgress]:
    train, validation = (part.to(plan.torch_device) for part in split_held_out(dataset))
    files, note = _intact_files(folder, config)
    index = PoolIndex(
        config=config.pool_config(),
        dataset=dataset.name,
        data=dataset.digest,
        validation=f"{len(validation)} of the training images, held out",
        files=files,
    )
    write_index(folder, index)
    finished = {file.network for file in files}
    missing = [number for number in range(networks) if number not in finished]
    steps_done = dict.fromkeys(missing, 0)
    trainings = (_trained(train, validation, config, number, folder, plan) for number in missing)

    def progress() -> PoolProgress:
        done = networks - len(missing) + sum(steps_done.values()) / config.pool_steps
        count = sum(file.network < networks for file in index.files)
        return PoolProgress(count, networks, done / networks, index, note)

    yield progress()
    for event in round_robin(trainings, plan.workers):
        if isinstance(event, PoolFile):
            all_files = sorted((*index.files, event), key=lambda file: file.network)
            index = index.model_copy(update={"files": tuple(all_files)})
            write_index(folder, index)
        else:
            steps_done[event[0]] = event[1]
        yield progress()


def _trained(
    train: LabelledImages,
    validation: LabelledImages,
    config: PoolConfig,
    number: int,
    folder: Path,
    plan: Plan,
) -> Generator[tuple[int, int] | PoolFile, None, None]:
    """Train one network and write its file; yields its number and step during the training."""
    spec, device = config.network_spec(), plan.torch_device
    classes, (channels, height, width) = len(train.class_names), train.images.shape[1:]
    network = empty_network(spec, (channels, height, width), classes, device, plan.channels_last)
    initialise_pool_network(network, number)
    protocol = TrainingProtocol(epochs=math.ceil(config.pool_steps / math.ceil(len(train) / 256)) * 2 + 2)
    training = NetworkTraining(network, protocol)
    randomness = MinibatchRandomness(
        0, f"pool {config.network} {number}", strategy(None, train.flip_keeps_label)
    )
    piece = piece_size(spec, (channels, height, width), classes, network, plan)
    minibatches = Minibatches(
        partial(batch_of, train.images, train.statistics, plan.memory_format),
        train.label,
        randomness.order_of_epoch,
        randomness.augment,
        piece_of=partial(even_piece_size, most=piece),
        logits=trained_logits,
    )
    stored_steps, steps = frozenset(state_steps(config.pool_steps)), config.pool_steps
    tensors: dict[str, Tensor] = {}
    states: list[tuple[int, float]] = []
    for step, _ in enumerate(islice(train_to_end(training, minibatches), steps), start=1):
        if step in stored_steps:
            states.append((step, round(accuracy(network, validation, plan.memory_format), 4)))
            network.train()
            tensors |= {
                f"{step}/{name}": tensor for name, tensor in _state_copy(network, config.pool_half).items()
            }
        if step % BATCHES_PER_EVENT == 0 or step in stored_steps:
            yield number, step
    name = f"network-{number:04}.safetensors"
    write_state(folder / name, tensors, {"network": number, "states": states})
    yield PoolFile(network=number, name=name, bytes=(folder / name).stat().st_size, states=tuple(states))


def _state_copy(network: nn.Module, half: bool) -> dict[str, Tensor]:
    return {
        name: (tensor.half() if half and tensor.is_floating_point() else tensor)
        .detach()
        .to("cpu", copy=True)
        .contiguous()
        for name, tensor in network.state_dict().items()
    }


def _intact_files(folder: Path, config: PoolConfig) -> tuple[tuple[PoolFile, ...], str]:
    """Stored networks whose files are intact, and a note on damaged files, which are set aside."""
    expected = state_steps(config.pool_steps)

    def has_all_states(content: Content) -> bool:
        return tuple(step for step, _ in content[1]["states"]) == expected

    intact, damaged = [], []
    for path in sorted(folder.glob("network-*.safetensors")):
        content = read_or_set_aside(path, has_all_states)
        if content is None:
            damaged.append(path.name)
            continue
        states = tuple((step, accuracy) for step, accuracy in content[1]["states"])
        intact.append(
            PoolFile(network=content[1]["network"], name=path.name, bytes=path.stat().st_size, states=states)
        )
    note = f"damaged and set aside, trained anew: {', '.join(damaged)}" if damaged else ""
    return tuple(intact), note


def _refuse_if_too_large(dataset: DataSet, config: PoolConfig, networks: int) -> None:
    with torch.device("meta"):
        network = build_network(config.network_spec(), *dataset.shape, len(dataset.class_names))
    bytes_each = sum(tensor.numel() for tensor in network.state_dict().values())
    bytes_each *= (2 if config.pool_half else 4) * len(state_steps(config.pool_steps))
    if bytes_each * networks > MAX_POOL_BYTES:
        raise ValueError(
            f"{networks} networks with their states would take {bytes_each * networks / 1e9:.1f} GB, "
            f"more than the {MAX_POOL_BYTES / 1e9:.0f} GB a pool may take: "
            f"{MAX_POOL_BYTES // bytes_each} networks fit"
            + ("" if config.pool_half else f", in half precision {2 * MAX_POOL_BYTES // bytes_each}")
        )
