"""Definitions of the seven coverage metrics (title, formula, source), and the value of a metric."""

from dataclasses import dataclass
from typing import Literal

NAEEM = "Naeem et al. 2020, Reliable Fidelity and Diversity Metrics for Generative Models"


FORMAT = 1
"""Version of the computation: increased when a metric changes, so that cached ones are computed again."""
NEIGHBOURS = 5
"""k: real images of the class that a real image's ball reaches to."""
FRESH_DRAWS = 5
"""Draws of as many fresh real images, whose mean stands beside a set."""


@dataclass(frozen=True)
class Metric:
    """Definition of a coverage metric: title, formula, explanation, source and range."""

    name: str
    title: str
    formula: str
    """One line of LaTeX; x are real images of a class, y synthetic ones, n and m how many."""
    help: str
    source: str
    closer: Literal["lower", "higher", "one"]
    """Which values mean that the set lies closer to the real images; `one`: those near 1, from both sides."""
    range: tuple[float | None, float | None]
    """Smallest and largest possible value; None where there is no bound."""
    parts: Literal["networks", "classes", "real images", "synthetic images"]
    """What it is a mean of, and so what its interval resamples; images within their class."""


METRICS = (
    Metric(
        "mean_distance",
        "Squared distance of the means",
        r"\lVert \frac{1}{n}\sum_i x_i - \frac{1}{m}\sum_j y_j \rVert^2",
        "What the method makes small: to be measured on networks that were not used for condensing.",
        "Zhao and Bilen 2023, Dataset Condensation with Distribution Matching, equation 6",
        "lower",
        (0.0, None),
        "networks",
    ),
    Metric(
        "mmd",
        "Maximum mean discrepancy",
        r"\mathbb{E}\,\kappa(x, x') + \mathbb{E}\,\kappa(y, y') - 2\,\mathbb{E}\,\kappa(x, y),"
        r"\quad \kappa(a, b) = e^{-\lVert a - b \rVert^2 / 2 s^2}",
        "Compares whole distributions, not only means; 0 for equal ones, by chance also a little below.",
        "Gretton et al. 2012, A Kernel Two-Sample Test (unbiased, s the median distance of real images)",
        "lower",
        (-1.0, 2.0),
        "classes",
    ),
    Metric(
        "coverage",
        "Coverage",
        r"\frac{1}{n}\sum_i \mathbf{1}[\,\exists j: \lVert x_i - y_j \rVert \le r_k(x_i)\,]",
        "Share of real images with a synthetic one in their ball, which reaches to the "
        f"{NEIGHBOURS}th nearest real image of the class; few images cannot reach 1.",
        NAEEM,
        "higher",
        (0.0, 1.0),
        "real images",
    ),
    Metric(
        "density",
        "Density",
        r"\frac{1}{k m}\sum_j \sum_i \mathbf{1}[\,\lVert x_i - y_j \rVert \le r_k(x_i)\,]",
        f"In how many balls of real images (k = {NEIGHBOURS}) a synthetic image lies, divided by k: fresh "
        "real images give about 1, above 1 the synthetic images crowd where real ones are dense.",
        NAEEM,
        "one",
        (0.0, None),
        "synthetic images",
    ),
    Metric(
        "outliers",
        "Outliers",
        r"\frac{1}{m}\sum_j \mathbf{1}[\,\forall i: \lVert x_i - y_j \rVert > r_k(x_i)\,]",
        f"Share of synthetic images that lie in no real image's ball (k = {NEIGHBOURS}): 1 − precision.",
        "Kynkäänniemi et al. 2019, Improved Precision and Recall Metric for Assessing Generative Models",
        "lower",
        (0.0, 1.0),
        "synthetic images",
    ),
    Metric(
        "nearest",
        "Distance to the nearest real image",
        r"\frac{1}{m}\sum_j \min_i \lVert x_i - y_j \rVert \,/\, "
        r"\frac{1}{n}\sum_i \min_{l \ne i} \lVert x_i - x_l \rVert",
        "1: as near as real images lie to each other; 0: copies of real images.",
        "Ours: a nearest-neighbour distance in units of that of the real images",
        "one",
        (0.0, None),
        "synthetic images",
    ),
    Metric(
        "spread",
        "Spread",
        r"\operatorname{tr}\operatorname{cov}(y) / \operatorname{tr}\operatorname{cov}(x)",
        "Variance of the synthetic images over that of the real ones, both unbiased (divided by count - 1).",
        "Ours: a ratio of total variances",
        "one",
        (0.0, None),
        "classes",
    ),
)


@dataclass(frozen=True)
class MetricValue:
    """Value of a metric for a set, with its interval and its values by class."""

    name: str
    value: float | None
    """Mean over the classes where it is defined; None where it is for no class."""
    low: float | None
    """Lower end of the 95 % percentile interval; None where there are too few parts to resample."""
    high: float | None
    by_class: tuple[float | None, ...]
    """None for a class that was left out, or where the metric is not defined."""
    n: int
    """Number of parts it is a mean of."""
    note: str = ""
    """What was left out, and why; empty where nothing was."""
