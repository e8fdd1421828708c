"""Queries about embeddings (feature maps, distance preservation), their results and their computation.

A query is a value, so that its result can be cached. The computation goes in short pieces, so that the worker
can let a run go first; it imports torch, the queries do not.
"""

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.data.dataset_cache import open_dataset
from app.data.folders import cache_root, data_root
from app.jobs.live_snapshot import DisplayImages
from dmcore.config import CondenseConfig, PoolConfig
from dmcore.config.network_source import NetworkSource
from dmcore.embedding.pool_index import find_index

if TYPE_CHECKING:
    from dmcore.feature_space.distances import DistanceSample, MeanAndStd
    from dmcore.feature_space.feature_maps import TrainingStage

NETWORK = 0
"""Number of the network of a pool whose maps are shown."""
CHANNELS = 10
"""Maps of each block that are shown: as many as fit in a row and are visible from the back of a room."""
BATCH_NORM_IMAGES = 64
"""Test images that batch norm normalises with, besides the one that is shown."""
DRAWS = 5
PER_CLASS = 20
PLOTTED_PAIRS = 500
"""Pairs of one class that are plotted, and as many of two."""


@dataclass(frozen=True)
class ImageCountsQuery:
    """Query for the numbers of test images of each class."""

    dataset: str
    priority = 0


@dataclass(frozen=True)
class ImageCounts:
    """Numbers of test images of each class of a data set."""

    class_names: tuple[str, ...]
    counts: tuple[int, ...]
    """Test images of each class."""


@dataclass(frozen=True)
class FeatureMapsQuery:
    """Query for the feature maps of a test image at each stage of a network."""

    dataset: str
    pool: PoolConfig
    available: int
    """Networks that the pool has; 0: only the random one is used."""
    label: int
    number: int
    """Position among the test images of its class."""
    priority = 1


@dataclass(frozen=True)
class StageMaps:
    """Feature maps of an image at one stage of a network, as levels for display."""

    stage: "TrainingStage"
    blocks: tuple[DisplayImages, ...]
    """After each block uint8 [channel, row, column]: each map from 0, its least value, to 255."""


@dataclass(frozen=True)
class FeatureMapsResult:
    """A test image and its feature maps at each stage."""

    image: DisplayImages
    """uint8 [channel, height, width]."""
    stages: tuple[StageMaps, ...]


@dataclass(frozen=True)
class DistancesQuery:
    """Query for how a source of networks preserves the distances between images."""

    dataset: str
    pool: PoolConfig
    available: int
    """Networks of the pool that it draws from."""
    source: NetworkSource
    priority = 2


@dataclass(frozen=True)
class DistancesResult:
    """Rank correlations over the networks of a source, and some pairs of the first network to plot."""

    within: "MeanAndStd"
    between: "MeanAndStd"
    all_pairs: "MeanAndStd"
    separation: "MeanAndStd"
    pixel_separation: float
    images: int
    pairs: int
    pixels: npt.NDArray[np.float32]
    """Pixel distances of the plotted pairs."""
    features: npt.NDArray[np.float32]
    same_class: npt.NDArray[np.bool_]


EmbeddingQuery = ImageCountsQuery | FeatureMapsQuery | DistancesQuery
EmbeddingResult = ImageCounts | FeatureMapsResult | DistancesResult


def compute_result(query: EmbeddingQuery) -> Generator[None, None, EmbeddingResult]:
    """Compute the result of a query; yields after each piece of work.

    Raises:
        ValueError: the data or the pool are missing or damaged; with the remedy.
    """
    if isinstance(query, ImageCountsQuery):
        test = open_dataset(query.dataset, data_root()).test
        yield
        return ImageCounts(test.class_names, tuple(map(len, test.by_class)))
    return (yield from (_feature_maps(query) if isinstance(query, FeatureMapsQuery) else _distances(query)))


def _feature_maps(query: FeatureMapsQuery) -> Generator[None, None, FeatureMapsResult]:
    from dmcore.feature_space.feature_maps import feature_maps_by_stage, scale_for_display

    dataset = open_dataset(query.dataset, data_root())
    test = dataset.test
    image = test.images[test.by_class[query.label][query.number]]
    batch = test.statistics.normalise(test.images[:BATCH_NORM_IMAGES])
    index = find_index(query.dataset, query.pool, cache_root()) if query.available else None
    stages: list[StageMaps] = []
    normalised = test.statistics.normalise(image)
    for stage_maps in feature_maps_by_stage(
        normalised,
        dataset,
        query.pool,
        index,
        cache_root(),
        number=NETWORK,
        batch=batch,
        channels=CHANNELS,
    ):
        levels = (np.rint(255 * scale_for_display(maps)).astype(np.uint8) for maps in stage_maps.blocks)
        stages.append(StageMaps(stage_maps.stage, tuple(levels)))
        yield
    return FeatureMapsResult(image.numpy(), tuple(stages))


def _distances(query: DistancesQuery) -> Generator[None, None, DistancesResult]:
    from dmcore.feature_space.distances import distance_preservation, mean_and_std, separation

    dataset = open_dataset(query.dataset, data_root())
    sample = _sample(query.dataset, data_root())
    config = CondenseConfig(
        **query.pool.model_dump(),
        dataset=query.dataset,
        source=str(query.source),
        pool_networks=max(1, query.available),
    )
    networks = []
    for network in distance_preservation(config, sample, dataset, draws=DRAWS, cache=cache_root()):
        networks.append(network)
        yield
    plotted = _pairs_to_plot(sample.within)
    preservations = [network.preservation for network in networks]
    return DistancesResult(
        mean_and_std([item.within for item in preservations]),
        mean_and_std([item.between for item in preservations]),
        mean_and_std([item.all_pairs for item in preservations]),
        mean_and_std([item.separation for item in preservations]),
        separation(sample.pixel_distances, sample.within),
        len(sample.label),
        len(sample.within),
        sample.pixel_distances[plotted].astype(np.float32),
        networks[0].distances[plotted].astype(np.float32),
        sample.within[plotted],
    )


@lru_cache(maxsize=2)
def _sample(dataset: str, root: Path) -> "DistanceSample":
    from dmcore.feature_space.distances import draw_distance_sample

    return draw_distance_sample(open_dataset(dataset, root).train, PER_CLASS)


def _pairs_to_plot(within: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Indices of as many pairs of one class as of two, where there are so many; always the same."""
    from dmcore.randomness import numpy_generator

    parts = []
    for mask in (within, ~within):
        pairs = np.flatnonzero(mask)
        order = numpy_generator(0, 0, "pairs to draw").permutation(len(pairs))
        parts.append(pairs[order[:PLOTTED_PAIRS]])
    return np.concatenate(parts)
