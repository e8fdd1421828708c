"""What a race shows: its curves, the time until an accuracy, comparisons at equal time and iterations.

A race counts once: its networks are averaged before. Nothing here is interpolated: times are those of tests.
"""

import math
from dataclasses import dataclass

import numpy as np

from dmcore.config.formatting import NO_BREAK_SPACE, counted, duration, joined, mean_text
from dmcore.config.gradient_matching import PUBLISHED_LOOPS
from dmcore.config.methods import Method
from dmcore.experiments.figure4.config import MOMENTS, NAMES
from dmcore.experiments.figure4.results import RacePoint, RaceResults
from dmcore.experiments.published.numbers import FIGURE4_MINUTES
from dmcore.experiments.verdicts import Verdict, missing_evidence, p_text, verdict

PUBLISHED = (
    f"Published (figure 4): to learn 50 images per class of CIFAR-10, DM takes under "
    f"{FIGURE4_MINUTES['dm']:.0f} min and DSA {FIGURE4_MINUTES['dsa'] / 60:.0f} h, on one GTX 1080."
)
"""The paper's two points, with their machine."""
EQUAL = 1.5
"""Factor by which numbers of iterations that are called equal differ at most."""


@dataclass(frozen=True)
class CurvePoint:
    """A method at a moment, over the races that have come so far."""

    moment: int
    seconds: float
    """Mean of the clocks."""
    iterations: float
    """Mean."""
    mean: float
    """Percent, over the races."""
    std: float | None
    """Over the races, ddof 1; None for one."""
    races: int
    networks: int
    """Networks of each race."""

    @property
    def text(self) -> str:
        """'74.0 ± 0.5 % (3 races, 2 networks each)'."""
        networks = f"{counted(self.networks, 'network')}{' each' if self.races > 1 else ''}"
        return f"{mean_text(self.mean, self.std)} % ({counted(self.races, 'race')}, {networks})"


@dataclass(frozen=True)
class Curve:
    """Curve of a method."""

    method: Method
    points: tuple[CurvePoint, ...]

    @property
    def name(self) -> str:
        """DM, DC or DSA."""
        return NAMES[self.method]


@dataclass(frozen=True)
class TimeToAccuracy:
    """Seconds of each method until its curve, the mean of its races, is at a level or above."""

    level: int
    """Percent."""
    seconds: dict[Method, float | None]
    """None where the curve has not reached it."""
    not_before: dict[Method, float]
    """Seconds of the test before, at which it was below: between the two it came there."""
    starts: dict[Method, float]
    """Percent at the start."""
    races: int
    """Races that the curves are the means of."""

    @property
    def sentence(self) -> str:
        """'74 % after at most 3 s with DM, against 4 min to 6 min with DSA (mean of 3 races).'."""
        reached = sorted((value, method) for method, value in self.seconds.items() if value is not None)
        (first, fastest), *others = reached
        level, text = f"{self.level}{NO_BREAK_SPACE}%", f"after {self._between(fastest)}"
        if first == 0:
            at_start = joined([NAMES[method] for value, method in reached if value == 0])
            others = [each for each in others if each[0] > 0]
            text = f"at the start with {at_start}"
        text = f"{level} {text}"
        if others:
            against = joined([self._between(method) for _, method in others])
            text += f", against {against}"
        missing = [NAMES[method] for method, value in self.seconds.items() if value is None]
        if missing:
            text += f"; not reached with {joined(missing)}"
        starts = joined([f"{NAMES[method]} {start:.1f}" for method, start in self.starts.items()])
        return f"{text} ({_mean_of(self.races)}). At the start, in %: {starts}."

    def _between(self, method: Method) -> str:
        at, before = self.seconds[method], self.not_before[method]
        assert at is not None
        times = f"{time_text(before)} to {time_text(at)}" if before else f"at most {time_text(at)}"
        return f"{times} with {NAMES[method]}"


def curves(results: RaceResults) -> tuple[Curve, ...]:
    """Curves of the methods that have been tested, over the complete races; the first one's before.

    A moment that a lane skipped in one of them has no point: it would be the mean of other races.
    """
    races = len(results.compared_seeds)
    by_lane: dict[Method, dict[int, list[RacePoint]]] = {}
    for point in results.points:
        if point.seed in results.compared_seeds:
            by_lane.setdefault(point.method, {}).setdefault(point.moment, []).append(point)
    found = (
        Curve(method, tuple(_curve_point(*each) for each in sorted(moments.items()) if len(each[1]) == races))
        for method in results.config.lanes
        if (moments := by_lane.get(method))
    )
    return tuple(curve for curve in found if curve.points)


