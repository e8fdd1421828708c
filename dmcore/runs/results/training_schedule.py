"""Schedule of the online evaluation: which test networks are trained next. It does not depend on time."""

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from dmcore.runs.description import ResultKind, StoredResult
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.accuracy_curves import accuracy_curves, online_results
from dmcore.runs.results.evaluation_tasks import FEW_REAL_IMAGES, representative_set

STEPS = (1, 5)
"""Iterations of the points of a curve within each power of ten; 5 is left out below 10."""
CLOSE_TO_END = 1.5
"""Factor below the last iteration within which no other point is planned."""
BATCHES_IN_TURN = 3
"""Kinds of batches that take turns: two points of the curve, real images once, further points."""


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
        """A point of the curve, as many random real images once there are two, then further points."""
        yield self._next_point()
        yield self._next_point()
        yield self._random()
        while True:
            yield self._next_point()

    def _next_point(self) -> tuple[ScheduledTraining, ...]:
        """Point of the plan that is farthest from those tested, of the images stored by now.

        Never the last images: those are tested at the end, here or by the run's test.
        """
        config = self._run.config
        if config is None:
            return ()
        tested = {training.iteration for training in self._done if training.kind == "condensed"}
        planned = planned_points(config.iterations, self._run.snapshots())
        begun = [iteration for iteration in planned if iteration in tested and self._round(iteration)]
        return self._round(begun[0] if begun else farthest_point(planned, tested))

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


def planned_points(iterations: int, stored: Collection[int]) -> tuple[int, ...]:
    """Iterations of the curve before the last: about 1, 10, 50, 100, 500, 1000, …, those with stored images.

    Most of the change happens in the first dozens of iterations. They depend on the run's length and on what
    it stores, so that a resumed run has the same; the start is no point: nothing was learned by then.

    Args:
        iterations: the run's last iteration.
        stored: iterations whose images are stored by now.
    """
    points = set()
    for power in range(len(str(iterations))):
        for iteration in (step * 10**power for step in STEPS if step * 10**power != STEPS[-1]):
            later = min((each for each in stored if each >= iteration), default=None)
            if later is not None and later * CLOSE_TO_END <= iterations:
                points.add(later)
    return tuple(sorted(points))


def farthest_point(planned: Collection[int], tested: Collection[int]) -> int | None:
    """Planned iteration farthest from the tested ones on a logarithmic axis; the latest where none is."""
    missing = [iteration for iteration in planned if iteration not in tested]

    def distance(iteration: int) -> tuple[float, int]:
        near = (abs(math.log(iteration) - math.log(max(each, 1))) for each in tested)
        return min(near, default=math.inf), iteration

    return max(missing, key=distance, default=None)
