"""Training loop of the paper (section 4.1): SGD with momentum, weight decay and one drop of the rate.

The published loop to the letter: epochs 0 to E inclusive, the rate divided by ten and a fresh optimiser after
epoch E // 2 + 1. Its state can be stored between two epochs and restored.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from dmcore.config import TrainingProtocol

LossAndGradients = Callable[[Tensor, int], tuple[Tensor, Sequence[Tensor]]]
"""Image positions of a minibatch and its index in the epoch -> mean loss, and gradients of the parameters."""


class NetworkTraining:
    """A network in training, with its optimiser and the number of completed epochs."""

    def __init__(self, network: nn.Module, protocol: TrainingProtocol) -> None:
        """Start training a fresh network in place."""
        self.network = network.train().requires_grad_(True)
        self.epoch = 0
        """Completed epochs."""
        self._protocol = protocol
        self._descent = _Descent(network, protocol, dropped=False)

    @property
    def done(self) -> bool:
        """Whether the last epoch, `epochs` inclusive, is completed."""
        return self.epoch > self._protocol.epochs

    @property
    def parameters(self) -> tuple[nn.Parameter, ...]:
        """Trained parameters, in the order of the gradients."""
        return self._descent.parameters

    def minibatches_of(self, images: int) -> int:
        """Number of minibatches of an epoch over so many images."""
        return math.ceil(images / self._protocol.batch)

    def run_epoch(
        self, order: Int64[Tensor, " image"], loss_and_gradients: LossAndGradients
    ) -> Iterator[Float[Tensor, ""]]:
        """Train one epoch on the images in this order; yields each minibatch's summed loss, on the device."""
        for batch_index, index in enumerate(torch.split(order, self._protocol.batch)):
            loss, gradients = loss_and_gradients(index, batch_index)
            self._descent.step(gradients)
            yield loss.detach() * len(index)
        self.epoch += 1
        if self.epoch == self._protocol.drop_epoch:
            self._descent = _Descent(self.network, self._protocol, dropped=True)

    def state(self) -> dict[str, Tensor]:
        """Copy parameters, buffers, momentum and the number of epochs to the CPU."""
        tensors = {f"network/{name}": tensor for name, tensor in self.network.state_dict().items()}
        tensors |= {f"momentum/{index}": buffer for index, buffer in enumerate(self._descent.buffers)}
        copies = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
        return {**copies, "epoch": torch.tensor(self.epoch)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Restore the training from `state()`.

        Raises:
            ValueError: the state is of another network.
        """
        prefix = "network/"
        weights = {
            name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)
        }
        try:
            self.network.load_state_dict(weights)
        except RuntimeError as mismatch:
            raise ValueError("the stored training is of another network: train anew") from mismatch
        self.epoch = int(state["epoch"])
        self._descent = _Descent(
            self.network, self._protocol, dropped=self.epoch >= self._protocol.drop_epoch
        )
        for index, buffer in enumerate(self._descent.buffers):
            buffer.copy_(state[f"momentum/{index}"])


class _Descent:
    """SGD with momentum and weight decay, equal to torch.optim.SGD.

    Written out because the first step of torch.optim imports torch's compiler, which takes seconds.
    """

    def __init__(self, network: nn.Module, protocol: TrainingProtocol, dropped: bool) -> None:
        self.parameters = tuple(network.parameters())
        self.buffers = tuple(torch.zeros_like(parameter) for parameter in self.parameters)
        self._rate = protocol.learning_rate * (0.1 if dropped else 1.0)
        self._protocol = protocol

    @torch.no_grad()
    def step(self, gradients: Sequence[Tensor]) -> None:
        """One step along these gradients, in the order of `parameters`."""
        for parameter, gradient, buffer in zip(self.parameters, gradients, self.buffers, strict=True):
            gradient = gradient.add(parameter, alpha=self._protocol.weight_decay)
            buffer.mul_(self._protocol.momentum).add_(gradient)
            parameter.sub_(buffer, alpha=self._rate)
