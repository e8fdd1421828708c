"""Quick measurement of the two halves of a matching step of gradient matching, on random images."""

from collections.abc import Callable
from functools import partial

import torch

from dmcore.augment import Identity
from dmcore.bench.quiet_time import quiet_seconds
from dmcore.bench.timing import extrapolated
from dmcore.config import DsaConfig
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.cost import Piece
from dmcore.execution.plan import Plan
from dmcore.execution.workers import parallel_map
from dmcore.gradient_matching import match
from dmcore.gradients.plan import make_gradient_plan
from dmcore.networks import Network
from dmcore.training.minibatch import loss_in_pieces


def measure_gradients(
    piece: Piece, device: str, threads: int | None, keep_going: Callable[[], bool]
) -> dict[Piece, float]:
    """Measure a piece of kind `real_gradient` or `synthetic_gradient`; empty once `keep_going` returns false.

    Raises:
        ValueError: this machine refuses it, or the network does not fit the images.
    """
    config = DsaConfig(
        **piece.network.network_spec().model_dump(), images_per_class=1, real_batch=piece.images
    )
    plan = make_gradient_plan(config, piece.shape, piece.classes, device, threads)
    networks = RandomNetworks(
        piece.network, piece.shape, piece.classes, 0, plan.torch_device, plan.channels_last
    )
    bench = _GradientBench(piece, networks.at(0).train().requires_grad_(True), plan)
    timed = bench.real if piece.kind == "real_gradient" else bench.synthetic
    timed(1, 1)  # what is slow the first time only
    at_once = min(piece.classes, plan.workers)
    seconds = extrapolated(timed, at_once, piece.classes, piece.images, keep_going)
    return {} if seconds is None else {piece: seconds}


class _GradientBench:
    """A network, and random images of its classes."""

    def __init__(self, piece: Piece, network: Network, plan: Plan) -> None:
        self._shape, self._network, self._plan = piece.shape, network, plan

    def real(self, classes: int, images: int) -> float:
        """Time the gradients on so many real images of so many classes, in seconds."""
        parameters, plan = tuple(self._network.parameters()), self._plan
        batch = self._noise(images).contiguous(memory_format=plan.memory_format)
        label = torch.zeros(images, dtype=torch.int64, device=batch.device)

        def gradients(_: int) -> float:
            logits = partial(plan.logits, self._network)
            return float(loss_in_pieces(logits, batch, label, parameters, plan.piece, workers=1)[0])

        return self._timed(lambda: parallel_map(gradients, range(classes), plan.workers))

    def synthetic(self, classes: int, images: int) -> float:
        """Time matching so many synthetic images of so many classes with a real one each, in seconds."""
        real, pixels = [self._noise(1)] * classes, self._noise(classes * images)
        pixels = pixels.reshape(classes, images, *self._shape)
        same = [Identity()] * classes
        return self._timed(lambda: match(self._network, real, pixels, same, "ours", self._plan)[0].cpu())

    def _noise(self, images: int) -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        return torch.randn(images, *self._shape, generator=generator).to(self._plan.torch_device)

    def _timed(self, function: Callable[[], object]) -> float:
        with self._plan.applied():
            return quiet_seconds(function, self._plan.device)
