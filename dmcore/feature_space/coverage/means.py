"""Numbers as means of parts, with the interval that resampling them gives; the distance of mean features."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float, Float64, Int

from dmcore.feature_space.coverage.class_coverage import Parts, sorted_by_hash, split_by_class
from dmcore.feature_space.coverage.metrics import MetricValue

RESAMPLED = 1000
"""Resamples behind an interval."""


def class_means(
    features: Float[np.ndarray, "image feature"], label: Int[np.ndarray, " image"], classes: int
) -> Float64[np.ndarray, "class feature"]:
    """Mean feature of each class, NaN for one without images.

    Raises:
        ValueError: a feature is not finite, or a label is no class.
    """
    each = split_by_class(features, label, classes, "given")
    empty = np.full(features.shape[1], np.nan)
    return np.stack(
        [sorted_by_hash(one).mean(axis=0, dtype=np.float64) if len(one) else empty for one in each]
    )


def mean_distances(
    pairs: Iterable[tuple[Float64[np.ndarray, "class _"], Float64[np.ndarray, "class _"]]],
) -> Float64[np.ndarray, "network class"]:
    """Squared distance of mean features per network and class (equation 6), NaN where a class has none.

    Args:
        pairs: `class_means` of the real and of the synthetic images, one pair per network; networks may
            differ in width.

    Raises:
        ValueError: there is no pair, or the two of a pair are not of one network.
    """
    rows = []
    for real, synthetic in pairs:
        if real.shape != synthetic.shape:
            raise ValueError(
                f"means of shape {real.shape} and {synthetic.shape} cannot be compared: "
                "embed both sets with the same network"
            )
        rows.append(np.square(real - synthetic).sum(axis=1))
    if not rows:
        raise ValueError("there is no network to measure on: give at least one pair")
    return np.stack(rows)


def mean_over_networks(distances: Float64[np.ndarray, "network class"], seed: int = 0) -> MetricValue:
    """The first of `NUMBERS`, from `mean_distances` alone; the interval resamples networks."""
    return mean_of_rows("mean_distance", distances, "network", "", seed)


def mean_of_rows(
    name: str, values: Float64[np.ndarray, "row class"], row: str, note: str, seed: int
) -> MetricValue:
    """Each row is one part: its mean over the classes that are defined in all rows."""
    there = ~np.isnan(values).any(axis=0)
    if not there.any():
        return MetricValue(name, None, None, None, (None,) * len(there), 0, note)
    each = values[:, there].mean(axis=1)
    low, high = resampled_interval([each], seed, f"{name} over {row}s")
    note = join_sentences(note, f"No interval: there is one {row} only." if low is None else "")
    by_class = none_for_nan(np.where(there, values.mean(axis=0), np.nan))
    return MetricValue(name, float(each.mean()), low, high, by_class, len(each), note)


def resampled_interval(parts: Sequence[Parts], seed: int, purpose: str) -> tuple[float | None, float | None]:
    """95 % percentile interval of the mean over groups of the mean over a group's parts, resampled within."""
    if not parts or min(map(len, parts)) < 2:
        return None, None
    from dmcore.randomness import numpy_generator  # torch comes with it: not for whoever reads names

    random = numpy_generator(seed, 0, f"resamples for {purpose}")
    means = np.zeros(RESAMPLED)
    for one in parts:
        if one.dtype == np.bool_:  # how often a resample draws a True is binomial: no need to draw each part
            means += random.binomial(len(one), one.mean(), RESAMPLED) / len(one)
        else:
            means += one[random.integers(len(one), size=(RESAMPLED, len(one)))].mean(axis=1)
    low, high = np.percentile(means / len(parts), (2.5, 97.5))
    return float(low), float(high)


def metric_rows(
    each: Sequence[Sequence[dict[str, Parts] | None]], name: str
) -> Float64[np.ndarray, "row class"]:
    """One number of each class in each row: the mean of its parts, NaN where it is not defined."""
    return np.array([[one[name].mean() if one and name in one else np.nan for one in row] for row in each])


def none_for_nan(row: Float64[np.ndarray, " class"]) -> tuple[float | None, ...]:
    """The numbers of the classes; None where one is not defined."""
    return tuple(None if np.isnan(one) else float(one) for one in row)


def join_sentences(*sentences: str) -> str:
    """Sentences after each other; empty ones are left away."""
    return " ".join(filter(None, sentences))
