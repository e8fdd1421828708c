"""A training's state: taken and restored it goes on bit for bit, in the authors' rhythm of rates."""

import pytest
import torch
from torch.nn import functional

from dmcore.config import EvaluateConfig, NetworkSpec
from dmcore.data.load import load_dataset
from dmcore.embedding.networks import empty_network, initialise
from dmcore.randomness import torch_generator
from dmcore.training.loop import NetworkTraining

CONFIG = EvaluateConfig(epochs=4, batch=64)
CPU = torch.device("cpu")


class Digits:
    """A training of a tiny network on some digits, its minibatches in an order that depends on the epoch."""

    def __init__(self, norm: str, channels_last: bool = False, width: int = 4) -> None:
        train = load_dataset("digits").train
        self.label = train.label[:200]
        self.images = train.statistics.normalise(train.images[:200])
        spec = NetworkSpec(width=width, depth=1, norm=norm)
        self.network = empty_network(spec, (1, 8, 8), 10, CPU, channels_last)
        initialise(self.network, torch_generator(0, 0, "test network"))
        self.training = NetworkTraining(self.network, CONFIG)

    def epoch(self) -> list[float]:
        order = torch.randperm(200, generator=torch_generator(0, self.training.epoch, "test order"))
        return [loss.item() for loss in self.training.run_epoch(order, self._loss_and_gradients)]

    def _loss_and_gradients(self, index, batch_index):
        loss = functional.cross_entropy(self.network(self.images[index]), self.label[index])
        return loss, torch.autograd.grad(loss, self.training.parameters)


@pytest.mark.parametrize("channels_last", [False, True])
@pytest.mark.parametrize("norm", ["instance", "batch"])
@pytest.mark.parametrize("stop", [0, 2, 4])
def test_restored_training_goes_on_bit_for_bit(norm, channels_last, stop):
    unbroken, broken, resumed = (Digits(norm, channels_last) for _ in range(3))
    losses = [unbroken.epoch() for _ in range(5)]
    for _ in range(stop):
        broken.epoch()
    resumed.training.restore(broken.training.state())
    assert [resumed.epoch() for _ in range(5 - stop)] == losses[stop:]
    assert resumed.training.done
    ends = unbroken.training.state(), resumed.training.state()
    assert ends[0].keys() == ends[1].keys()
    assert all(torch.equal(ends[0][key], ends[1][key]) for key in ends[0])


def test_state_is_a_copy_with_running_statistics_and_momentum():
    digits = Digits("batch")
    digits.epoch()
    state = digits.training.state()
    before = {key: tensor.clone() for key, tensor in state.items()}
    digits.epoch()
    assert all(torch.equal(before[key], state[key]) for key in state)
    assert int(state["epoch"]) == 1
    assert {key.partition("/")[0] for key in state} == {"epoch", "network", "momentum"}
    assert any("running_var" in key for key in state)


def test_an_epoch_that_was_left_does_not_count():
    digits = Digits("instance")
    steps = digits.training.run_epoch(torch.arange(200), digits._loss_and_gradients)
    next(steps)
    steps.close()
    assert digits.training.epoch == 0


def test_rate_drops_and_momentum_is_forgotten_after_epoch_half_plus_one():
    digits, still = Digits("instance"), []
    for _ in range(5):
        digits.epoch()
        momentum = [buffer for key, buffer in digits.training.state().items() if key.startswith("momentum")]
        still.append(not any(buffer.any() for buffer in momentum))
    assert still == [False, False, False, True, False]


def test_state_of_another_network_is_refused():
    with pytest.raises(ValueError, match="another network"):
        Digits("instance", width=8).training.restore(Digits("instance").training.state())
    with pytest.raises(ValueError, match="another network"):
        Digits("instance").training.restore(Digits("batch").training.state())
