"""What to do with a given time: iterations, real batch and replay that fit in it, and one sentence why.

An iteration of Algorithm 1 is a real side, which a smaller real batch or replay makes cheaper, and a match.
The rule is three steps long and stands in `choose_budget`. It must not know recorded runs: what accuracy to
expect is said by `dmcore.runs.results.expected_accuracy`.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from dmcore.bench.timing import IterationTime
from dmcore.config import CondenseConfig
from dmcore.config.formatting import grouped, precise_duration

REAL_BATCHES = (32, 64, 128, 256)
"""Real images per class to choose from. The paper's 256 is the largest; with fewer, the mean that is
matched is noisier, but more of them fit. Measured on Fashion-MNIST, 10 per class, in the time of 300
iterations of 64 (3 sets × 2 networks): 32 gave 78.6 ± 0.6, 64 78.5 ± 0.5, 128 78.4 ± 0.3 and 256, which
came to 112, 78.0 ± 0.3. The smallest lost nothing: it is what gives way where images would not settle."""
MAX_ITERATIONS = CondenseConfig().iterations
"""Iterations that are worth having: the paper's."""
SUFFICIENT_ITERATIONS = 2_000
"""Iterations with which the paper's way is not given up. Measured on MNIST, 10 per class: 2,400 instead of
600 added half a point (90.3 to 90.8, ± 0.3 over 3 networks of one set)."""
MIN_GAIN = 1.25
"""Times as many iterations that another way has to allow, to be worth leaving the paper's for."""
SETTLED_ITERATIONS = 500
"""Iterations below which images are still on their way: the small budget at which the
authors' code was recorded."""


@dataclass(frozen=True)
class Candidate:
    """One way of spending the time."""

    real_batch: int
    """Real images per class and iteration."""
    replay: bool
    """Whether most iterations reuse a recent real side."""
    iterations: int
    """That fit in the time, 20,000 at most."""
    seconds: float
    """That they are predicted to take."""

    def of(self, wish: CondenseConfig, iterations: int) -> CondenseConfig:
        """The wish done this way."""
        decided = {"iterations": iterations, "real_batch": self.real_batch, "replay": self.replay}
        return wish.model_copy(update=decided)


@dataclass(frozen=True)
class Budget:
    """The way that was chosen."""

    config: CondenseConfig
    """The wish with its iterations, real batch and replay decided."""
    seconds: float
    """Predicted for learning alone; loading the data set and judging the result come on top."""
    left_over: float
    """Seconds of the time that are not needed, for there are enough iterations."""
    why: str
    """In words."""
    candidates: tuple[Candidate, ...]
    """Everything that could have been chosen, smallest real batch first."""

    def chosen(self, one: Candidate) -> bool:
        """Whether this candidate is the one."""
        return (one.real_batch, one.replay) == (self.config.real_batch, self.config.replay)


