"""Networks trained on a whole data set, kept in a cache by content: same data and settings, same network.

Used by whatever needs one: the feature space of figure 3, selection baselines, the whole-set reference. A
training goes on where it stopped, after a kill too. The protocol is `dmcore.training`'s. Knows no runs.
"""

import hashlib
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
from jaxtyping import Float, Int64
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from dmcore.atomic import storage_trouble_named
from dmcore.augment import strategy
from dmcore.config import Count, NetworkSpec, Operation, Rate
from dmcore.data import DataSet
from dmcore.embedding import fresh_network, initialise
from dmcore.evaluation import Choices, accuracy, batch_of, check_trainable, computed_by
from dmcore.networks import Network, couples_images
from dmcore.plan import Plan, evaluation_plan
from dmcore.randomness import torch_generator
from dmcore.trained_files import one_writer, read_state, write_state
from dmcore.training import Training
from dmcore.workers import side_by_side

FORMAT = 1
LAPTOP_PASSES = 300_000
"""Images that pass a network while a laptop trains it."""
LAPTOP_EPOCHS = (3, 60)
NETWORK, CHECKPOINT = "network.safetensors", "checkpoint.safetensors"
DAMAGED = ".damaged"
PIECE = 64
"""Images of a minibatch that pass a network together on a CPU: the same result however many work."""
BATCHES_A_TURN = 4
"""Minibatches between two events."""


class UntrainedError(ValueError):
    """The network that was asked for has not been trained yet."""


