"""Schedule of the online evaluation: which test networks are trained next. It does not depend on time."""

import math
from collections.abc import Collection, Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from app.data.stored_results import online_results
from app.jobs.evaluation_tasks import FEW_REAL_IMAGES, TrainedOn
from app.jobs.online_evaluation_curve import accuracy_curves
from dmcore.runs.folder import RunFolder

WIDE_GAP = 2.0
"""Largest factor between the iterations of two neighbouring points of the curve."""
BATCHES_IN_TURN = 4
"""Kinds of batches that take turns: the start, real images, the newest images, a gap."""


class ScheduledTraining(NamedTuple):
    """Networks to be trained on one set's images at one iteration, or on real ones instead."""

    set: str
    kind: TrainedOn
    iteration: int = 0


class EvaluationSchedule:
    """Next trainings of a run's online evaluation, from its stored images and the trainings done."""

    def __init__(self, run: RunFolder, fewest: int, real: int) -> None:
        """Continue from the stored results.

        Args:
            run: the run.
            fewest: number of real training images of the smallest class.
            real: number of real training images in all.
        """
        self._run, self._fewest, self._real = run, fewest, real
        self._has_all_real = accuracy_curves(run).all_real is not None
        self._done = {
            ScheduledTraining(result.set, result.kind, result.iteration)
            for result in online_results(run)
            if result.n >= result.protocol.repeats
        }
        self._batches = self._in_order()

    def next_batch(self) -> tuple[ScheduledTraining, ...]:
        """The next trainings for the curve, for all sets; empty while no new images are stored."""
        return next((batch for batch in islice(self._batches, BATCHES_IN_TURN) if batch), ())

    def end(self) -> tuple[ScheduledTraining, ...]:
        """The trainings at the end of a run: its last images, and real ones if those are missing."""
        return (*self._round(self._run.iteration()), *self._random())

    def all_real(self) -> tuple[ScheduledTraining, ...]:
        """The training on all real images, where they are few and were not trained on yet."""
        few = self._real <= FEW_REAL_IMAGES and not self._has_all_real
        return (ScheduledTraining(self._run.set_names[0], "all_real"),) if few else ()

    def mark_done(self, done: ScheduledTraining) -> None:
        """Record a training as done."""
        self._done.add(done)
        self._has_all_real |= done.kind == "all_real"

    def _in_order(self) -> Iterator[tuple[ScheduledTraining, ...]]:
        """The start, as many random real images, then in turn the newest images and those that fill a gap."""
        yield self._round(min(self._stored(), default=None))
        yield self._random()
        while True:
            yield self._round(max(self._stored(), default=None))
            yield self._round(middle_of_widest_gap(self._stored(), self._tested()))

    def _tested(self) -> set[int]:
        return {training.iteration for training in self._done if training.kind == "condensed"}

    def _stored(self) -> set[int]:
        """Iterations at which the images of every set are stored."""
        return set.intersection(*(set(self._run.snapshots(name)) for name in self._run.set_names))

    def _round(self, iteration: int | None) -> tuple[ScheduledTraining, ...]:
        if iteration is None:
            return ()
        trainings = (ScheduledTraining(name, "condensed", iteration) for name in self._run.set_names)
        return tuple(training for training in trainings if training not in self._done)

    def _random(self) -> tuple[ScheduledTraining, ...]:
        """As many random real images, once for each size that every class has real images enough for."""
        sizes = {spec.name: spec.images_per_class for spec in self._run.sets}
        done = {sizes.get(training.set) for training in self._done if training.kind == "random_real"}
        first_of_size = {size: name for name, size in reversed(sizes.items())}
        return tuple(
            ScheduledTraining(name, "random_real")
            for size, name in reversed(first_of_size.items())
            if size not in done and size <= self._fewest
        )


def middle_of_widest_gap(stored: Collection[int], tested: Collection[int]) -> int | None:
    """The stored iteration that best fills the widest gap between tested ones on a logarithmic axis.

    Most of the change happens in the first dozens of iterations, which pass before networks are trained;
    their images are stored. None where no gap is wide, or nothing is stored in it.
    """
    widest, middle = math.log(WIDE_GAP), None
    for low, high in pairwise(sorted(tested)):
        within = [iteration for iteration in stored if low < iteration < high]
        centre = (math.log1p(low) + math.log1p(high)) / 2
        wide = math.log1p(high) - math.log1p(low)
        if within and wide > widest:
            widest, middle = wide, min(within, key=lambda iteration: abs(math.log1p(iteration) - centre))
    return middle
