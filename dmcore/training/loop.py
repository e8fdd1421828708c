"""A network being trained as the paper does it (section 4.1): SGD with momentum, weight decay, one rate drop.

The published loop to the letter: epochs 0 to E inclusive, the rate divided by ten and a fresh optimiser after
epoch E // 2 + 1. All that it is can be stored between two epochs and taken up again. Knows no images.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

LossAndGradients = Callable[[Tensor, int], tuple[Tensor, Sequence[Tensor]]]
"""Positions of a minibatch and its place in the epoch -> mean loss, and gradients of the parameters."""


@runtime_checkable
class Schedule(Protocol):
    """What decides the updates; `EvaluateConfig` and `TrainingConfig` have it."""

    @property
    def epochs(self) -> int:
        """Passes over the images; the published loop makes one more."""

    @property
    def learning_rate(self) -> float:
        """Of the network's SGD; divided by ten half way."""

    @property
    def momentum(self) -> float:
        """Of the network's SGD."""

    @property
    def weight_decay(self) -> float:
        """Of the network's SGD."""

    @property
    def batch(self) -> int:
        """Images per update."""


class NetworkTraining:
    """A network and its optimiser, with the number of epochs they have behind them."""

    def __init__(self, network: nn.Module, schedule: Schedule) -> None:
        """Begin with a fresh network; it is trained in place."""
        self.network = network.train().requires_grad_(True)
        self.epoch = 0
        """Epochs that are behind."""
        self._schedule = schedule
        self._descent = _Descent(network, schedule, dropped=False)

    @property
    def done(self) -> bool:
        """Whether the last epoch, `epochs` inclusive, is behind."""
        return self.epoch > self._schedule.epochs

    @property
    def parameters(self) -> tuple[nn.Parameter, ...]:
        """What is trained, in the order of the gradients."""
        return self._descent.parameters

    def run_epoch(
        self, order: Int64[Tensor, " image"], loss_and_gradients: LossAndGradients
    ) -> Iterator[Float[Tensor, ""]]:
        """One pass over the images in this order; yields each minibatch's summed loss, on the device."""
        for place, index in enumerate(torch.split(order, self._schedule.batch)):
            loss, gradients = loss_and_gradients(index, place)
            self._descent.step(gradients)
            yield loss.detach() * len(index)
        self.epoch += 1
        if self.epoch == self._drop:
            self._descent = _Descent(self.network, self._schedule, dropped=True)

    def state(self) -> dict[str, Tensor]:
        """Parameters, buffers, momentum and the number of epochs, on the CPU."""
        tensors = {f"network/{name}": one for name, one in self.network.state_dict().items()}
        tensors |= {f"momentum/{place}": one for place, one in enumerate(self._descent.buffers)}
        kept = {name: one.detach().cpu().clone().contiguous() for name, one in tensors.items()}
        return {**kept, "epoch": torch.tensor(self.epoch)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Be where `state` was taken.

        Raises:
            ValueError: it is of another network.
        """
        prefix = "network/"
        weights = {name.removeprefix(prefix): one for name, one in state.items() if name.startswith(prefix)}
        try:
            self.network.load_state_dict(weights)
        except RuntimeError as stranger:
            raise ValueError("the stored training is of another network: train anew") from stranger
        self.epoch = int(state["epoch"])
        self._descent = _Descent(self.network, self._schedule, dropped=self.epoch >= self._drop)
        for place, buffer in enumerate(self._descent.buffers):
            buffer.copy_(state[f"momentum/{place}"])

    @property
    def _drop(self) -> int:
        """Epochs that are behind when the rate drops."""
        return self._schedule.epochs // 2 + 2


class _Descent:
    """SGD with momentum and weight decay, as torch.optim.SGD does it.

    Written out because the first step of torch.optim imports torch's compiler, which takes seconds.
    """

    def __init__(self, network: nn.Module, schedule: Schedule, dropped: bool) -> None:
        self.parameters = tuple(network.parameters())
        self.buffers = tuple(torch.zeros_like(parameter) for parameter in self.parameters)
        self._rate = schedule.learning_rate * (0.1 if dropped else 1.0)
        self._schedule = schedule

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """One step along these gradients, in the order of `parameters`."""
        for parameter, gradient, buffer in zip(self.parameters, gradients, self.buffers, strict=True):
            gradient = gradient.add(parameter, alpha=self._schedule.weight_decay)
            buffer.mul_(self._schedule.momentum).add_(gradient)
            parameter.sub_(buffer, alpha=self._rate)
