"""Values around the feature map: which cloud, the cloud itself, where the images of a run's sets stand in it.

Must not ask for anything, nor import torch.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from app.data.folders import cache_root, data_root
from app.views.feature_space.messages import Array
from dmcore.config import NetworkSpec
from dmcore.runs.folder import RunFolder

FEATURES = ("trained", "random", "pixels")
MAPS = ("tsne", "pca")
FRESH_PANEL = "fresh"
"""Among panels, random real images; all others are sets of a run."""
MetricRecord = Mapping[str, Any]
"""One number: name, value, low, high, by_class, n, note."""


@dataclass(frozen=True)
class CloudChoice:
    """Which real images, in which features, on which map."""

    dataset: str
    digest: str
    features: str
    """One of `FEATURES`."""
    map: str
    """One of `MAPS`."""
    spec: str
    """The run's networks, as JSON."""

    @property
    def key(self) -> str:
        """Differs where anything above does."""
        text = "\n".join((self.dataset, self.digest, self.features, self.map, self.spec, str(data_root())))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def said(self) -> dict[str, Any]:
        """As the placing process is asked for it."""
        return {
            "key": self.key,
            "dataset": self.dataset,
            "digest": self.digest,
            "data_root": str(data_root()),
            "cache_root": str(cache_root()),
            "features": self.features,
            "map": self.map,
            "spec": NetworkSpec.model_validate_json(self.spec).model_dump(mode="json"),
        }


@dataclass(frozen=True)
class ProjectedCloud:
    """The real images on their map."""

    key: str
    positions: Array
    """float32 [real, 2]."""
    label: Array
    total: int
    """Training images in all."""
    map_key: str
    """Differs where the map does: stars placed on another map do not belong here."""
    sentence: str
    """What embeds."""
    note: str
    """What was done to make the map possible; usually empty."""


@dataclass(frozen=True)
class ProjectedSet:
    """The stars of one set."""

    place: Array
    """float32 [star, 2]."""
    label: Array
    image: Array
    """Position in its class."""
    pictures: npt.NDArray[np.uint8] | None = None
    """[star, channel, height, width] where they are no images of the run."""


@dataclass(frozen=True)
class RunMetrics:
    """The numbers of every set of a run at one iteration."""

    iteration: int
    measures: Mapping[str, tuple[MetricRecord, ...]]
    made_at: float
    """By the clock on the wall, in seconds."""
    seconds: float
    """What measuring took."""


@dataclass(frozen=True)
class RunProjection:
    """Every set of a run at one iteration."""

    iteration: int
    sets: Mapping[str, ProjectedSet]
    measured: RunMetrics
    """Of an earlier iteration where the run is at work: measuring costs more than placing."""
    made_at: float
    """By the clock on the wall, in seconds."""
    seconds: float
    """What placing took."""
    bytes: int = 0
    """About how much of the memory it takes."""

    @property
    def measures(self) -> Mapping[str, tuple[MetricRecord, ...]]:
        """The numbers, by set."""
        return self.measured.measures


def cloud_choice(run: RunFolder, features: str, map_kind: str) -> CloudChoice:
    """The cloud that a run is seen in.

    Raises:
        ValueError: the run does not say which real images it was learned from.
    """
    data = run.description.data
    if not data.name:
        raise ValueError(
            f"run {run.id} does not say which real images it was learned from, so there is no cloud to draw"
        )
    spec = run.config.network_spec() if run.config is not None else NetworkSpec()
    return CloudChoice(data.name, data.digest or "", features, map_kind, spec.model_dump_json())
