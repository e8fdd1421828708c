"""Networks trained on a whole data set, kept in a cache by content: same data and settings, same network.

Used by whatever needs one: the feature space of figure 3, selection baselines, the whole-set reference. A
training goes on where it stopped, after a kill too. The protocol is `dmcore.training.loop`'s. Knows no runs.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from dmcore.augment import strategy
from dmcore.config import TrainingConfig
from dmcore.config.formatting import grouped
from dmcore.data.images import DataSet
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.plan import Plan, evaluation_plan, events_under_plan
from dmcore.files.atomic import storage_errors_explained
from dmcore.files.tensor_file import read_state, single_writer, write_state
from dmcore.networks import Network, uses_batch_statistics
from dmcore.randomness import torch_generator
from dmcore.training.checks import check_trainable
from dmcore.training.forgetting_events import ForgettingCounts, ForgettingMeter
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import MinibatchRandomness, batch_of, loss_in_pieces
from dmcore.training.testing import accuracy

FORMAT = 1
NETWORK, CHECKPOINT = "network.safetensors", "checkpoint.safetensors"
FORGETTING = "forgetting.safetensors"
DAMAGED = ".damaged"
PIECE = 64
"""Images of a minibatch that pass a network together on a CPU: the same result however many work."""
BATCHES_PER_EVENT = 4
"""Minibatches between two events."""


class UntrainedError(ValueError):
    """The network that was asked for has not been trained yet."""


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
            f"{kind} trained on all {grouped(self.train_count)} real images for {self.config.epochs} epochs "
            f"({self.accuracy:.1f} % test accuracy)"
        )


def train_whole(
    dataset: DataSet,
    config: TrainingConfig,
    root: Path,
    plan: Plan | None = None,
    *,
    counted: bool = False,
) -> Iterator[TrainingProgress]:
    """Train on all real images and keep the network; what is done is kept after every epoch.

    Args:
        dataset: what to train and test on.
        config: the network and its protocol.
        root: the cache root.
        plan: where and how to compute; made for this machine if left out.
        counted: whether forgetting counts are needed too. Every training keeps them; a network of an older
            version, which did not, is trained once more for them and stays as it is.

    Raises:
        StorageError: the cache cannot be written to.
        ValueError: another process trains it, or the architecture does not fit the images.
    """
    total = config.epochs + 1
    known = load_trained(dataset, config, root)
    if known is not None and not (counted and load_forgetting(dataset, config, root) is None):
        yield TrainingProgress(total, total, 1.0, known.accuracy)
        return
    check_trainable(dataset.train.images, dataset.train.label, dataset.test)
    folder = _folder(dataset, config, root)
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with single_writer(folder):
        plan = plan or evaluation_plan()
        if uses_batch_statistics(config.network_spec()) and plan.device == "cpu":  # a batch has to stay whole
            plan = plan.model_copy(update={"workers": 1, "threads": plan.workers * plan.threads})
        yield from events_under_plan(plan, _train(dataset, config, folder, plan, counted))


def load_trained(dataset: DataSet, config: TrainingConfig, root: Path) -> TrainedNetwork | None:
    """The network, if it has been trained; None where it has not, or where its file is damaged."""
    found = read_state(_folder(dataset, config, root) / NETWORK)
    if found is None:
        return None
    state, facts = found
    network = empty_network(
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


def load_forgetting(dataset: DataSet, config: TrainingConfig, root: Path) -> ForgettingCounts | None:
    """What the network forgot while it was trained; None where nobody counted, or the file is damaged."""
    found = read_state(_folder(dataset, config, root) / FORGETTING)
    meter = None if found is None else ForgettingMeter.stored_in(found[0], torch.device("cpu"))
    return None if meter is None else meter.counts()


def training_key(digest: str, config: TrainingConfig) -> str:
    """What a training of these data is kept under: 16 hexadecimal digits."""
    text = f"{FORMAT}\n{digest}\n{config.model_dump_json()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _train(
    dataset: DataSet, config: TrainingConfig, folder: Path, plan: Plan, counted: bool
) -> Iterator[TrainingProgress]:
    device, spec, total = plan.torch_device, config.network_spec(), config.epochs + 1
    train, test = dataset.train.to(device), dataset.test.to(device)
    network = empty_network(spec, dataset.shape, len(dataset.class_names), device, plan.channels_last)
    initialise(network, torch_generator(config.seed, 0, "whole-set network"))
    training = NetworkTraining(network, config)
    checkpoint, note, before = folder / CHECKPOINT, "", 0.0
    stored = read_state(checkpoint)
    meter: ForgettingMeter | None = ForgettingMeter.fresh(len(train), device)
    if stored is not None:
        known = ForgettingMeter.stored_in(stored[0], device)
        if known is not None or not counted:  # else an older version began it, without counting
            training.restore(stored[0])
            before, meter = stored[1]["seconds"], known
    elif checkpoint.exists():
        checkpoint.replace(checkpoint.with_name(CHECKPOINT + DAMAGED))
        note = "The stored training is damaged and was set aside: trained from the beginning."
    began = time.monotonic()
    choices = MinibatchRandomness(
        config.seed, f"whole set {config.network}", strategy(config.augment, dataset.flip_keeps_label)
    )
    normalised = partial(batch_of, train.images, train.statistics, plan.memory_format)

    def loss_and_gradients(index: Tensor, place: int) -> tuple[Tensor, Sequence[Tensor]]:
        batch = choices.augment(normalised(index), training.epoch, place)
        label = train.label[index]

        def look(part: slice, logits: Tensor) -> None:
            if meter is not None:
                meter.see(index[part], logits, label[part])

        return loss_in_pieces(network, batch, label, training.parameters, piece, plan.workers, look)

    whole = uses_batch_statistics(spec) or plan.device != "cpu"
    piece = config.batch if whole else PIECE
    batches = -(-len(train) // config.batch)
    while not training.done:
        order = choices.order_of_epoch(training.epoch, len(train)).to(device, non_blocking=True)
        epoch = training.epoch
        total_loss = torch.zeros((), device=device)
        for place, loss in enumerate(training.run_epoch(order, loss_and_gradients), start=1):
            total_loss += loss
            if place % BATCHES_PER_EVENT == 0 and place < batches:
                yield TrainingProgress(epoch, total, (epoch + place / batches) / total, note=note)
        if not bool(torch.isfinite(total_loss)):
            raise ValueError(
                f"the training ran away in epoch {epoch + 1}: its loss is no number; lower the learning rate"
            )
        state = training.state() | ({} if meter is None else meter.state())
        write_state(checkpoint, state, {"seconds": before + time.monotonic() - began})
        yield TrainingProgress(training.epoch, total, min(training.epoch / total, 0.999), note=note)
    percent = accuracy(network, test, plan.memory_format)
    facts = {
        "accuracy": percent,
        "seconds": before + time.monotonic() - began,
        "data": dataset.name,
        "digest": dataset.digest,
        "config": config.model_dump(mode="json"),
    }
    if meter is not None:
        write_state(folder / FORGETTING, meter.state(), facts)
    if read_state(folder / NETWORK) is None:  # one that is there stays as it is: maps are known by it
        state = {name: one.detach().cpu().contiguous() for name, one in network.state_dict().items()}
        write_state(folder / NETWORK, state, facts)
    checkpoint.unlink(missing_ok=True)
    yield TrainingProgress(total, total, 1.0, percent, note)


def _folder(dataset: DataSet, config: TrainingConfig, root: Path) -> Path:
    return root / "trained" / training_key(dataset.digest, config)
