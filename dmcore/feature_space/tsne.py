"""t-SNE fit by openTSNE, from coordinates along principal axes to the plane.

openTSNE is imported where it is used: with scikit-learn behind it that takes seconds, and a map that is read
from the disk cache does not need it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Float32

from dmcore.feature_space.pca import Positions

EARLY_ITERATIONS, LATE_ITERATIONS = 250, 500
"""Iterations of a fit with exaggerated attraction, and without: openTSNE's defaults."""
PROGRESS_EVERY = 25
"""Iterations between two progress reports."""


def feasible_perplexity(perplexity: float, points: int) -> float:
    """Perplexity lowered to what the number of points allows: three times as many neighbours are used."""
    return min(float(perplexity), (points - 1) / 3)


def fit_positions(
    reduced: Float32[np.ndarray, "real axis"],
    perplexity: float,
    seed: int,
    jobs: int,
    on_progress: Callable[[float], None] | None,
) -> Positions:
    """Fit t-SNE, starting from the first two coordinates: about 10 s for 2,000 points on a core.

    Args:
        reduced: coordinates along principal axes.
        perplexity: as `feasible_perplexity` gives it.
        seed: of the jitter in the initial positions.
        jobs: threads.
        on_progress: called with the fraction that is done; what it raises ends the fit.
    """
    from openTSNE import TSNE
    from openTSNE.initialization import pca

    done = 0

    def report(*_: object) -> None:
        nonlocal done
        done += PROGRESS_EVERY
        if on_progress is not None:
            on_progress(done / (EARLY_ITERATIONS + LATE_ITERATIONS))

    fit = TSNE(
        early_exaggeration_iter=EARLY_ITERATIONS,
        n_iter=LATE_ITERATIONS,
        n_jobs=jobs,
        callbacks=report,
        callbacks_every_iters=PROGRESS_EVERY,
    )
    embedding = fit.fit(
        affinities=neighbour_affinities(reduced, perplexity, jobs),
        initialization=pca(reduced.astype(np.float64), random_state=seed),
    )
    return np.asarray(embedding, dtype=np.float32)


def neighbour_affinities(reduced: Float32[np.ndarray, "real axis"], perplexity: float, jobs: int) -> Any:
    """Affinities of the exact nearest neighbours; typed Any because openTSNE has no types."""
    from openTSNE.affinity import PerplexityBasedNN

    return PerplexityBasedNN(reduced.astype(np.float64), perplexity, method="exact", n_jobs=jobs)
