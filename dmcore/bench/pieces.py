"""Quick measurement of the elementary pieces of work on this machine, on random images.

The same code as a job's, with as many networks side by side as the job would train. A piece is measured on a
part of its images, which is doubled until it stands out from noise; see `timing.py`.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from torch import Tensor

from dmcore.augment import strategy
from dmcore.bench.gradient_pieces import measure_gradients
from dmcore.bench.quiet_time import quiet_seconds
from dmcore.bench.timing import extrapolated, measure_iteration, random_images
from dmcore.config import CondenseConfig, TrainingConfig
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.cost import Piece
from dmcore.execution.fused_training import trained_logits
from dmcore.execution.plan import Plan, evaluation_plan
from dmcore.execution.workers import parallel_map
from dmcore.networks import Network, uses_batch_statistics
from dmcore.randomness import torch_generator
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import (
    Minibatches,
    MinibatchRandomness,
    batch_of,
    even_piece_size,
    piece_size,
)
from dmcore.training.testing import accuracy
from dmcore.training.whole_set import PIECE

Measured = dict[Piece, float]
KeepGoing = Callable[[], bool]
FEW, BETWEEN, MANY = 8, 45, 256
"""Images of a small and a usual minibatch, and the number half way between them, as ratios go."""


def measure_pieces(
    pieces: Sequence[Piece],
    device: str = "auto",
    threads: int | None = None,
    keep_going: KeepGoing = lambda: True,
) -> Iterator[Measured]:
    """Measure pieces of work one after the other; each takes well under a second where it is not too slow.

    Args:
        pieces: what to measure.
        device: as for `make_plan`.
        threads: as for `make_plan`.
        keep_going: once it returns false the measurement ends.

    Yields:
        Seconds of one or two pieces; the second may be of another number of images.

    Raises:
        ValueError: this machine refuses one of them, or a network does not fit the images.
    """
    waiting = list(pieces)
    while waiting and keep_going():
        piece = waiting.pop(0)
        if piece.kind in ("real_side", "matching"):
            other = next((each for each in waiting if shares_iteration(piece, each)), None)
            if other is not None:
                waiting.remove(other)
            measured = _measure_halves(
                [piece] if other is None else [piece, other], device, threads, keep_going
            )
        elif piece.kind in ("real_gradient", "synthetic_gradient"):
            measured = measure_gradients(piece, device, threads, keep_going)
        else:
            measured = _measure_training(piece, evaluation_plan(device, threads), keep_going)
        if measured:
            yield measured


def shares_iteration(piece: Piece, other: Piece) -> bool:
    """Whether two pieces are the halves of an iteration of one network."""
    kinds = {piece.kind, other.kind}
    same = (piece.network, piece.shape, piece.classes) == (other.network, other.shape, other.classes)
    return same and kinds == {"real_side", "matching"}


def _measure_halves(
    pieces: Sequence[Piece], device: str, threads: int | None, keep_going: KeepGoing
) -> Measured:
    """Measure one or both halves of an iteration; the other is as small as can be."""
    by_kind, first = {piece.kind: piece for piece in pieces}, pieces[0]
    real, matching = by_kind.get("real_side"), by_kind.get("matching")
    batch = real.images if real else 1
    config = CondenseConfig(
        **first.network.network_spec().model_dump(),
        real_batch=batch,
        images_per_class=matching.images if matching else 1,
    )
    time = measure_iteration(
        config, first.shape, (first.classes, batch), device=device, threads=threads, keep_going=keep_going
    )
    if time is None:
        return {}
    seconds = {"real_side": time.real, "matching": time.synthetic}
    return {piece: seconds[piece.kind] for piece in pieces}


def _measure_training(piece: Piece, plan: Plan, keep_going: KeepGoing) -> Measured:
    """Measure an update or a test of as many networks as are trained side by side.

    An update on another number of images comes with it: both together tell the fixed cost of an update, which
    is most of a small one.
    """
    bench, sizes = _TrainingBench(piece, plan), [piece.images]
    if piece.kind != "test":
        sizes.append(FEW if piece.images > BETWEEN else MANY)
    measured: Measured = {}
    for images in sizes:
        timed = bench.test if piece.kind == "test" else bench.update
        seconds = extrapolated(timed, 1, 1, images, keep_going)
        if seconds is None:
            return {}
        measured[piece.model_copy(update={"images": images})] = seconds
    return measured


class _TrainingBench:
    """Fresh networks of a piece, on random images."""

    def __init__(self, piece: Piece, plan: Plan) -> None:
        self._piece, self._split = piece, piece.kind == "split_update"
        if self._split and plan.device == "cpu" and uses_batch_statistics(piece.network):
            plan = plan.model_copy(update={"workers": 1, "threads": plan.workers * plan.threads})
        self._plan = plan
        self._networks = [self._network(number) for number in range(1 if self._split else plan.workers)]

    def update(self, _part: int, images: int) -> float:
        """Time one update of every network on so many images, in seconds."""
        schedule = TrainingConfig(batch=images)
        updates = [self._updates(network, schedule, images) for network in self._networks]
        return self._timed(lambda number: float(next(updates[number])))

    def test(self, _part: int, images: int) -> float:
        """Time one test of every network on so many images, in seconds."""
        data = random_images(self._piece.shape, self._piece.classes, images, self._plan.torch_device)
        return self._timed(lambda number: accuracy(self._networks[number], data, self._plan.memory_format))

    def _timed(self, function: Callable[[int], float]) -> float:
        """Seconds of a call for every network side by side, after one that is not counted."""
        workers = 1 if self._split else self._plan.workers
        with self._plan.applied():
            parallel_map(function, range(len(self._networks)), workers)
            return quiet_seconds(
                lambda: parallel_map(function, range(len(self._networks)), workers), self._plan.device
            )

    def _network(self, number: int) -> Network:
        piece, plan = self._piece, self._plan
        network = empty_network(
            piece.network, piece.shape, piece.classes, plan.torch_device, plan.channels_last
        )
        initialise(network, torch_generator(0, number, "timed network"))
        return network

    def _updates(self, network: Network, schedule: TrainingConfig, images: int) -> Iterator[Tensor]:
        """Updates of a network on one minibatch of so many images, without end; yields the losses."""
        piece, plan = self._piece, self._plan
        data = random_images(piece.shape, piece.classes, images, plan.torch_device)
        training = NetworkTraining(network, schedule)
        randomness = MinibatchRandomness(0, "timed", strategy(None, data.flip_keeps_label))
        if self._split:
            most = images if plan.device != "cpu" or uses_batch_statistics(piece.network) else PIECE
        else:
            most = piece_size(piece.network, piece.shape, piece.classes, network, plan)
        minibatches = Minibatches(
            partial(batch_of, data.images, data.statistics, plan.memory_format),
            data.label.to(plan.torch_device),
            randomness.order_of_epoch,
            randomness.augment,
            piece_of=lambda count: even_piece_size(count, most),
            logits=trained_logits,
            workers=plan.workers if self._split else 1,
        )
        while True:
            yield from minibatches.train_epoch(training)
