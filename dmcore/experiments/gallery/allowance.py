"""Allowance: how far two means of accuracies may differ where networks are trained with other roundings.

The deviation of the networks of a set is pooled over an entry, on the arcsine scale, on which it depends
little on the accuracy: a row and column alone has too few networks to know it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FALSE_ALARMS = 0.01
"""Share of the checks of a sound gallery, on another machine, in which some comparison does not hold."""
MOST_POINTS = 5.0
"""Points of percent: a comparison that allows more says nothing."""
BySet = Sequence[Sequence[float]]
"""Percent of each network, by independent set."""


def angles(sets: BySet) -> list[np.ndarray]:
    """Accuracies of each set on the arcsine scale: arcsin of the root of the share, in radians."""
    return [np.arcsin(np.sqrt(np.clip(np.asarray(each, float) / 100, 0, 1))) for each in sets]


def points_per_angle(sets: BySet) -> float:
    """Points of percent of a small difference on the arcsine scale, at the mean of these accuracies."""
    return 100 * math.sin(2 * float(np.mean(np.concatenate(angles(sets)))))


@dataclass(frozen=True)
class NetworkDeviation:
    """Deviation of the networks of a set, pooled over sets of unequal means, on the arcsine scale."""

    squares: float
    """Sum of squares about the mean of each set."""
    freedom: int
    """Degrees of freedom of that sum."""

    @classmethod
    def pooled(cls, samples: Sequence[BySet]) -> "NetworkDeviation":
        """Pool over rows and columns, recorded and recomputed; an equal set counts once.

        Where each set has a single network, the sets of a row and column are the samples: they differ more.
        """
        each = {tuple(map(tuple, sample)) for sample in samples}
        groups = {group for sample in each for group in sample if len(group) > 1}
        if not groups:
            groups = {tuple(group[0] for group in sample) for sample in each}
        spread = angles(sorted(groups))
        squares = math.fsum(float(np.var(group)) * len(group) for group in spread)
        return cls(squares, sum(len(group) - 1 for group in spread))

    def points_at(self, mean: float) -> float | None:
        """The deviation in points of percent, at a mean in percent; None where a single network has none."""
        if not self.freedom:
            return None
        return points_per_angle([[mean]]) * math.sqrt(self.squares / self.freedom)

    def allowance(self, pairs: Sequence[tuple[BySet, BySet]], comparisons: int) -> float | None:
        """Largest difference of two means, in points of percent, that the deviation explains.

        The quantile of Student's t times the standard error of the difference.

        Args:
            pairs: recorded and recomputed accuracies of a row and column, or of several that are averaged.
            comparisons: how many are made in a check: with many, some differ more by chance.

        Returns:
            None where no two networks differ: the deviation is unknown.
        """
        from scipy.special import stdtrit

        if not self.freedom or not self.squares:
            return None
        variance = 0.0
        totals = [sum(len(each) for pair in pairs for each in pair[side]) for side in (0, 1)]
        for pair in pairs:
            points = points_per_angle([*pair[0], *pair[1]])
            for side, total in zip(pair, totals, strict=True):
                variance += points**2 * sum(map(len, side)) / total**2
        quantile = float(stdtrit(self.freedom, 1 - FALSE_ALARMS / (2 * max(comparisons, 1))))
        return quantile * math.sqrt(variance * self.squares / self.freedom)
