"""Driver of stored trainings: one writer, checkpoints after whole epochs, nothing stored that diverged."""

import pytest
import torch

from dmcore.config import PoolConfig, TrainingConfig, TrainingProtocol
from dmcore.execution.plan import Plan
from dmcore.files import tensor_file
from dmcore.training.driver import Checkpoint, Step, train_to_end
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import Minibatches
from dmcore.training.network_pool import build_pool
from dmcore.training.whole_set import CHECKPOINT, NETWORK, train_whole


def small_training(epochs: int = 2) -> tuple[NetworkTraining, Minibatches]:
    """Training of a linear network on five images in minibatches of two."""
    images = torch.linspace(-1, 1, 5 * 4).reshape(5, 1, 2, 2)
    minibatches = Minibatches(
        lambda index: images[index],
        torch.tensor([0, 1, 0, 1, 0]),
        lambda epoch, count: torch.arange(count),
        lambda batch, epoch, index: batch,
    )
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(4, 2))
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    return NetworkTraining(network, TrainingProtocol(epochs=epochs, batch=2)), minibatches


def test_every_minibatch_is_a_step_and_an_epoch_ends_after_its_checkpoint() -> None:
    training, minibatches = small_training(epochs=1)
    written: list[int] = []
    steps = train_to_end(training, minibatches, lambda: written.append(training.epoch))
    first = [next(steps) for _ in range(3)]
    assert first == [Step(0, 1, 3), Step(0, 2, 3), Step(1, 0, 3)]
    assert written == [1]
    assert list(steps) == [Step(1, 1, 3), Step(1, 2, 3), Step(2, 0, 3)]
    assert written == [1, 2]


def test_a_checkpoint_restores_the_training_and_goes_on_counting_its_seconds(tmp_path) -> None:
    unbroken, minibatches = small_training()
    list(train_to_end(unbroken, minibatches))
    file = tmp_path / CHECKPOINT
    stopped, _ = small_training()
    checkpoint = Checkpoint(file)
    for step in train_to_end(stopped, minibatches, lambda: checkpoint.write(stopped.state())):
        if step.epoch == 1:
            break
    spent = Checkpoint(file)
    resumed, _ = small_training()
    assert spent.seconds < checkpoint.seconds
    spent.resume(resumed)
    assert resumed.epoch == 1
    list(train_to_end(resumed, minibatches))
    assert all(map(torch.equal, resumed.parameters, unbroken.parameters))
    spent.remove()
    assert not Checkpoint(file).state


def test_a_training_that_diverges_is_refused_and_keeps_no_network(digits, tmp_path) -> None:
    config = TrainingConfig(width=4, depth=1, norm="none", epochs=3, learning_rate=1e30)
    with pytest.raises(ValueError, match="diverged in epoch 1: its loss is not finite; lower the learning"):
        list(train_whole(digits, config, tmp_path, Plan()))
    assert not [*tmp_path.rglob(CHECKPOINT), *tmp_path.rglob(NETWORK)]


def test_a_pool_has_one_builder_until_it_is_stopped(digits, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(tensor_file, "RETRY_SECONDS", 0.05)
    config = PoolConfig(width=4, depth=1, pool_steps=4)
    first = build_pool(digits, config, 1, tmp_path, Plan())
    next(first)
    with pytest.raises(ValueError, match="another process is training"):
        next(build_pool(digits, config, 1, tmp_path, Plan()))
    first.close()
    *_, last = build_pool(digits, config, 1, tmp_path, Plan())
    assert last.done == 1
