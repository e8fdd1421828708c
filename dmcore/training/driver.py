"""Driver of trainings whose networks are stored: a folder's only writer, minibatch by minibatch, resumed.

A pool's networks and whole-set networks are trained by it. Stopped between two minibatches or killed, a
training goes on from its checkpoint; without one, from its beginning.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import torch
from torch import Tensor

from dmcore.execution.plan import Plan, events_under_plan
from dmcore.files.atomic import set_aside, storage_errors_explained
from dmcore.files.tensor_file import read_state, single_writer, write_state
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import Minibatches

Event = TypeVar("Event")
Content = tuple[dict[str, Tensor], dict[str, Any]]
"""Tensors and facts of a file."""
BATCHES_PER_EVENT = 4
"""Minibatches between two events."""


class Step(NamedTuple):
    """Position in a training after a minibatch."""

    epoch: int
    """Completed epochs."""
    batch: int
    """Minibatches of the next epoch; 0 where one has just been completed."""
    batches: int
    """Minibatches of an epoch."""


def train_in_folder(folder: Path, plan: Plan, events: Iterator[Event]) -> Iterator[Event]:
    """Run a training that stores files in a folder; closing the iterator stops it and frees the folder.

    Raises:
        StorageError: the folder cannot be written to.
        ValueError: another process trains there.
    """
    with storage_errors_explained(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with single_writer(folder):
        yield from events_under_plan(plan, events)


def train_to_end(
    training: NetworkTraining, minibatches: Minibatches, on_epoch: Callable[[], None] | None = None
) -> Iterator[Step]:
    """Train from where the training is to its last epoch; yields after every minibatch.

    Args:
        training: the network, fresh or restored.
        minibatches: what it is trained on.
        on_epoch: called after each epoch, such as to write a checkpoint.

    Raises:
        ValueError: the loss of an epoch is not finite, where `on_epoch` would store its network.
    """
    while not training.done:
        epoch, batches = training.epoch, training.minibatches_of(len(minibatches.label))
        total_loss = torch.zeros((), device=minibatches.label.device)
        for done, loss in enumerate(minibatches.train_epoch(training), start=1):
            total_loss += loss
            if done < batches:
                yield Step(epoch, done, batches)
        if on_epoch is not None:
            if not bool(torch.isfinite(total_loss)):
                raise ValueError(
                    f"the training diverged in epoch {epoch + 1}: its loss is not finite; "
                    "lower the learning rate"
                )
            on_epoch()
        yield Step(training.epoch, 0, batches)


def read_or_set_aside(
    file: Path, is_right: Callable[[Content], bool] = lambda content: True
) -> Content | None:
    """Read a file of tensors; one that is damaged or not right is set aside; None then, and without a file.

    Raises:
        StorageError: the folder cannot be written to.
    """
    content = read_state(file)
    if content is not None and is_right(content):
        return content
    if file.exists():
        set_aside(file)
    return None


class Checkpoint:
    """Checkpoint of a training: its tensors after the last completed epoch, and the seconds it has taken."""

    def __init__(self, file: Path) -> None:
        """Read the checkpoint, if there is one; a damaged one is set aside.

        Raises:
            StorageError: the folder cannot be written to.
        """
        existed = file.exists()
        content = read_or_set_aside(file)
        self.state: Mapping[str, Tensor] = {} if content is None else content[0]
        """Stored tensors; empty without a checkpoint."""
        self.damaged = existed and content is None
        self._file, self._began, self._seconds_before = file, time.monotonic(), 0.0
        self._stored_seconds = 0.0 if content is None else content[1]["seconds"]

    def resume(self, training: NetworkTraining) -> None:
        """Restore the training, which goes on counting its seconds.

        Raises:
            ValueError: the checkpoint is of another network.
        """
        training.restore(self.state)
        self._seconds_before = self._stored_seconds

    @property
    def seconds(self) -> float:
        """Seconds of training so far, those before an interruption included."""
        return self._seconds_before + time.monotonic() - self._began

    def write(self, state: Mapping[str, Tensor]) -> None:
        """Write the tensors atomically.

        Raises:
            StorageError: the disk is full or writing failed.
        """
        write_state(self._file, state, {"seconds": self.seconds})

    def remove(self) -> None:
        """Remove the file of a training that is over."""
        self._file.unlink(missing_ok=True)
