"""Verdict on two samples of independent runs: Welch's t-test, and Holm's correction.

A run counts once, however many networks it was tested with; only where one side is a single set that no seed
changes, the networks trained on it are its sample. Nothing here depends on what the numbers measure.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

SIGNIFICANCE_LEVEL = 0.05
"""Two-sided: a smaller p resolves a comparison."""
SMALLEST_P = 0.001
"""A smaller one is printed as smaller than this."""
MIN_RUNS = 3
"""Runs that each side needs before anything is called resolved."""
MIN_NETWORKS = 2
"""Networks that a set that no seed changes needs: with one, the error of its accuracy is unknown."""
POWER = 0.8
"""Probability of resolving a gap that exists, for `sets_needed`."""
MAX_SETS_NEEDED = 1000
"""Runs that nobody will make: a gap that needs more is as good as none."""


Outcome = Literal["holds", "reversed", "not resolved"]


@dataclass(frozen=True)
class Verdict:
    """Result of a t-test between two sides, with their means, deviations and numbers.

    Samples are independent runs; where `fixed`, theirs are the networks trained on one set.
    """

    outcome: Outcome
    """Ours is better, ours is worse, or these runs do not resolve it."""
    ours_mean: float | None
    """Over the samples; None without any."""
    theirs_mean: float | None
    ours_std: float | None
    """Over the samples, ddof 1; None for fewer than two."""
    theirs_std: float | None
    ours_n: int
    """Number of samples."""
    theirs_n: int
    p: float | None
    """Two-sided, by Welch's t-test; None for too few samples, and where neither side varies."""
    fixed: bool = False
    """Whether theirs is one set that no seed changes: its samples are networks, not runs."""

    @property
    def varies(self) -> bool:
        """Whether a side varies: independent samples that are all equal are none."""
        return not self.ours_std == self.theirs_std == 0


def verdict(
    ours: Sequence[float], theirs: Sequence[float], higher_is_better: bool, *, fixed: bool = False
) -> Verdict:
    """Test whether the means of two sides differ at the 5 % level, variances not assumed equal.

    Args:
        ours: one number per independent run; repeats within a run are averaged before.
        theirs: the same for the other side.
        higher_is_better: whether a greater number is the better one.
        fixed: theirs is one set, the same for every seed, and its numbers are those of the networks trained
            on it: their spread is the error of what it was measured to reach, so it is not taken as exact.

    Raises:
        ValueError: a number is not finite.
    """
    if not all(map(math.isfinite, (*ours, *theirs))):
        raise ValueError("a run's number is not finite: leave out runs that failed")
    (ours_mean, ours_std), (theirs_mean, theirs_std) = _mean_and_std(ours), _mean_and_std(theirs)
    p, numbers = _welch(ours, theirs), (len(ours), len(theirs))
    outcome: Outcome = "not resolved"
    if p is not None and p < SIGNIFICANCE_LEVEL and not missing_samples(*numbers, fixed=fixed):
        assert ours_mean is not None
        assert theirs_mean is not None
        outcome = "holds" if (ours_mean > theirs_mean) == higher_is_better else "reversed"
    return Verdict(outcome, ours_mean, theirs_mean, ours_std, theirs_std, *numbers, p, fixed)


def missing_samples(ours_n: int, theirs_n: int, *, fixed: bool = False, run: str = "run") -> str:
    """What a verdict needs that is not there: 'a verdict needs 3 runs on each side'; empty if all is.

    Args:
        ours_n: number of our runs.
        theirs_n: number of theirs; of networks where `fixed`.
        fixed: theirs is one set that no seed changes.
        run: what a run is called.
    """
    if ours_n >= MIN_RUNS and theirs_n >= (MIN_NETWORKS if fixed else MIN_RUNS):
        return ""
    if not fixed:
        return f"a verdict needs {MIN_RUNS} {run}s on each side"
    if ours_n < MIN_RUNS:
        return f"a verdict needs {MIN_RUNS} {run}s"
    return f"a verdict needs {MIN_NETWORKS} networks trained on the set that no seed changes"


