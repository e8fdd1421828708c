"""Queries about embeddings: feature maps of an image, distance preservation of a source of networks.

Each is answered in short pieces, so that a run can go first; the answers import torch, the queries do not.
"""

from collections.abc import Generator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.answers.question import Answer, Progress, Question
from app.data.dataset_cache import open_dataset
from app.data.folders import cache_root, data_root
from dmcore.config import CondenseConfig, PoolConfig
from dmcore.config.network_source import NetworkSource
from dmcore.data.folder_version import FolderVersion, folder_version
from dmcore.embedding.pool_index import find_index
from dmcore.runs.display import DisplayImages

if TYPE_CHECKING:
    from dmcore.feature_space.distances import DistanceSample, DistanceSummary
    from dmcore.feature_space.feature_maps import TrainingStage

NETWORK = 0
"""Number of the network of a pool whose maps are shown."""
CHANNELS = 10
"""Maps of each block that are shown: as many as fit in a row and are visible from the back of a room."""
BATCH_NORM_IMAGES = 64
"""Test images that batch norm normalises with, besides the one that is shown."""
DRAWS = 5
PER_CLASS = 20


ImageCounts = tuple[tuple[str, int], ...]
"""Name of each class of a data set, with its number of test images."""


@dataclass(frozen=True)
class DatasetQuery(Question[Answer]):
    """Query about a data set; another one once the folder of its images has changed."""

    dataset: str
    version: FolderVersion = field(init=False)

    def __post_init__(self) -> None:
        """Look at the folder."""
        object.__setattr__(self, "version", folder_version(self.dataset))


@dataclass(frozen=True)
class ImageCountsQuery(DatasetQuery[ImageCounts]):
    """Query for the numbers of test images of each class."""

    def answer(self) -> Generator[Progress, None, ImageCounts]:
        """Count them.

        Raises:
            ValueError: the data are missing or damaged; with the remedy.
        """
        test = open_dataset(self.dataset, data_root()).test
        yield Progress("computing")
        return tuple(zip(test.class_names, map(len, test.by_class), strict=True))


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
class FeatureMapsQuery(DatasetQuery[FeatureMapsResult]):
    """Query for the feature maps of a test image at each stage of a network."""

    pool: PoolConfig
    available: int
    """Networks that the pool has; 0: only the random one is used."""
    label: int
    number: int
    """Position among the test images of its class."""
    priority = 1

    def answer(self) -> Generator[Progress, None, FeatureMapsResult]:
        """Compute them, a stage at a time.

        Raises:
            ValueError: the data or the pool are missing or damaged; with the remedy.
        """
        from dmcore.feature_space.feature_maps import feature_maps_by_stage, scale_for_display

        dataset = open_dataset(self.dataset, data_root())
        test = dataset.test
        image = test.images[test.by_class[self.label][self.number]]
        batch = test.statistics.normalise(test.images[:BATCH_NORM_IMAGES])
        index = find_index(self.dataset, self.pool, cache_root()) if self.available else None
        stages: list[StageMaps] = []
        normalised = test.statistics.normalise(image)
        for stage_maps in feature_maps_by_stage(
            normalised,
            dataset,
            self.pool,
            index,
            cache_root(),
            number=NETWORK,
            batch=batch,
            channels=CHANNELS,
        ):
            levels = (np.rint(255 * scale_for_display(maps)).astype(np.uint8) for maps in stage_maps.blocks)
            stages.append(StageMaps(stage_maps.stage, tuple(levels)))
            yield Progress("computing")
        return FeatureMapsResult(image.numpy(), tuple(stages))


@dataclass(frozen=True)
class DistancesQuery(DatasetQuery["DistanceSummary"]):
    """Query for how a source of networks preserves the distances between images."""

    pool: PoolConfig
    available: int
    """Networks of the pool that it draws from."""
    source: NetworkSource
    priority = 2

    def answer(self) -> Generator[Progress, None, "DistanceSummary"]:
        """Compute the distances, a network at a time.

        Raises:
            ValueError: the data or the pool are missing or damaged; with the remedy.
        """
        from dmcore.feature_space.distances import distance_preservation, summarise_distances

        dataset = open_dataset(self.dataset, data_root())
        sample = _sample(self.dataset, data_root(), dataset.train_digest)
        config = CondenseConfig(
            **self.pool.model_dump(),
            dataset=self.dataset,
            source=str(self.source),
            pool_networks=max(1, self.available),
        )
        networks = []
        for network in distance_preservation(config, sample, dataset, draws=DRAWS, cache=cache_root()):
            networks.append(network)
            yield Progress("computing")
        return summarise_distances(networks, sample)


@lru_cache(maxsize=2)
def _sample(dataset: str, root: Path, _digest: str) -> "DistanceSample":
    from dmcore.feature_space.distances import draw_distance_sample

    return draw_distance_sample(open_dataset(dataset, root).train, PER_CLASS)
