"""Choice of iterations, real batch and replay for a given time, with the reason in a sentence.

An iteration of Algorithm 1 is a real side, which a smaller real batch or replay makes cheaper, and a match.
The rule has three steps and is in `choose_budget`. Recorded runs play no part in it: the accuracy to expect
comes from `dmcore.runs.results.expected_accuracy`.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass

from dmcore.bench.iteration_time import IterationTime
from dmcore.config import CondenseConfig
from dmcore.config.formatting import grouped, precise_duration

REAL_BATCHES = (32, 64, 128, 256)
"""Real images per class to choose from. The paper's 256 is the largest; with fewer, the mean that is
matched is noisier, but more of them fit. Measured on Fashion-MNIST, 10 per class, in the time of 300
iterations of 64 (3 sets × 2 networks): 32 gave 78.6 ± 0.6, 64 78.5 ± 0.5, 128 78.4 ± 0.3 and 256, which
came to 112, 78.0 ± 0.3. The smallest lost nothing: it is reduced where images would not settle otherwise."""
MAX_ITERATIONS = CondenseConfig().iterations
"""Largest number of iterations: the paper's."""
SUFFICIENT_ITERATIONS = 2_000
"""Iterations from which the paper's real batch without replay is kept. Measured on MNIST, 10 per class:
2,400 instead of 600 added half a point (90.3 to 90.8, ± 0.3 over 3 networks of one set)."""
MIN_GAIN = 1.25
"""Factor by which another option must increase the iterations to replace the paper's."""
SETTLED_ITERATIONS = 500
"""Iterations below which images are still changing much: the small budget at which the
authors' code was recorded."""


@dataclass(frozen=True)
class Candidate:
    """Option for the given time: real batch and replay, with the iterations that fit."""

    real_batch: int
    """Real images per class and iteration."""
    replay: bool
    """Whether most iterations reuse a recent real side."""
    iterations: int
    """Iterations that fit in the time, 20,000 at most."""
    seconds: float
    """Predicted time of these iterations."""

    def apply_to(self, config: CondenseConfig, iterations: int) -> CondenseConfig:
        """Configuration with this option's real batch and replay."""
        changes = {"iterations": iterations, "real_batch": self.real_batch, "replay": self.replay}
        return config.model_copy(update=changes)


@dataclass(frozen=True)
class Budget:
    """Chosen configuration for a given time, with the reason and the alternatives."""

    config: CondenseConfig
    """The requested configuration with its iterations, real batch and replay decided."""
    seconds: float
    """Predicted for condensation alone; loading the data set and evaluating the result come on top."""
    left_over: float
    """Seconds that remain because all of `MAX_ITERATIONS` fit."""
    why: str
    """Reason in a sentence."""
    candidates: tuple[Candidate, ...]
    """All options, smallest real batch first."""

    def is_chosen(self, candidate: Candidate) -> bool:
        """Whether this candidate was chosen."""
        return (candidate.real_batch, candidate.replay) == (self.config.real_batch, self.config.replay)


