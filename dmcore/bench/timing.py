"""Quick measurement of the time of an iteration on this machine, on random images.

The same code as a run's, under the plan that the run would have, on a part of its images: a part that is
doubled until it is the full iteration or takes long enough to stand out from noise. The rest is extrapolated
linearly, because images go through the networks in pieces of one size (Algorithm 1: real side, and matching).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import torch

from dmcore.augment import strategy
from dmcore.bench.iteration_time import IterationTime
from dmcore.bench.quiet_time import quiet_seconds
from dmcore.config import CondenseConfig, SetSpec
from dmcore.data.images import LabelledImages, Statistics
from dmcore.data.synthetic import SyntheticSet
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.cost import DataShape
from dmcore.execution.plan import Plan, make_plan
from dmcore.matching import RealSide, match, real_sides

LONG_ENOUGH = 0.05
"""Seconds from which a part is not doubled any more."""
REPEATED_FOR, REPEATS, MOST_REPEATS = 0.05, 3, 12
"""Seconds, least and most times that a part is repeated: a single measurement is often disturbed."""
FIRST_IMAGES = 8
"""Images per class of the first part."""


def measure_iteration(
    config: CondenseConfig,
    shape: tuple[int, int, int],
    class_sizes: tuple[int, int],
    *,
    flip_keeps_label: bool = True,
    device: str = "auto",
    threads: int | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> IterationTime | None:
    """Time both halves of an iteration; under a second on a machine that is not too slow.

    Args:
        config: of the planned run.
        shape: channels, height, width of its images.
        class_sizes: number of classes, and number of real images of the smallest.
        flip_keeps_label: as of the data set.
        device: as for `make_plan`.
        threads: as for `make_plan`.
        keep_going: called between two parts; once it returns false the measurement is cancelled.

    Returns:
        The times; None if it was cancelled.

    Raises:
        ValueError: the run is not possible here.
    """
    classes, members = class_sizes
    plan = make_plan(config, shape, classes, device, threads)
    bench = _Bench(config, shape, classes, flip_keeps_label, plan)
    at_once = min(classes, plan.workers)
    batch = min(config.real_batch, members)
    learned = sum(spec.images_per_class for spec in config.all_sets())
    bench.real_side(at_once, 1), bench.matching(at_once, 1)  # what is slow the first time only
    times = []
    for timed, most in ((bench.real_side, batch), (bench.matching, learned)):
        seconds = extrapolated(timed, at_once, classes, most, keep_going)
        if seconds is None:
            return None
        times.append(seconds)
    return IterationTime(*times)


@dataclass(frozen=True)
class MeasuredBatch:
    """Time of an iteration with a real batch size that this machine can run."""

    batch: int
    time: IterationTime
    plan: Plan


@dataclass(frozen=True)
class RefusedBatch:
    """Real batch size that this machine cannot run."""

    batch: int
    reason: str


def measure_batches(
    config: CondenseConfig,
    data: DataShape,
    batches: Iterable[int],
    device: str = "auto",
    threads: int | None = None,
) -> Iterator[MeasuredBatch | RefusedBatch]:
    """Time both halves of an iteration with each of several real batch sizes, one after the other.

    Args:
        config: of the planned run, but for its real batch.
        data: its data set.
        batches: real images per class, ascending.
        device: as for `make_plan`.
        threads: as for `make_plan`.

    Yields:
        The time of each, or why it is refused; the first is a time.

    Raises:
        ValueError: not even the smallest is possible here.
    """
    some_possible = False
    for batch in batches:
        sized = config.model_copy(update={"real_batch": batch})
        try:
            plan = make_plan(sized, data.shape, data.classes, device, threads)
            time = measure_iteration(
                sized,
                data.shape,
                (data.classes, data.smallest_class),
                flip_keeps_label=data.flip_keeps_label,
                device=device,
                threads=threads,
            )
        except ValueError as refusal:
            if not some_possible:
                raise
            yield RefusedBatch(batch, str(refusal))
            continue
        assert time is not None  # the measurement is never cancelled
        some_possible = True
        yield MeasuredBatch(batch, time, plan)


def extrapolated(
    timed: Callable[[int, int], float], at_once: int, classes: int, most: int, keep_going: Callable[[], bool]
) -> float | None:
    """Seconds for all classes with `most` images each, from the largest part that is quick to time."""
    sizes = [(at_once, min(FIRST_IMAGES, most))]
    while keep_going():
        part, images = sizes[-1]
        if (part, images) == (classes, most):
            return _undisturbed(partial(timed, part, images))
        calls = (timed(part, images) for _ in range(2))  # the first of a size may be slow: caches, kernels
        if len(sizes) > 1 and all(seconds >= LONG_ENOUGH for seconds in calls):
            smaller, larger = (
                (size[0] * size[1], _undisturbed(partial(timed, *size))) for size in sizes[-2:]
            )
            return _extrapolate(smaller, larger, classes * most)
        sizes.append((part, min(most, 2 * images)) if images < most else (min(classes, 2 * part), images))
    return None


def _undisturbed(timed: Callable[[], float]) -> float:
    """Smallest of a few timings: other load on the machine only adds to them."""
    seconds = [timed() for _ in range(REPEATS)]
    while sum(seconds) < REPEATED_FOR and len(seconds) < MOST_REPEATS:
        seconds.append(timed())
    return min(seconds)


def _extrapolate(smaller: tuple[int, float], larger: tuple[int, float], images: int) -> float:
    """Linear extrapolation to so many images: the fixed cost of a pass is counted once."""
    each = max(0.0, (larger[1] - smaller[1]) / (larger[0] - smaller[0]))
    return min(larger[1] + each * (images - larger[0]), larger[1] * images / larger[0])


class _Bench:
    """Random images of one shape, and the two halves of an iteration on any part of them."""

    def __init__(
        self,
        config: CondenseConfig,
        shape: tuple[int, int, int],
        classes: int,
        flip_keeps_label: bool,
        plan: Plan,
    ) -> None:
        self._config, self._shape, self._plan = config, shape, plan
        self._networks = RandomNetworks(
            config.network_spec(), shape, classes, config.seed, plan.torch_device, plan.channels_last
        )
        self._operations = strategy(config.augment, flip_keeps_label)
        self._draw = 0
        self._side: RealSide | None = None

    def real_side(self, classes: int, images: int) -> float:
        """Time a fresh real side of so many classes with so many images each, in seconds."""
        real = self._images(classes, images)
        config = self._config.model_copy(update={"real_batch": images, "replay": False})
        self._draw += 1

        def compute() -> None:
            sides = real_sides(real, self._networks, config, self._operations, self._plan, start=self._draw)
            self._side = next(sides)
            self._side.means.cpu()  # waits for the device

        with self._plan.applied():
            return quiet_seconds(compute, self._plan.device)

    def matching(self, classes: int, images: int) -> float:
        """Time matching and update of so many classes with so many synthetic images each, in seconds."""
        assert self._side is not None
        spec = SetSpec(name="timed", images_per_class=images, init="noise", image_lr=1e-6, momentum=0.5)
        synthetic = SyntheticSet.initial(spec, self._images(classes, 1), seed=0)
        augmentations = (self._side.augmentations * classes)[:classes]
        side = RealSide(self._side.draw, augmentations, self._side.means[:1].repeat(classes, 1))

        def compute() -> None:
            _, gradients = match(self._networks.at(side.draw), side, [synthetic], self._plan)
            synthetic.sgd_step(gradients[0])
            synthetic.pixels.sum().cpu()

        with self._plan.applied():
            return quiet_seconds(compute, self._plan.device)

    def _images(self, classes: int, images: int) -> LabelledImages:
        return random_images(self._shape, classes, classes * images, self._plan.torch_device)


def random_images(
    shape: tuple[int, int, int], classes: int, count: int, device: torch.device
) -> LabelledImages:
    """Make random uint8 images of a shape, about as many of each class."""
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (count, *shape), dtype=torch.uint8, generator=generator)
    return LabelledImages(
        pixels.to(device),
        torch.arange(count, device=device) * classes // count,
        tuple(map(str, range(classes))),
        Statistics((0.5,) * shape[0], (0.25,) * shape[0]),
    )
