"""Which test networks come next on a run's accuracy curve. Must not know of time, must not import torch."""

import math
from collections.abc import Collection, Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from app.data.stored_results import quick_results
from app.jobs.evaluation_progress import FEW_IMAGES, Kind
from app.jobs.online_evaluation_curve import curves_of
from dmcore.runs.folder import RunFolder

WIDE_GAP = 2.0
"""By what factor two neighbouring points of the curve may lie apart."""
LOOKS = 4
"""Batches after which all have had their turn: the start, real images, the newest, a gap."""


class Training(NamedTuple):
    """Networks to be trained on one set's images of one iteration, or on real ones in their place."""

    set: str
    kind: Kind
    iteration: int = 0


class Order:
    """Says what is to be trained, from what is kept of the run and what is done."""

    def __init__(self, run: RunFolder, fewest: int, real: int) -> None:
        """Begin where the stored results leave off.

        Args:
            run: the run.
            fewest: real training images of the class that has fewest.
            real: real training images in all.
        """
        self._run, self._fewest, self._real = run, fewest, real
        self._whole = curves_of(run).all_real is not None
        self._done = {
            Training(one.set, one.kind, one.iteration)
            for one in quick_results(run)
            if one.n >= one.protocol.repeats
        }
        self._batches = self._in_order()

    def next(self) -> tuple[Training, ...]:
        """What comes next on the curve, for all sets; nothing while nothing new is kept."""
        return next((one for one in islice(self._batches, LOOKS) if one), ())

    def end(self) -> tuple[Training, ...]:
        """What belongs to a run that has ended: its last images, and real ones if those are missing."""
        return (*self._round(self._run.iteration()), *self._random())

    def all_real(self) -> tuple[Training, ...]:
        """All real images, where they are few and were not trained on yet."""
        few = self._real <= FEW_IMAGES and not self._whole
        return (Training(self._run.set_names[0], "all_real"),) if few else ()

    def take(self, done: Training) -> None:
        """Note what has been trained."""
        self._done.add(done)
        self._whole |= done.kind == "all_real"

    def _in_order(self) -> Iterator[tuple[Training, ...]]:
        """The start, as many random real images, then in turn the newest images and what fills a gap."""
        yield self._round(min(self._kept(), default=None))
        yield self._random()
        while True:
            yield self._round(max(self._kept(), default=None))
            yield self._round(middle_of_widest_gap(self._kept(), self._tested()))

    def _tested(self) -> set[int]:
        return {one.iteration for one in self._done if one.kind == "condensed"}

    def _kept(self) -> set[int]:
        """Iterations at which the images of every set are on the disk."""
        return set.intersection(*(set(self._run.snapshots(name)) for name in self._run.set_names))

    def _round(self, iteration: int | None) -> tuple[Training, ...]:
        if iteration is None:
            return ()
        asked = (Training(name, "condensed", iteration) for name in self._run.set_names)
        return tuple(one for one in asked if one not in self._done)

    def _random(self) -> tuple[Training, ...]:
        """As many random real images, once for each size that every class has real images enough for."""
        sizes = {one.name: one.images_per_class for one in self._run.sets}
        done = {sizes.get(one.set) for one in self._done if one.kind == "random_real"}
        first_of_size = {size: name for name, size in reversed(sizes.items())}
        return tuple(
            Training(name, "random_real")
            for size, name in reversed(first_of_size.items())
            if size not in done and size <= self._fewest
        )


def middle_of_widest_gap(kept: Collection[int], tested: Collection[int]) -> int | None:
    """The kept iteration that best fills the widest gap between tested ones on a logarithmic axis.

    Most of the change happens in the first dozens of iterations, which pass before networks are trained;
    their images are kept. None where no gap is wide, or nothing is kept in it.
    """
    widest, middle = math.log(WIDE_GAP), None
    places = sorted(tested)
    for low, high in pairwise(places):
        within = [one for one in kept if low < one < high]
        centre = (math.log1p(low) + math.log1p(high)) / 2
        wide = math.log1p(high) - math.log1p(low)
        if within and wide > widest:
            widest, middle = wide, min(within, key=lambda one: abs(math.log1p(one) - centre))
    return middle
