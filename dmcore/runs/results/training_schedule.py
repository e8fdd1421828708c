"""Schedule of the online evaluation: which test networks are trained next. It does not depend on time."""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

from dmcore.runs.description import ResultKind, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import accuracy_curves, online_results
from dmcore.runs.results.evaluation_tasks import FEW_REAL_IMAGES, representative_set

WIDE_GAP = 2.0
"""Largest factor between the iterations of two neighbouring points of the curve."""
BATCHES_IN_TURN = 4
"""Kinds of batches that take turns: the start, real images, the newest images, a gap."""


class ScheduledTraining(NamedTuple):
    """Networks to be trained on one set's images at one iteration, or on real ones instead."""

    set: str
    kind: ResultKind
    iteration: int = 0


class EvaluationSchedule:
    """Next trainings of a run's online evaluation, from its stored images and the trainings done."""

    def __init__(self, run: RunFolder, results: Sequence[StoredResult], fewest: int, real: int) -> None:
        """Continue from the stored results.

        Args:
            run: the run.
            results: its stored results, by any protocol.
            fewest: number of real training images of the smallest class.
            real: number of real training images in all.
        """
        self._run, self._fewest, self._real = run, fewest, real
        self._has_all_real = accuracy_curves(run, results).all_real is not None
        self._done = {
            ScheduledTraining(
                representative_set(run, result.set, result.kind),
                result.kind,
                result.iteration if result.kind == "condensed" else 0,
            )
            for result in online_results(results)
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
        yield self._round(min(self._run.snapshots(), default=None))
        yield self._random()
        while True:
            yield self._round(max(self._run.snapshots(), default=None))
            yield self._round(middle_of_widest_gap(self._run.snapshots(), self._tested()))

    def _tested(self) -> set[int]:
        return {training.iteration for training in self._done if training.kind == "condensed"}

    def _round(self, iteration: int | None) -> tuple[ScheduledTraining, ...]:
        names = () if iteration is None else self._run.set_names
        return self._missing(ScheduledTraining(name, "condensed", iteration or 0) for name in names)

    def _random(self) -> tuple[ScheduledTraining, ...]:
        """As many random real images, once for each size that every class has real images enough for."""
        names = (each.name for each in self._run.sets if each.images_per_class <= self._fewest)
        return self._missing(
            ScheduledTraining(name, "random_real")
            for name in names
            if representative_set(self._run, name, "random_real") == name
        )

    def _missing(self, trainings: Iterable[ScheduledTraining]) -> tuple[ScheduledTraining, ...]:
        return tuple(training for training in trainings if training not in self._done)


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
