"""How well a small set covers the real distribution: seven numbers with their intervals, class by class.

Everything is measured between features, never on a map of them. What depends on the real images alone is
computed once, in a `Reference`; each number is a mean of parts, and its 95 % interval resamples those parts.
Works on arrays: it must not know networks, torch or runs.
"""

from dmcore.feature_space.coverage.means import class_means, mean_distances, mean_over_networks
from dmcore.feature_space.coverage.metrics import METRICS, Metric, MetricValue
from dmcore.feature_space.coverage.reference import Reference

__all__ = [
    "METRICS",
    "Metric",
    "MetricValue",
    "Reference",
    "class_means",
    "mean_distances",
    "mean_over_networks",
]
