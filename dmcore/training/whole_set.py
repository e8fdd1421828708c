"""Cache of networks trained on a whole data set, keyed by content: same data and settings, same network.

Used by the feature space of figure 3, selection baselines and the whole-set reference. An interrupted
training is resumed after its last epoch, after a kill too. The protocol is `dmcore.training.loop`'s.
"""

import hashlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch

from dmcore.augment import strategy
from dmcore.config import TrainingConfig
from dmcore.config.formatting import grouped
from dmcore.data.images import DataSet
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.fused_training import trained_logits
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.files.tensor_file import read_state, write_state
from dmcore.networks import Network, uses_batch_statistics
from dmcore.randomness import torch_generator
from dmcore.training.checks import check_trainable
from dmcore.training.driver import BATCHES_PER_EVENT, Checkpoint, train_in_folder, train_to_end
from dmcore.training.forgetting_events import ForgettingCounts, ForgettingMeter
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import Minibatches, MinibatchRandomness, batch_of
from dmcore.training.testing import accuracy

FORMAT = 1
NETWORK, CHECKPOINT = "network.safetensors", "checkpoint.safetensors"
FORGETTING = "forgetting.safetensors"
PIECE = 64
"""Images of a minibatch that pass a network together on a CPU: the same result for any number of workers."""


class UntrainedError(ValueError):
    """The requested network has not been trained yet."""


@dataclass(frozen=True)
class TrainingProgress:
    """Progress of a training on a whole data set."""

    epoch: int
    """Completed epochs."""
    epochs: int
    """All epochs of the training."""
    fraction: float
    """Share of the training that is done, 0 to 1."""
    accuracy: float | None = None
    """Percent of the real test images; None until the training is over."""
    note: str = ""
    """Sentence on a deviation, such as setting a damaged file aside."""


@dataclass(frozen=True)
class TrainedNetwork:
    """Network trained on a whole data set: frozen, in eval mode, on the CPU."""

    network: Network
    config: TrainingConfig
    accuracy: float
    """Percent of the real test images."""
    train_count: int
    key: str
    """Hash of data and settings, 16 hexadecimal digits."""

    @property
    def sentence(self) -> str:
        """Description for people: architecture, data, epochs and accuracy."""
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
) -> Generator[TrainingProgress, None, None]:
    """Train a network on all real images and store it; a checkpoint is written after every epoch.

    Args:
        dataset: what to train and test on.
        config: the network and its protocol.
        root: the cache root.
        plan: where and how to compute; made for this machine if None.
        counted: whether forgetting counts are needed too. Every training stores them; a network of an older
            version, which did not, is trained once more for the counts and is itself left as it is.

    Raises:
        StorageError: the cache cannot be written to.
        ValueError: another process trains it, or the architecture does not fit the images.
    """
    total = config.epochs + 1
    stored = load_trained(dataset, config, root)
    if stored is not None and not (counted and load_forgetting(dataset, config, root) is None):
        yield TrainingProgress(total, total, 1.0, stored.accuracy)
        return
    check_trainable(dataset.train.images, dataset.train.label, dataset.test)
    plan = plan or evaluation_plan()
    if uses_batch_statistics(config.network_spec()) and plan.device == "cpu":  # a batch must not be split
        plan = plan.model_copy(update={"workers": 1, "threads": plan.workers * plan.threads})
    folder = _folder(dataset, config, root)
    yield from train_in_folder(folder, plan, _train(dataset, config, folder, plan, counted))


def load_trained(dataset: DataSet, config: TrainingConfig, root: Path) -> TrainedNetwork | None:
    """Load the trained network; None if it has not been trained or its file is damaged."""
    stored = read_state(_folder(dataset, config, root) / NETWORK)
    if stored is None:
        return None
    state, facts = stored
    network = empty_network(
        config.network_spec(),
        dataset.shape,
        len(dataset.class_names),
        torch.device("cpu"),
        channels_last=True,
    )
    network.load_state_dict({name: tensor for name, tensor in state.items() if name != "epoch"})
    network.eval().requires_grad_(False)
    return TrainedNetwork(
        network, config, facts["accuracy"], len(dataset.train), training_key(dataset.digest, config)
    )


def load_forgetting(dataset: DataSet, config: TrainingConfig, root: Path) -> ForgettingCounts | None:
    """Load the forgetting counts of a training; None if there are none or their file is damaged."""
    stored = read_state(_folder(dataset, config, root) / FORGETTING)
    meter = None if stored is None else ForgettingMeter.stored_in(stored[0], torch.device("cpu"))
    return None if meter is None else meter.counts()


def training_key(digest: str, config: TrainingConfig) -> str:
    """Cache key of a training on these data: 16 hexadecimal digits."""
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
    checkpoint = Checkpoint(folder / CHECKPOINT)
    note = ""
    meter: ForgettingMeter | None = ForgettingMeter.fresh(len(train), device)
    if checkpoint.damaged:
        note = "The stored training is damaged and was set aside: trained from the beginning."
    elif checkpoint.state:
        stored_meter = ForgettingMeter.stored_in(checkpoint.state, device)
        if stored_meter is not None or not counted:  # else an older version began it, without counts
            checkpoint.resume(training)
            meter = stored_meter
    randomness = MinibatchRandomness(
        config.seed, f"whole set {config.network}", strategy(config.augment, dataset.flip_keeps_label)
    )
    unsplit = uses_batch_statistics(spec) or plan.device != "cpu"
    piece = config.batch if unsplit else PIECE
    minibatches = Minibatches(
        partial(batch_of, train.images, train.statistics, plan.memory_format),
        train.label,
        randomness.order_of_epoch,
        randomness.augment,
        piece_of=lambda count: piece,
        logits=trained_logits,
        workers=plan.workers,
        on_logits=None if meter is None else meter.see,
    )

    def write_checkpoint() -> None:
        checkpoint.write(training.state() | ({} if meter is None else meter.state()))

    for step in train_to_end(training, minibatches, write_checkpoint):
        if step.batch % BATCHES_PER_EVENT == 0:
            fraction = min((step.epoch + step.batch / step.batches) / total, 0.999)
            yield TrainingProgress(step.epoch, total, fraction, note=note)
    percent = accuracy(network, test, plan.memory_format)
    facts = {
        "accuracy": percent,
        "seconds": checkpoint.seconds,
        "data": dataset.name,
        "digest": dataset.digest,
        "config": config.model_dump(mode="json"),
    }
    if meter is not None:
        write_state(folder / FORGETTING, meter.state(), facts)
    if read_state(folder / NETWORK) is None:  # an existing one is left as it is: maps are keyed by it
        state = {name: tensor.detach().cpu().contiguous() for name, tensor in network.state_dict().items()}
        write_state(folder / NETWORK, state, facts)
    checkpoint.remove()
    yield TrainingProgress(total, total, 1.0, percent, note)


def _folder(dataset: DataSet, config: TrainingConfig, root: Path) -> Path:
    return root / "trained" / training_key(dataset.digest, config)
