"""Cost of a job as counts of elementary pieces of work: what the time estimate and the memory are made of.

A condensation is real sides and matchings (Algorithm 1), an evaluation is updates of networks and tests of
them, a pool or a training on all real images too. How long a piece takes is in `speed_record.py`. Torch is
not needed.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dmcore.config import (
    EvaluateConfig,
    FrozenModel,
    GradientMatchingConfig,
    MethodConfig,
    NetworkSpec,
    PoolConfig,
    TrainingConfig,
)
from dmcore.config.formatting import NO_BREAK_SPACE, counted, duration, grouped, memory_size

PieceKind = Literal[
    "real_side", "matching", "real_gradient", "synthetic_gradient", "update", "split_update", "test"
]
TEST_IMAGES = 256
"""Test images of a piece."""
POOL_TESTS = 24
"""Tests on the validation images while a network of a pool is trained: one for each of its stored states."""
POOL_BATCH = 256
ROUNDED_FROM, ROUNDED_TO = 30.0, 5
"""Seconds from which a remaining time is rounded, and to what."""
BUSY_FROM = 1.25
"""Slowdown from which the machine is called busy."""


class Piece(FrozenModel):
    """Elementary piece of work: what is repeated, on which network and how many images."""

    kind: PieceKind
    """A fresh real side; matching all synthetic sets with it; of gradient matching the gradients of a network
    on real images, and those on synthetic ones with their distance and its pixel gradient; an update of a
    network, or one whose minibatch is split over the workers; a test."""
    network: NetworkSpec
    shape: tuple[int, int, int]
    """Channels, height, width of an image."""
    classes: int
    images: int
    """Real or synthetic images per class of an iteration; of a minibatch; of a test."""

    @property
    def passes(self) -> int:
        """Images that pass the network; forward and backward count as three, a double backward as nine."""
        per_image = {"real_side": self.classes, "matching": 3 * self.classes, "test": 1}
        per_image |= {"real_gradient": 3 * self.classes, "synthetic_gradient": 9 * self.classes}
        return self.images * per_image.get(self.kind, 3)


@dataclass(frozen=True)
class DataShape:
    """What the cost depends on of a data set."""

    shape: tuple[int, int, int]
    """Channels, height, width."""
    classes: int
    train: int
    """Training images."""
    test: int
    """Test images."""
    smallest: int | None = None
    """Real images of the smallest class; left out, all classes are of one size."""
    flip_keeps_label: bool = True
    """Whether images may be flipped, as in `LabelledImages`: without that an augmentation is cheaper."""

    @property
    def smallest_class(self) -> int:
        """Real images of the smallest class."""
        return max(1, self.train // self.classes) if self.smallest is None else self.smallest

    @property
    def bytes(self) -> int:
        """Bytes of all its images, stored as uint8."""
        return (self.train + self.test) * math.prod(self.shape)


@dataclass(frozen=True)
class Workload:
    """Counts of the pieces of a job; two are added, and a part of one is taken by multiplication."""

    counts: tuple[tuple[Piece, float], ...] = ()
    data_bytes: int = 0
    """Bytes of the data set in memory."""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The different pieces."""
        return tuple(piece for piece, _ in self.counts)

    def __add__(self, other: "Workload") -> "Workload":
        """Both, one after the other, on one data set or on several that are not held together."""
        counts = dict(self.counts)
        for piece, count in other.counts:
            counts[piece] = counts.get(piece, 0.0) + count
        return Workload(tuple(counts.items()), max(self.data_bytes, other.data_bytes))

    def __mul__(self, share: float) -> "Workload":
        """A part of it."""
        return Workload(tuple((piece, count * share) for piece, count in self.counts), self.data_bytes)


NO_WORKLOAD = Workload()


def total_workload(works: Iterable[Workload]) -> Workload:
    """All of them, one after the other."""
    return sum(works, NO_WORKLOAD)


def condensation_workload(config: MethodConfig, data: DataShape, done: int = 0) -> Workload:
    """Workload of a condensation, from iteration `done` on."""
    if isinstance(config, GradientMatchingConfig):
        return _gradient_matching_workload(config, data, done)
    spec, left = config.network_spec(), max(0, config.iterations - done)
    fresh = math.ceil(left / (config.replay_every if config.replay else 1))
    learned = sum(each.images_per_class for each in config.all_sets())
    batch = min(config.real_batch, data.smallest_class)
    real = Piece(kind="real_side", network=spec, shape=data.shape, classes=data.classes, images=batch)
    matching = real.model_copy(update={"kind": "matching", "images": learned})
    return Workload(((real, float(fresh)), (matching, float(left))), data.bytes)


def _gradient_matching_workload(config: GradientMatchingConfig, data: DataShape, done: int) -> Workload:
    spec, left, loops = config.network_spec(), max(0, config.iterations - done), config.loops
    batch, learned = min(config.real_batch, data.smallest_class), config.images_per_class
    real = Piece(kind="real_gradient", network=spec, shape=data.shape, classes=data.classes, images=batch)
    synthetic = real.model_copy(update={"kind": "synthetic_gradient", "images": learned})
    epochs = left * (loops.outer - 1) * loops.inner
    images = data.classes * learned
    updates = _updates(spec, images, min(config.network_batch, images), epochs, data, "split_update")
    steps = float(left * loops.outer)
    return Workload(((real, steps), (synthetic, steps)), data.bytes) + (updates if epochs else NO_WORKLOAD)


