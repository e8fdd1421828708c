"""The questions that the page asks about embeddings, and how each is answered; arrays, not pictures.

A question is a value: asked twice it has one answer. Answering goes in short pieces, so that whoever computes
can let a run go first. Torch is imported by whoever answers, never by who asks.
"""

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.data.folders import cache_root, data_root
from app.data.images import open_dataset
from app.jobs.live_snapshot import DisplayImages
from dmcore.config import CondenseConfig, PoolConfig
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_index import find_index

if TYPE_CHECKING:
    from dmcore.feature_space.distances import DistanceSample, MeanAndStd
    from dmcore.feature_space.feature_maps import TrainingStage

NETWORK = 0
"""The network of a pool whose maps are shown."""
CHANNELS = 10
"""Maps of each block that are shown: as many as fit in a row and can be seen from the back of a room."""
COMPANY = 64
"""Test images that batch norm normalises with, beside the one that is shown."""
DRAWS = 5
PER_CLASS = 20
DRAWN_PAIRS = 500
"""Pairs of one class that are drawn, and as many of two."""


@dataclass(frozen=True)
class ImageCountsQuery:
    """Which test images are there to be shown?"""

    dataset: str
    priority = 0


@dataclass(frozen=True)
class ImageCounts:
    """The test images of a data set, counted."""

    class_names: tuple[str, ...]
    counts: tuple[int, ...]
    """Of each class."""


@dataclass(frozen=True)
class FeatureMapsQuery:
    """What do the stages of a network make of a test image?"""

    dataset: str
    pool: PoolConfig
    there: int
    """Networks that the pool has; 0: the random one alone is asked."""
    label: int
    number: int
    """Position among the test images of its class."""
    priority = 1


@dataclass(frozen=True)
class StageMaps:
    """What one stage of a network makes of an image."""

    stage: "TrainingStage"
    blocks: tuple[DisplayImages, ...]
    """After each block uint8 [channel, row, column]: each map from 0, its least value, to 255."""


@dataclass(frozen=True)
class FeatureMapsResult:
    """A test image and what each stage makes of it."""

    picture: DisplayImages
    """uint8 [channel, height, width]."""
    seen: tuple[StageMaps, ...]


@dataclass(frozen=True)
class DistancesQuery:
    """How does a source keep the distances between images?"""

    dataset: str
    pool: PoolConfig
    there: int
    """Networks of the pool that it draws from."""
    source: NetworkSource
    priority = 2


@dataclass(frozen=True)
class DistancesResult:
    """Rank correlations over the networks of a source, and some pairs of the first network to be drawn."""

    within: "MeanAndStd"
    between: "MeanAndStd"
    every: "MeanAndStd"
    separation: "MeanAndStd"
    pixel_separation: float
    images: int
    pairs: int
    pixels: npt.NDArray[np.float32]
    """Distance in pixels of the pairs that are drawn."""
    features: npt.NDArray[np.float32]
    same_class: npt.NDArray[np.bool_]


EmbeddingQuery = ImageCountsQuery | FeatureMapsQuery | DistancesQuery
EmbeddingResult = ImageCounts | FeatureMapsResult | DistancesResult


def compute_result(question: EmbeddingQuery) -> Generator[None, None, EmbeddingResult]:
    """Answer it, with a pause after each piece of work.

    Raises:
        ValueError: the data or the pool are not here or damaged; with the remedy.
    """
    if isinstance(question, ImageCountsQuery):
        test = open_dataset(question.dataset, data_root()).test
        yield
        return ImageCounts(test.class_names, tuple(map(len, test.by_class)))
    return (yield from (_seen(question) if isinstance(question, FeatureMapsQuery) else _kept(question)))


def _seen(question: FeatureMapsQuery) -> Generator[None, None, FeatureMapsResult]:
    from dmcore.feature_space.feature_maps import feature_maps_by_stage, scale_for_display

    dataset = open_dataset(question.dataset, data_root())
    test = dataset.test
    image = test.images[test.by_class[question.label][question.number]]
    company = test.statistics.normalise(test.images[:COMPANY])
    index = find_index(question.dataset, question.pool, cache_root()) if question.there else None
    seen: list[StageMaps] = []
    normalised = test.statistics.normalise(image)
    for one in feature_maps_by_stage(
        normalised,
        dataset,
        question.pool,
        index,
        cache_root(),
        number=NETWORK,
        company=company,
        channels=CHANNELS,
    ):
        levels = (np.rint(255 * scale_for_display(maps)).astype(np.uint8) for maps in one.blocks)
        seen.append(StageMaps(one.stage, tuple(levels)))
        yield
    return FeatureMapsResult(image.numpy(), tuple(seen))


def _kept(question: DistancesQuery) -> Generator[None, None, DistancesResult]:
    from dmcore.feature_space.distances import distance_preservation, mean_and_std, separation

    dataset = open_dataset(question.dataset, data_root())
    sample = _sample(question.dataset, data_root())
    config = CondenseConfig(
        **question.pool.model_dump(),
        dataset=question.dataset,
        source=str(question.source),
        pool_networks=max(1, question.there),
    )
    drawn = []
    for one in distance_preservation(config, sample, dataset, draws=DRAWS, cache=cache_root()):
        drawn.append(one)
        yield
    shown = _pairs_to_draw(sample.within)
    found = [one.preservation for one in drawn]
    return DistancesResult(
        mean_and_std([one.within for one in found]),
        mean_and_std([one.between for one in found]),
        mean_and_std([one.every for one in found]),
        mean_and_std([one.separation for one in found]),
        separation(sample.pixel_distances, sample.within),
        len(sample.label),
        len(sample.within),
        sample.pixel_distances[shown].astype(np.float32),
        drawn[0].distances[shown].astype(np.float32),
        sample.within[shown],
    )


@lru_cache(maxsize=2)
def _sample(dataset: str, root: Path) -> "DistanceSample":
    from dmcore.feature_space.distances import draw_distance_sample

    return draw_distance_sample(open_dataset(dataset, root).train, PER_CLASS)


def _pairs_to_draw(within: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """As many pairs of one class as of two, where there are so many; always the same."""
    from dmcore.randomness import numpy_generator

    chosen = []
    for mask in (within, ~within):
        pairs = np.flatnonzero(mask)
        order = numpy_generator(0, 0, "pairs to draw").permutation(len(pairs))
        chosen.append(pairs[order[:DRAWN_PAIRS]])
    return np.concatenate(chosen)