def missing_evidence(result: Verdict, run: str = "independent run") -> str:
    """Why nothing is resolved, whatever p: too few samples, or none that vary; empty where it is a test.

    Args:
        result: the verdict.
        run: what a run is called.
    """
    level = "" if result.varies else f"neither side varies: check that these are {run}s"
    return missing_samples(result.ours_n, result.theirs_n, fixed=result.fixed, run=run) or level


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's correction of the p of several tests, in their order: at most 1 (Holm 1979).

    Those below `SIGNIFICANCE_LEVEL` are resolved with a chance of error of that level for all tests together.
    """
    corrected, largest = [0.0] * len(p_values), 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[index]))
        corrected[index] = largest
    return corrected


def sets_needed(result: Verdict) -> int | None:
    """Number of runs on each side that resolve a gap of this size with probability `POWER`.

    The deviations are taken as they are. None for a set that no seed changes, which has no more runs; if a
    side has fewer than two runs, so no deviation, or neither varies; and if more than `MAX_SETS_NEEDED` would
    be needed.
    """
    ours, theirs, ours_std, theirs_std = (
        *(result.ours_mean, result.theirs_mean),
        *(result.ours_std, result.theirs_std),
    )
    if (
        result.fixed
        or not result.varies
        or ours is None
        or theirs is None
        or ours_std is None
        or theirs_std is None
    ):
        return None
    from scipy.special import stdtrit  # for comparisons alone, as below

    for runs in range(MIN_RUNS, MAX_SETS_NEEDED + 1):
        error = math.sqrt((ours_std**2 + theirs_std**2) / runs)
        if (
            abs(ours - theirs)
            >= (stdtrit(2 * runs - 2, 1 - SIGNIFICANCE_LEVEL / 2) + stdtrit(2 * runs - 2, POWER)) * error
        ):
            return runs
    return None


def _welch(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    (ours_mean, ours_std), (theirs_mean, theirs_std) = _mean_and_std(ours), _mean_and_std(theirs)
    if ours_mean is None or ours_std is None or theirs_mean is None or theirs_std is None:
        return None
    return _p(abs(ours_mean - theirs_mean), ours_std, len(ours), theirs_std, len(theirs))


def _p(gap: float, ours_std: float, ours_n: int, theirs_std: float, theirs_n: int) -> float | None:
    """Welch's two-sided p of a gap between two means; None where neither side varies."""
    from scipy.special import stdtr  # for comparisons alone; `scipy.stats` takes a second to import

    ours_share, theirs_share = ours_std**2 / ours_n, theirs_std**2 / theirs_n
    whole = ours_share + theirs_share
    if not whole:
        return None
    freedom = 1 / ((ours_share / whole) ** 2 / (ours_n - 1) + (theirs_share / whole) ** 2 / (theirs_n - 1))
    return float(2 * stdtr(freedom, -gap / math.sqrt(whole)))


def _mean_and_std(runs: Sequence[float]) -> tuple[float | None, float | None]:
    if not runs:
        return None, None
    if min(runs) == max(runs):  # exactly: a mean of equal numbers is rounded
        return float(runs[0]), 0.0 if len(runs) > 1 else None
    return float(np.mean(runs)), float(np.std(runs, ddof=1))


def p_number(p: float) -> str:
    """'0.035', or '< 0.001': two digits, and more where two would say 0.05 of what is above or below it."""
    if p < SMALLEST_P:
        return f"< {SMALLEST_P:g}"
    texts = (f"{p:.{digits}g}" for digits in range(2, 18))
    return next((text for text in texts if float(text) != SIGNIFICANCE_LEVEL), f"{SIGNIFICANCE_LEVEL:g}")


def p_text(p: float) -> str:
    """'p = 0.035', or 'p < 0.001'."""
    number = p_number(p)
    return f"p {number}" if number.startswith("<") else f"p = {number}"
