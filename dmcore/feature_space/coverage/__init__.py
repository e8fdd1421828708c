"""Coverage metrics of a small set against the real distribution: seven metrics with intervals, by class.

Everything is computed on features (arrays), never on a map of them. What depends on the real images alone is
computed once, in a `Reference`; each metric is a mean of parts, and its 95 % interval resamples those parts.
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