def choose_budget(
    wish: CondenseConfig,
    seconds: float,
    times: Mapping[int, IterationTime],
    replay: bool | None = None,
) -> Budget:
    """Decide iterations, real batch and replay.

    First, the largest real batch without replay, the paper's way, where `SUFFICIENT_ITERATIONS` iterations fit. Else replay.
    Where even so fewer than `SETTLED_ITERATIONS` fit, the largest real batch with which they do; else the smallest.

    Args:
        wish: everything else of the run; its `replay_keep` and `replay_every` are how replay is done.
        seconds: the time there is.
        times: what an iteration takes, for every real batch that may be chosen; one only where it is given.
        replay: given, or left open (None).

    Raises:
        ValueError: the time is no positive number, or too short for one iteration; with the remedy.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"there is nothing to plan in {seconds:g} seconds: give a time longer than that")
    ways = (False, True) if replay is None else (replay,)
    found = {
        (batch, way): _candidate(wish, seconds, batch, way, time)
        for batch, time in sorted(times.items())
        for way in ways
    }
    most_real, quickest = max(times), ways[-1]
    chosen = found[most_real, ways[0]]
    if chosen.iterations < SUFFICIENT_ITERATIONS and _gains(found[most_real, quickest], chosen):
        chosen = found[most_real, quickest]
    if chosen.iterations < SETTLED_ITERATIONS:
        settled = [
            one for one in found.values() if one.replay is quickest and one.iterations >= SETTLED_ITERATIONS
        ]
        most = max(found.values(), key=lambda one: (one.iterations, one.real_batch))
        chosen = settled[-1] if settled else most if _gains(most, chosen) else chosen
    if not chosen.iterations:
        least = min(times[one.real_batch].seconds(one.of(wish, iterations=1)) for one in found.values())
        raise ValueError(
            f"{precise_duration(seconds)} is not enough for one iteration, which takes "
            f"{precise_duration(least)} here: give more time, a narrower network (--width 32) or "
            "fewer images per class"
        )
    left_over = max(0.0, seconds - chosen.seconds) if chosen.iterations == MAX_ITERATIONS else 0.0
    settling = times[chosen.real_batch].seconds(chosen.of(wish, SETTLED_ITERATIONS))
    why = _why(chosen, found[most_real, ways[0]], found[most_real, quickest], settling)
    if left_over:
        why += (
            f" More than the paper's {grouped(MOST)} are not asked for: "
            f"{precise_duration(left_over)} are left over."
        )
    return Budget(chosen.of(wish, chosen.iterations), chosen.seconds, left_over, why, tuple(found.values()))


def _gains(other: Candidate, chosen: Candidate) -> bool:
    """Whether another way gets so much further that it is worth leaving the paper's."""
    return other.iterations >= MIN_GAIN * chosen.iterations and other.iterations > chosen.iterations


def _candidate(
    wish: CondenseConfig, seconds: float, real_batch: int, replay: bool, time: IterationTime
) -> Candidate:
    """As many iterations as fit."""
    way = Candidate(real_batch, replay, 0, 0.0)

    def needed(iterations: int) -> float:
        return time.seconds(way.of(wish, iterations))

    within = seconds * (1 + 1e-9)  # a time that is enough to the second is not lost to rounding
    iterations = bisect_right(range(MAX_ITERATIONS + 1), within, key=needed) - 1
    return Candidate(real_batch, replay, iterations, needed(iterations))


def _why(chosen: Candidate, first: Candidate, quickest: Candidate, settling: float) -> str:
    """The sentence: `first` and `quickest` are the first way and the quickest, at the largest real batch."""
    verb = "fits" if chosen.iterations == 1 else "fit"
    fit = f"{_iterations(chosen.iterations)} {verb} with {_way(chosen)}"
    if chosen.iterations < SETTLED_ITERATIONS:
        settled = (
            f"images settle after about {grouped(SETTLED)}, which would take {precise_duration(settling)}"
        )
        return f"Only {fit}; {settled}."
    if chosen.real_batch < quickest.real_batch:
        return (
            f"With {_way(quickest)} only {grouped(quickest.iterations)} iterations fit, and images settle "
            f"after about {grouped(SETTLED)}: {chosen.real_batch} is the most with which they do."
        )
    if chosen.replay and not first.replay:
        return (
            f"With {_way(first)} only {_iterations(first.iterations)} fit, where {grouped(ENOUGH)} would "
            f"suffice: replay makes it {grouped(chosen.iterations)}."
        )
    if chosen.iterations < SUFFICIENT_ITERATIONS:
        return (
            f"{fit}; {grouped(ENOUGH)} would suffice, and images have settled after about {grouped(SETTLED)}."
        )
    return f"{fit}, and {grouped(ENOUGH)} suffice."


def _iterations(count: int) -> str:
    return f"{grouped(count)} iteration{'' if count == 1 else 's'}"


def _way(one: Candidate) -> str:
    return f"{one.real_batch} real images per class and {'replay' if one.replay else 'no replay'}"
