"""Scores of the field for the rows of a table: IOR, HLR, LRS and ARS of DD-Ranking (Li et al. 2025).

An accuracy alone depends on the test networks' training. Two differences depend less on it: to as many random
real images under the same training (IOR), and to all real images (HLR). The others are made of these.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dmcore.experiments.report.entries import TableEntry, entry_of
from dmcore.experiments.results import Results
from dmcore.experiments.table1 import NAMES

WEIGHT = 0.5
"""Of the IOR in the label-robust score, as published; the rest is the HLR's."""
AUGMENTED_WEIGHT = 0.5
"""Of the training with augmentation in the augmentation-robust score, as published."""
CONFIDENCE = 0.95
SCORE_HEADINGS = ("Improvement over random (IOR), points", "Below all real images (HLR), points", "LRS")
SCORES_MEANING = (
    "Scores of DD-Ranking, from the accuracies of this table. IOR: above as many random real images, under "
    "the same training; HLR: below all real images, lower is better; LRS: both in one number from 0 to 1, "
    "(e^α − e^−1) / (e − e^−1) of α = ½ IOR − ½ HLR as fractions, higher is better. In brackets the interval "
    "of 95 % over independent sets (of all real images: over networks). DD-Ranking trains its test networks "
    "another way, with a rate chosen by test accuracy, so its own numbers differ."
)


@dataclass(frozen=True)
class Estimated:
    """Value with the interval that it lies in with `CONFIDENCE`."""

    value: float
    low: float | None
    """None where a side has fewer than two samples, so that its spread is unknown."""
    high: float | None

    def text(self, factor: float, digits: int, sign: str = "") -> str:
        """'+19.6 (12.1 to 27.1)': the value times a factor, with its interval where that is known."""
        numbers = (self.value, *(end for end in (self.low, self.high) if end is not None))
        value, *ends = (f"{factor * number:{sign}.{digits}f}".replace("-", "−") for number in numbers)
        return f"{value} ({' to '.join(ends)})" if ends else value


@dataclass(frozen=True)
class RowScores:
    """Scores of one row of a table in one column, over its independent sets; accuracies as fractions."""

    row: str
    column: str
    ior: Estimated
    """Improvement over random: accuracy − that of as many random real images."""
    hlr: Estimated
    """Hard label recovery: accuracy of all real images − accuracy; lower is better."""
    lrs: Estimated
    """Label-robust score."""
    sets: int
    """Independent sets of the row."""
    random_sets: int
    whole_networks: int

    @property
    def texts(self) -> tuple[str, str, str]:
        """Cells below `SCORE_HEADINGS`."""
        return self.ior.text(100.0, 1, "+"), self.hlr.text(100.0, 1), self.lrs.text(1.0, 3)


def label_robust_score(ior: float, hlr: float, weight: float = WEIGHT) -> float:
    """LRS (DD-Ranking, section 3): 0 at α = −1, 1 at α = 1, where α = w·IOR − (1 − w)·HLR.

    Args:
        ior: improvement over random, as a fraction.
        hlr: hard label recovery, as a fraction.
        weight: w, from 0 to 1.

    Raises:
        ValueError: not a fraction: percents would give a score of any size.
    """
    for name, value in (("IOR", ior), ("HLR", hlr)):
        if not -1 <= value <= 1:
            raise ValueError(f"{name} is {value:g}, no difference of fractions: divide percents by 100")
    return normalised(weight * ior - (1 - weight) * hlr)


def augmentation_robust_score(
    with_augmentation: float, without: float, weight: float = AUGMENTED_WEIGHT
) -> float:
    """ARS (DD-Ranking, section 3): as the LRS, of β = γ·(IOR with augmentation) + (1 − γ)·(IOR without).

    Args:
        with_augmentation: improvement over random where the test networks' training augments, as a fraction.
        without: the same where it does not.
        weight: γ, from 0 to 1.

    Raises:
        ValueError: not a fraction.
    """
    for value in (with_augmentation, without):
        if not -1 <= value <= 1:
            raise ValueError(f"IOR is {value:g}, no difference of fractions: divide percents by 100")
    return normalised(weight * with_augmentation + (1 - weight) * without)


def normalised(exponent: float) -> float:
    """(e^x − e^−1) / (e − e^−1): from 0 at −1 to 1 at 1."""
    return (math.exp(exponent) - math.exp(-1)) / (math.e - math.exp(-1))


def scores(results: Results) -> tuple[RowScores, ...]:
    """Scores of all rows of a table that has random real images and all real images; none for others.

    Samples are independent sets; of all real images, of which there is one set, the networks.
    """
    return tuple(
        _scores(entry, random, whole)
        for column in results.table.columns
        if (random := entry_of(results, NAMES["random"], column)) is not None
        if (whole := entry_of(results, NAMES["whole"], column)) is not None
        for entry in _others(results, column)
    )


def _others(results: Results, column: str) -> Iterator[TableEntry]:
    rows = (row for row in results.table.compared_rows if row != NAMES["random"])
    return (entry for row in rows if (entry := entry_of(results, row, column)) is not None)


def _scores(entry: TableEntry, random: TableEntry, whole: TableEntry) -> RowScores:
    ours, theirs, ceiling = map(_samples, (entry, random, whole))
    exponent = _combined([(1.0, ours), (-WEIGHT, theirs), (WEIGHT - 1, ceiling)])
    return RowScores(
        row=entry.row,
        column=entry.column,
        ior=_combined([(1.0, ours), (-1.0, theirs)]),
        hlr=_combined([(1.0, ceiling), (-1.0, ours)]),
        lrs=_mapped(exponent),
        sets=entry.sets,
        random_sets=random.sets,
        whole_networks=whole.networks,
    )


def _samples(entry: TableEntry) -> Sequence[float]:
    """Independent samples as fractions: sets; where there is one that no seed changes, its networks."""
    percents = entry.accuracies if entry.fixed or entry.whole else entry.set_means
    return [percent / 100 for percent in percents]


def _combined(weighted: Sequence[tuple[float, Sequence[float]]]) -> Estimated:
    """Weighted sum of means, with Welch's interval for independent samples of unequal variances."""
    value = math.fsum(weight * math.fsum(samples) / len(samples) for weight, samples in weighted)
    if any(len(samples) < 2 for _, samples in weighted):
        return Estimated(value, None, None)
    shares = [(weight**2 * _variance(samples) / len(samples), len(samples)) for weight, samples in weighted]
    whole = math.fsum(share for share, _ in shares)
    if not whole:
        return Estimated(value, value, value)
    from scipy.special import stdtrit  # for scores alone; `scipy.stats` takes a second to import

    freedom = 1 / math.fsum((share / whole) ** 2 / (count - 1) for share, count in shares)
    half = float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(whole)
    return Estimated(value, value - half, value + half)


def _variance(samples: Sequence[float]) -> float:
    mean = math.fsum(samples) / len(samples)
    return math.fsum((sample - mean) ** 2 for sample in samples) / (len(samples) - 1)


def _mapped(exponent: Estimated) -> Estimated:
    """The score of an exponent; it grows with it, so the ends of the interval are those of the score's."""
    ends = (exponent.low, exponent.high)
    low, high = (None if end is None else normalised(end) for end in ends)
    return Estimated(normalised(exponent.value), low, high)