class TrainingConfig(NetworkSpec):
    """How a network is trained on a whole data set."""

    epochs: Count = 200
    """Passes over the images (the published loop makes one more)."""
    learning_rate: Rate = 0.01
    """Learning rate of the network; divided by ten half way."""
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    """Momentum of the network's SGD."""
    weight_decay: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 5e-4
    """Weight decay of the network's SGD."""
    batch: Count = 256
    """Images per training batch."""
    augment: tuple[Operation, ...] | None = None
    """Operations while training; left open, all six (digits: all but flip)."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 0
    """Every random choice of the training follows from this number."""

    def network_spec(self) -> NetworkSpec:
        """The architecture."""
        return NetworkSpec(**{field: getattr(self, field) for field in NetworkSpec.model_fields})


@dataclass(frozen=True)
class TrainingProgress:
    """How far a training is."""

    epoch: int
    """Epochs that are behind."""
    epochs: int
    """Of so many in all."""
    fraction: float
    """Share of the whole training, 0 to 1."""
    accuracy: float | None = None
    """Percent of the real test images; once the training is over."""
    note: str = ""
    """What had to be done differently, such as leaving a damaged file aside."""


@dataclass(frozen=True)
class TrainedNetwork:
    """A network that was trained to the end; frozen, in eval mode, on the CPU."""

    network: Network
    config: TrainingConfig
    accuracy: float
    """Percent of the real test images."""
    train_count: int
    key: str
    """16 hexadecimal digits that differ where data or settings do."""

    @property
    def sentence(self) -> str:
        """What it is, for a person."""
        kind = (
            f"ConvNet of width {self.config.width}"
            if self.config.network == "convnet"
            else self.config.network
        )
        return (
            f"{kind} trained on all {self.train_count:,} real images for {self.config.epochs} epochs "
            f"({self.accuracy:.1f} % test accuracy)"
        ).replace(",", "\u202f")


def laptop_training(shape: tuple[int, int, int], train_count: int) -> TrainingConfig:
    """A training that a laptop does in minutes: width 32, few epochs over many images, more over few."""
    side = min(shape[1:])
    deepest = max(1, int(math.log2(side)))  # each block halves the image
    epochs = round(LAPTOP_PASSES / max(1, train_count))
    return TrainingConfig(
        width=32,
        depth=min(deepest, 4 if side >= 64 else 3),
        epochs=max(LAPTOP_EPOCHS[0], min(LAPTOP_EPOCHS[1], epochs)),
    )


def train_whole(
    dataset: DataSet, config: TrainingConfig, root: Path, plan: Plan | None = None
) -> Iterator[TrainingProgress]:
    """Train on all real images and keep the network; what is done is kept after every epoch.

    Args:
        dataset: what to train and test on.
        config: the network and its protocol.
        root: the cache root.
        plan: where and how to compute; made for this machine if left out.

    Raises:
        StorageError: the cache cannot be written to.
        ValueError: another process trains it, or the architecture does not fit the images.
    """
    total = config.epochs + 1
    if (known := load_trained(dataset, config, root)) is not None:
        yield TrainingProgress(total, total, 1.0, known.accuracy)
        return
    check_trainable(dataset.train.images, dataset.train.label, dataset.test)
    folder = _folder(dataset, config, root)
    with storage_trouble_named(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with one_writer(folder):
        plan = plan or evaluation_plan()
        if couples_images(config.network_spec()) and plan.device == "cpu":  # a batch has to stay whole
            plan = plan.model_copy(update={"workers": 1, "threads": plan.workers * plan.threads})
        yield from computed_by(plan, _train(dataset, config, folder, plan))


def load_trained(dataset: DataSet, config: TrainingConfig, root: Path) -> TrainedNetwork | None:
    """The network, if it has been trained; None where it has not, or where its file is damaged."""
    found = read_state(_folder(dataset, config, root) / NETWORK)
    if found is None:
        return None
    state, facts = found
    network = fresh_network(
        config.network_spec(),
        dataset.shape,
        len(dataset.class_names),
        torch.device("cpu"),
        channels_last=True,
    )
    network.load_state_dict({name: one for name, one in state.items() if name != "epoch"})
    network.eval().requires_grad_(False)
    return TrainedNetwork(
        network, config, facts["accuracy"], len(dataset.train), training_key(dataset.digest, config)
    )


def training_key(digest: str, config: TrainingConfig) -> str:
    """What a training of these data is kept under: 16 hexadecimal digits."""
    text = f"{FORMAT}\n{digest}\n{config.model_dump_json()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _train(dataset: DataSet, config: TrainingConfig, folder: Path, plan: Plan) -> Iterator[TrainingProgress]:
    device, spec, total = plan.torch_device, config.network_spec(), config.epochs + 1
    train, test = dataset.train.to(device), dataset.test.to(device)
    network = fresh_network(spec, dataset.shape, len(dataset.class_names), device, plan.channels_last)
    initialise(network, torch_generator(config.seed, 0, "whole-set network"))
    training = Training(network, config)
    checkpoint, note, before = folder / CHECKPOINT, "", 0.0
    stored = read_state(checkpoint)
    if stored is not None:
        training.restore(stored[0])
        before = stored[1]["seconds"]
    elif checkpoint.exists():
        checkpoint.replace(checkpoint.with_name(CHECKPOINT + DAMAGED))
        note = "The stored training is damaged and was set aside: trained from the beginning."
    began = time.monotonic()
    choices = Choices(
        config.seed, f"whole set {config.network}", strategy(config.augment, dataset.mirrored_is_same)
    )
    normalised = partial(batch_of, train.images, train.statistics, plan.memory_format)

    def loss_and_gradients(index: Tensor, place: int) -> tuple[Tensor, Sequence[Tensor]]:
        batch = choices.augment(normalised(index), training.epoch, place)
        return _in_pieces(network, batch, train.label[index], training.parameters, piece, plan.workers)

    whole = couples_images(spec) or plan.device != "cpu"
    piece = config.batch if whole else PIECE
    batches = -(-len(train) // config.batch)
    while not training.done:
        order = choices.order_of_epoch(training.epoch, len(train)).to(device, non_blocking=True)
        epoch = training.epoch
        total_loss = torch.zeros((), device=device)
        for place, loss in enumerate(training.run_epoch(order, loss_and_gradients), start=1):
            total_loss += loss
            if place % BATCHES_A_TURN == 0 and place < batches:
                yield TrainingProgress(epoch, total, (epoch + place / batches) / total, note=note)
        if not bool(torch.isfinite(total_loss)):
            raise ValueError(
                f"the training ran away in epoch {epoch + 1}: its loss is no number; lower the learning rate"
            )
        write_state(checkpoint, training.state(), {"seconds": before + time.monotonic() - began})
        yield TrainingProgress(training.epoch, total, min(training.epoch / total, 0.999), note=note)
    percent = accuracy(network, test, plan.memory_format)
    facts = {
        "accuracy": percent,
        "seconds": before + time.monotonic() - began,
        "data": dataset.name,
        "digest": dataset.digest,
        "config": config.model_dump(mode="json"),
    }
    state = {name: one.detach().cpu().contiguous() for name, one in network.state_dict().items()}
    write_state(folder / NETWORK, state, facts)
    checkpoint.unlink(missing_ok=True)
    yield TrainingProgress(total, total, 1.0, percent, note)


def _in_pieces(
    network: Network,
    batch: Float[Tensor, "batch channel height width"],
    label: Int64[Tensor, " batch"],
    parameters: Sequence[Tensor],
    size: int,
    workers: int,
) -> tuple[Float[Tensor, ""], Sequence[Tensor]]:
    """Mean cross-entropy and its gradients, a piece per worker: exact where images do not meet."""

    def piece(part: slice) -> tuple[Tensor, ...]:
        loss = functional.cross_entropy(network(batch[part]), label[part], reduction="sum") / len(label)
        return loss.detach(), *torch.autograd.grad(loss, parameters)

    parts = [slice(first, first + size) for first in range(0, len(label), size)]
    loss, *gradients = (
        sum(each[1:], each[0]) for each in zip(*side_by_side(piece, parts, workers), strict=True)
    )
    return loss, gradients


def _folder(dataset: DataSet, config: TrainingConfig, root: Path) -> Path:
    return root / "trained" / training_key(dataset.digest, config)