def choose_budget(
    requested: CondenseConfig,
    seconds: float,
    times: Mapping[int, IterationTime],
    replay: bool | None = None,
) -> Budget:
    """Choose iterations, real batch and replay for a given time.

    First, the largest real batch without replay, as in the paper, if `SUFFICIENT_ITERATIONS` fit. Else
    replay. If even so fewer than `SETTLED_ITERATIONS` fit, the largest real batch with which they do; else
    the smallest.

    Args:
        requested: all other settings of the run; its `replay_keep` and `replay_every` are used with replay.
        seconds: the available time.
        times: time of an iteration for every real batch that may be chosen; a single entry if it is given.
        replay: given, or to be chosen (None).

    Raises:
        ValueError: the time is not positive, or too short for one iteration; with the remedy.
    """
    if not (math.isfinite(seconds) and seconds > 0):
        raise ValueError(f"there is nothing to plan in {seconds:g} seconds: give a time longer than that")
    replay_options = (False, True) if replay is None else (replay,)
    candidates = {
        (batch, option): _candidate(requested, seconds, batch, option, time)
        for batch, time in sorted(times.items())
        for option in replay_options
    }
    most_real, quickest = max(times), replay_options[-1]
    chosen = candidates[most_real, replay_options[0]]
    if chosen.iterations < SUFFICIENT_ITERATIONS and _gains(candidates[most_real, quickest], chosen):
        chosen = candidates[most_real, quickest]
    if chosen.iterations < SETTLED_ITERATIONS:
        settled = [
            candidate
            for candidate in candidates.values()
            if candidate.replay is quickest and candidate.iterations >= SETTLED_ITERATIONS
        ]
        most = max(candidates.values(), key=lambda candidate: (candidate.iterations, candidate.real_batch))
        chosen = settled[-1] if settled else most if _gains(most, chosen) else chosen
    if not chosen.iterations:
        least = min(
            times[candidate.real_batch].seconds(candidate.apply_to(requested, iterations=1))
            for candidate in candidates.values()
        )
        raise ValueError(
            f"{precise_duration(seconds)} is not enough for one iteration, which takes "
            f"{precise_duration(least)} here: give more time, a narrower network (--width 32) or "
            "fewer images per class"
        )
    left_over = max(0.0, seconds - chosen.seconds) if chosen.iterations == MAX_ITERATIONS else 0.0
    settling = times[chosen.real_batch].seconds(chosen.apply_to(requested, SETTLED_ITERATIONS))
    why = _reason(chosen, candidates[most_real, replay_options[0]], candidates[most_real, quickest], settling)
    if left_over:
        why += (
            f" No more than the paper's {grouped(MAX_ITERATIONS)} are planned: "
            f"{precise_duration(left_over)} are left over."
        )
    return Budget(
        chosen.apply_to(requested, chosen.iterations),
        chosen.seconds,
        left_over,
        why,
        tuple(candidates.values()),
    )


def _gains(other: Candidate, chosen: Candidate) -> bool:
    """Whether another option allows enough more iterations to replace the chosen one."""
    return other.iterations >= MIN_GAIN * chosen.iterations and other.iterations > chosen.iterations


def _candidate(
    requested: CondenseConfig, seconds: float, real_batch: int, replay: bool, time: IterationTime
) -> Candidate:
    """Option with as many iterations as fit."""
    option = Candidate(real_batch, replay, 0, 0.0)

    def needed(iterations: int) -> float:
        return time.seconds(option.apply_to(requested, iterations))

    within = seconds * (1 + 1e-9)  # a time that suffices exactly is not lost to rounding
    iterations = bisect_right(range(MAX_ITERATIONS + 1), within, key=needed) - 1
    return Candidate(real_batch, replay, iterations, needed(iterations))


def _reason(chosen: Candidate, first: Candidate, quickest: Candidate, settling: float) -> str:
    """Reason in a sentence; `first` and `quickest` are the options at the largest real batch."""
    sufficient, settled_count = grouped(SUFFICIENT_ITERATIONS), grouped(SETTLED_ITERATIONS)
    verb = "fits" if chosen.iterations == 1 else "fit"
    fit = f"{_iterations(chosen.iterations)} {verb} with {_option_text(chosen)}"
    if chosen.iterations < SETTLED_ITERATIONS:
        settled = f"images settle after about {settled_count}, which would take {precise_duration(settling)}"
        return f"Only {fit}; {settled}."
    if chosen.real_batch < quickest.real_batch:
        return (
            f"With {_option_text(quickest)} only {grouped(quickest.iterations)} iterations fit, and images "
            f"settle after about {settled_count}: {chosen.real_batch} is the most with which they do."
        )
    if chosen.replay and not first.replay:
        return (
            f"With {_option_text(first)} only {_iterations(first.iterations)} fit, where {sufficient} would "
            f"suffice: replay makes it {grouped(chosen.iterations)}."
        )
    if chosen.iterations < SUFFICIENT_ITERATIONS:
        return f"{fit}; {sufficient} would suffice, and images have settled after about {settled_count}."
    return f"{fit}, and {sufficient} suffice."


def _iterations(count: int) -> str:
    return f"{grouped(count)} iteration{'' if count == 1 else 's'}"


def _option_text(candidate: Candidate) -> str:
    replay = "replay" if candidate.replay else "no replay"
    return f"{candidate.real_batch} real images per class and {replay}"