def time_to_accuracy(results: RaceResults) -> TimeToAccuracy | None:
    """Time until the highest whole percent that the curves of two methods reach; None before.

    Of the curves, which are means over the races: a race that begins with better images than another one
    would be there at its start.
    """
    found = curves(results)
    best = sorted((max(point.mean for point in curve.points) for curve in found), reverse=True)
    if len(best) < 2:
        return None
    level = math.floor(best[1])
    seconds: dict[Method, float | None] = {}
    not_before: dict[Method, float] = {}
    for curve in found:
        reached = next((at for at, point in enumerate(curve.points) if point.mean >= level), None)
        seconds[curve.method] = None if reached is None else curve.points[reached].seconds
        last_below = len(curve.points) - 1 if reached is None else max(0, reached - 1)
        not_before[curve.method] = curve.points[last_below].seconds
    starts = {curve.method: curve.points[0].mean for curve in found}
    races = min(curve.points[-1].races for curve in found)
    return TimeToAccuracy(level, seconds, not_before, starts, races)


def equal_iterations(results: RaceResults) -> str:
    """Sentences on the methods after as many iterations each, which is another question; empty before."""
    found = curves(results)
    fewest = min((curve.points[-1].iterations for curve in found), default=0.0)
    if len(found) < 2 or fewest < 1:
        return ""
    texts, near = [], True
    for curve in found:
        point = min(curve.points, key=lambda each: abs(math.log((each.iterations or 1e-9) / fewest)))
        near &= fewest / EQUAL <= point.iterations <= fewest * EQUAL
        texts.append(
            f"{curve.name} {point.mean:.1f}{NO_BREAK_SPACE}% after {iterations_text(point.iterations)}"
        )
    loops = PUBLISHED_LOOPS.get(results.config.images_per_class)
    why = "an iteration of DC or DSA also trains its network on the images"
    if loops is not None and loops.outer > 1:
        updates = f"an iteration of DC or DSA has {loops.outer} updates"
        why = f"{updates} and trains its network in between, DM's has one"
    lead = "At equal iterations" if near else "At the tests nearest to equal iterations"
    return f"{lead}: {joined(texts)}. That is another question than time: {why}."


def final_verdicts(results: RaceResults) -> list[tuple[Method, Method, Verdict]]:
    """The first method against each other at the end of the time, over races."""
    first, *others = results.config.lanes
    return [(first, other, verdict(_final(results, first), _final(results, other), True)) for other in others]


def verdict_sentence(first: Method, other: Method, result: Verdict, seconds: int) -> str:
    """'DM against DSA after 300 s: holds, 74.0 ± 0.5 % (3 races) against …; p = 0.01.'."""
    sides = [
        "no race" if mean is None else f"{mean_text(mean, std)} % ({counted(count, 'race')})"
        for mean, std, count in (
            (result.ours_mean, result.ours_std, result.ours_n),
            (result.theirs_mean, result.theirs_std, result.theirs_n),
        )
    ]
    reason = missing_evidence(result, "race") or (
        "" if result.p is None else f"{p_text(result.p)} (Welch's t-test)"
    )
    text = f"{NAMES[first]} against {NAMES[other]} after {duration(float(seconds))}: {result.outcome}"
    return f"{text}, {sides[0]} against {sides[1]}; {reason}."


def failure_sentences(results: RaceResults) -> list[str]:
    """Why lanes could not go on."""
    return [
        f"{NAMES[failure.method]} in race {failure.seed + 1}: {failure.sentence}."
        for failure in results.failures
    ]


def describe_race(results: RaceResults) -> str:
    """The last point of each curve in a sentence, for who does not see the figure."""
    lasts = [
        f"{curve.name} {curve.points[-1].text} after {time_text(curve.points[-1].seconds)}"
        for curve in curves(results)
    ]
    return f"Test accuracy against seconds of condensing: {'; '.join(lasts)}." if lasts else PUBLISHED


def _final(results: RaceResults, method: Method) -> list[float]:
    lasts = [points[-1] for seed in results.compared_seeds if (points := results.of(method, seed))]
    return [point.accuracy for point in lasts if point.moment == MOMENTS]


def _curve_point(moment: int, points: list[RacePoint]) -> CurvePoint:
    accuracies = [point.accuracy for point in points]
    return CurvePoint(
        moment,
        float(np.mean([point.seconds for point in points])),
        float(np.mean([point.iterations for point in points])),
        float(np.mean(accuracies)),
        float(np.std(accuracies, ddof=1)) if len(accuracies) > 1 else None,
        len(points),
        min(len(point.accuracies) for point in points),
    )


def time_text(seconds: float) -> str:
    """Seconds of condensing: '0.4 s', '41 s', '100 s', '6 min'."""
    if 90 <= seconds < 180:
        return f"{seconds:.0f}{NO_BREAK_SPACE}s"
    if not 0 < seconds < 10:
        return duration(seconds)
    return f"{seconds:.1f}{NO_BREAK_SPACE}s" if seconds >= 1 else f"{seconds:.2g}{NO_BREAK_SPACE}s"


def _mean_of(races: int) -> str:
    return "one race" if races == 1 else f"mean of {counted(races, 'race')}"


def iterations_text(number: float) -> str:
    """Iterations, with the share of the one at work: 'none', '0.2 of one', '35 iterations'."""
    if number == 0:
        return "none"
    return counted(round(number), "iteration") if number >= 1 else f"{number:.1f} of one"
