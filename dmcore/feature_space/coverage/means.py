"""Metrics as means of parts with bootstrap intervals, and the distance of mean features."""

from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import Float, Float64, Int

from dmcore.feature_space.coverage.class_coverage import Parts, sorted_by_hash, split_by_class
from dmcore.feature_space.coverage.metrics import MetricValue

RESAMPLED = 1000
"""Number of bootstrap resamples of an interval."""


def class_means(
    features: Float[np.ndarray, "image feature"], label: Int[np.ndarray, " image"], classes: int
) -> Float64[np.ndarray, "class feature"]:
    """Mean feature of each class, NaN for one without images.

    Raises:
        ValueError: a feature is not finite, or a label is no class.
    """
    by_class = split_by_class(features, label, classes, "given")
    empty = np.full(features.shape[1], np.nan)
    return np.stack(
        [
            sorted_by_hash(members).mean(axis=0, dtype=np.float64) if len(members) else empty
            for members in by_class
        ]
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
    """The metric `mean_distance`, from `mean_distances` alone; the interval resamples networks."""
    return mean_of_rows("mean_distance", distances, "network", "", seed)


def mean_of_rows(
    name: str, values: Float64[np.ndarray, "row class"], row: str, note: str, seed: int
) -> MetricValue:
    """Metric whose parts are rows: the mean of each row over the classes that are defined in all rows."""
    defined = ~np.isnan(values).any(axis=0)
    if not defined.any():
        return MetricValue(name, None, None, None, (None,) * len(defined), 0, note)
    parts = values[:, defined].mean(axis=1)
    low, high = resampled_interval([parts], seed, f"{name} over {row}s")
    note = join_sentences(note, f"No interval: there is one {row} only." if low is None else "")
    by_class = none_for_nan(np.where(defined, values.mean(axis=0), np.nan))
    return MetricValue(name, float(parts.mean()), low, high, by_class, len(parts), note)


def resampled_interval(parts: Sequence[Parts], seed: int, purpose: str) -> tuple[float | None, float | None]:
    """95 % bootstrap interval of the mean over groups of the mean over a group's parts, resampled within."""
    if not parts or min(map(len, parts)) < 2:
        return None, None
    from dmcore.randomness import numpy_generator  # it imports torch, which readers of names do not need

    random = numpy_generator(seed, 0, f"resamples for {purpose}")
    means = np.zeros(RESAMPLED)
    for group in parts:
        if group.dtype == np.bool_:  # the number of True in a resample is binomial: no need to draw each part
            means += random.binomial(len(group), group.mean(), RESAMPLED) / len(group)
        else:
            means += group[random.integers(len(group), size=(RESAMPLED, len(group)))].mean(axis=1)
    low, high = np.percentile(means / len(parts), (2.5, 97.5))
    return float(low), float(high)


def metric_rows(
    rows: Sequence[Sequence[dict[str, Parts] | None]], name: str
) -> Float64[np.ndarray, "row class"]:
    """Values of a metric for each class in each row: the mean of its parts, NaN where it is not defined."""
    return np.array(
        [[parts[name].mean() if parts and name in parts else np.nan for parts in row] for row in rows]
    )


def none_for_nan(row: Float64[np.ndarray, " class"]) -> tuple[float | None, ...]:
    """The values as floats; None for NaN."""
    return tuple(None if np.isnan(value) else float(value) for value in row)


def join_sentences(*sentences: str) -> str:
    """Join sentences with spaces; empty ones are left out."""
    return " ".join(filter(None, sentences))