def training_workload(
    spec: NetworkSpec,
    images: int,
    networks: int,
    protocol: EvaluateConfig,
    data: DataShape,
    workers: int,
    architectures: int = 1,
) -> Workload:
    """Workload of training so many networks of one architecture on a set, and of testing each.

    Args:
        spec: the architecture.
        images: of the set, all classes together.
        networks: how many are still to be trained.
        protocol: how; its `networks` and `repeats` are ignored. The published loop makes one more epoch.
        data: the data set of the test images.
        workers: networks that are trained at the same time.
        architectures: of as many networks each, which follow each other without a worker that waits; this one
            is counted with its share of their rounds.
    """
    rounds = math.ceil(networks * architectures / workers) / architectures
    updates = _updates(spec, images, protocol.batch, rounds * (protocol.epochs + 1), data)
    return updates + testing_workload(spec, data.test, rounds, data)


def pool_workload(config: PoolConfig, networks: int, data: DataShape, workers: int) -> Workload:
    """Workload of training so many networks of a pool, with the tests at the stored states."""
    rounds, spec = math.ceil(networks / workers), config.network_spec()
    held_out = min(2000, max(data.classes, round(data.train * 0.1)))
    batch = max(1, min(POOL_BATCH, data.train - held_out))  # with one image per class the job says why not
    updates = _updates(spec, batch, batch, rounds * config.pool_steps, data)
    return updates + testing_workload(spec, held_out, rounds * POOL_TESTS, data)


def whole_set_workload(config: TrainingConfig, data: DataShape, done: float = 0.0) -> Workload:
    """Workload of training one network on all real images; `done`: the share that is done."""
    spec, epochs = config.network_spec(), (config.epochs + 1) * (1 - done)
    updates = _updates(spec, data.train, config.batch, epochs, data, "split_update")
    return updates + testing_workload(spec, data.test, 1, data)


def _updates(
    spec: NetworkSpec,
    images: int,
    batch: int,
    epochs: int | float,
    data: DataShape,
    kind: PieceKind = "update",
) -> Workload:
    """Updates of epochs over so many images; the last minibatch of an epoch is smaller."""
    full, rest = divmod(images, batch)
    counts = tuple(
        (
            Piece(kind=kind, network=spec, shape=data.shape, classes=data.classes, images=size),
            float(count * epochs),
        )
        for size, count in ((batch, full), (rest, 1))
        if size and count
    )
    return Workload(counts, data.bytes)


def testing_workload(spec: NetworkSpec, images: int, times: int | float, data: DataShape) -> Workload:
    """Work of testing a network so many times on so many images."""
    piece = Piece(kind="test", network=spec, shape=data.shape, classes=data.classes, images=TEST_IMAGES)
    return Workload(((piece, float(times) * images / TEST_IMAGES),), data.bytes)


@dataclass(frozen=True)
class Estimate:
    """Estimated cost of a job on this machine."""

    seconds: float
    """With the slowdown."""
    quiet_seconds: float
    """While nothing else runs."""
    memory: int | None = None
    """Bytes at the peak, of the whole process; None where it is not known yet."""
    slowdown: float = 1.0
    """Factor by which other processes slow it down."""
    present: int = 0
    """Parts that are there already, such as cells of a table."""
    parts: int = 0
    part: str = "cell"
    """What a part is called."""

    @property
    def text(self) -> str:
        """What it costs: 'about 4 min on this machine · 1.2 GB of memory · 3 of 12 cells already there'."""
        return " · ".join(self._facts())

    @property
    def time_text(self) -> str:
        """How long it takes: 'about 4 min'; where the machine is busy, from quiet to as busy as it is."""
        return f"about {time_range(self.quiet_seconds, self.seconds)}"

    def _facts(self) -> Sequence[str]:
        facts = [f"{self.time_text} on this machine{busy_text(self.slowdown)}"]
        if self.memory is not None:
            facts.append(f"{memory_size(self.memory)} of memory")
        if self.present:
            facts.append(f"{grouped(self.present)} of {counted(self.parts, self.part)} already there")
        return facts


def time_range(quiet_seconds: float, seconds: float) -> str:
    """Time of a job that other programs slow down: '4 to 9 min', from the quiet machine to as busy as it is.

    The first number stays as it is while the load changes. Where that costs little: '4 min'.
    """
    longest = duration(seconds)
    shortest = duration(quiet_seconds) if seconds >= BUSY_FROM * quiet_seconds else longest
    if shortest == longest:
        return longest
    number, _, unit = shortest.partition(NO_BREAK_SPACE)
    same_unit = bool(unit) and longest.endswith(f"{NO_BREAK_SPACE}{unit}")
    return f"{number if same_unit else shortest} to {longest}"


def busy_text(slowdown: float) -> str:
    """' (slowed by other programs)', where they slow a job down; else empty."""
    return " (slowed by other programs)" if slowdown >= BUSY_FROM else ""


def left_text(seconds: float, slowdown: float = 1.0) -> str:
    """Remaining time of a job: '4 min left', with the reason where other programs slow it down.

    From half a minute on in steps of 5 s: no estimate is better, and a number that moves less is read better.
    """
    step = ROUNDED_TO if seconds >= ROUNDED_FROM else 1
    return f"{duration(seconds, step)} left{busy_text(slowdown)}"
