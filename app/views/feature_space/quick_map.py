"""Map that is there at once: PCA of a few real images' features, with a run's images among them.

It stands while the t-SNE is computed, has no metrics, and is computed in this process: half a second once,
for which a run in progress is held, then milliseconds. Torch is imported by the answer.
"""

import time
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.answers.question import Look, Progress, Question
from app.data.dataset_cache import dataset_of, open_dataset
from app.data.folders import data_root
from app.jobs.page_answers import get_page_answers
from app.views.feature_space.projection_values import (
    CloudProjection,
    RunMetrics,
    RunProjection,
    SetProjection,
)
from app.views.feature_space.run_questions import is_due, snapshot_in_progress
from dmcore.config import NetworkSpec
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.feature_space.pca import PCAProjection
    from dmcore.feature_space.spaces import FeatureSpace

MOST_REAL = 500
"""Real images of the map; those of the t-SNE are up to 2,000."""


class QuickMap(NamedTuple):
    """The real images on the map, and a run's images among them."""

    cloud: CloudProjection
    projection: RunProjection
    """Without metrics."""


@dataclass(frozen=True)
class QuickQuestion(Question[QuickMap]):
    """Question for the quick map of a run, in the features of a random network as it is learned with."""

    run: RunFolder
    at: int | None
    """A stored iteration; None: the newest."""
    holds_job: bool = field(default=False, compare=False, kw_only=True)
    forget_seconds = 10.0

    @property
    def after_job(self) -> bool:
        """Whether it waits for the job: only until that is held."""
        return self.holds_job

    def answer(self) -> Generator[Progress, None, QuickMap]:
        """Project the images, in one piece.

        Raises:
            ValueError: the real images are not here or others, or no images are stored; with the remedy.
        """
        yield Progress("projecting the images")
        from dmcore.feature_space.figure3_projection import stars_of

        run, config, dataset = self.run, self.run.config, dataset_of(self.run)
        spec = NetworkSpec() if config is None else config.network_spec()
        cloud, space, axes = _cloud(dataset.name, data_root(), spec, dataset.train_digest)
        began, newest = time.perf_counter(), snapshot_in_progress(run) if self.at is None else None
        if newest is not None:
            iteration, pixels = newest.iteration, newest.pixels
        else:
            iteration = run.snapshots()[-1] if self.at is None else self.at
            pixels = {name: run.snapshot(name, iteration).pixels for name in run.set_names}
        sets = {}
        for name, images in pixels.items():
            stars = stars_of(images)
            sets[name] = SetProjection(axes.project(space.embed(stars.images)), stars.label, stars.image)
        now = time.time()
        metrics = RunMetrics(iteration, {}, now, 0.0)
        return QuickMap(cloud, RunProjection(iteration, sets, metrics, now, time.perf_counter() - began))


def quick_map(run: RunFolder, at: int | None, patience: float = 0.0) -> Look[QuickMap]:
    """The quick map of a run at an iteration; of one in progress the newest is a few seconds old.

    Args:
        run: a run with images.
        at: a stored iteration; None: the newest.
        patience: seconds to wait for it.
    """
    answers, question = get_page_answers(), QuickQuestion(run, at)
    known, newest = answers.look(question).value, snapshot_in_progress(run) if at is None else None
    if newest is None:
        return answers.ask(question, patience)
    if known is None:
        return answers.ask(replace(question, holds_job=True), patience)
    return answers.ask(question, again=is_due(known.projection, newest))


@lru_cache(maxsize=2)
def _cloud(
    name: str, root: Path, spec: NetworkSpec, digest: str
) -> "tuple[CloudProjection, FeatureSpace, PCAProjection]":
    from dmcore.feature_space.figure3_projection import sample_size
    from dmcore.feature_space.projection import fit_pca_projection
    from dmcore.feature_space.spaces import embed_real, random_space, stratified_sample

    real = open_dataset(name, root).train
    positions = stratified_sample(real, min(MOST_REAL, sample_size(real)), seed=0)
    space = random_space(spec, real, positions)
    axes = fit_pca_projection(embed_real(space, real, positions))
    label = real.label[positions].numpy()
    key = f"quick-{space.key}-{digest[:16]}"
    return CloudProjection(key, axes.positions, label, len(real), key, space.sentence, ""), space, axes
