"""Value types of the feature map: choice of a cloud, projected cloud, a run's projected sets and metrics."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from app.data.folders import cache_root, data_root
from dmcore.config import NetworkSpec
from dmcore.files.messages import Array, Message
from dmcore.runs.folder import RunFolder

FEATURES = ("trained", "random", "pixels")
MAPS = ("tsne", "pca")
FRESH_PANEL = "fresh"
"""Name of the panel with random real images; all other panels are sets of a run."""
MetricRecord = Mapping[str, Any]
"""`MetricValue` of dmcore as JSON: name, value, low, high, by_class, n, note."""


@dataclass(frozen=True)
class CloudChoice:
    """Choice of a cloud: real images, feature space and kind of map."""

    dataset: str
    digest: str
    features: str
    """One of `FEATURES`."""
    map: str
    """One of `MAPS`."""
    spec: str
    """The run's networks, as JSON."""
    class_names: tuple[str, ...] = ()
    """The run's, in its order, which `digest` depends on."""

    @property
    def key(self) -> str:
        """16 hexadecimal digits that differ where the real images, their labels or another field do."""
        text = "\n".join((self.dataset, self.digest, self.features, self.map, self.spec, str(data_root())))
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def as_request(self) -> dict[str, Any]:
        """The choice as JSON in a request to the projection worker."""
        return {
            "key": self.key,
            "dataset": self.dataset,
            "digest": self.digest,
            "class_names": self.class_names,
            "data_root": str(data_root()),
            "cache_root": str(cache_root()),
            "features": self.features,
            "map": self.map,
            "spec": NetworkSpec.model_validate_json(self.spec).model_dump(mode="json"),
        }


@dataclass(frozen=True)
class CloudProjection:
    """The real images of a cloud, projected onto their map."""

    key: str
    positions: Array
    """float32 [real, 2]."""
    label: Array
    total: int
    """Number of training images in the data set."""
    map_key: str
    """Digest of the map's coordinates: stars projected onto another map do not belong here."""
    sentence: str
    """Description of the feature space."""
    note: str
    """What was done to make the map possible; usually empty."""


@dataclass(frozen=True)
class SetProjection:
    """Coordinates of a set's images on the map."""

    positions: Array
    """float32 [star, 2]."""
    label: Array
    image: Array
    """Position in its class."""
    display_images: npt.NDArray[np.uint8] | None = None
    """[star, channel, height, width]; only of real images, which no run stores."""

    @property
    def per_class(self) -> int:
        """Number of images of each class."""
        return int(self.image.max()) + 1 if len(self.image) else 0


@dataclass(frozen=True)
class RunMetrics:
    """Coverage metrics of every set of a run at one iteration."""

    iteration: int
    by_set: Mapping[str, tuple[MetricRecord, ...]]
    created_at: float
    """Wall-clock time, in seconds."""
    seconds: float
    """Duration of the measurement."""


@dataclass(frozen=True)
class RunProjection:
    """Projected sets of a run at one iteration, with their metrics."""

    iteration: int
    sets: Mapping[str, SetProjection]
    metrics: RunMetrics
    """Possibly of an earlier iteration while the run is running: measuring costs more than projecting."""
    created_at: float
    """Wall-clock time, in seconds."""
    seconds: float
    """Duration of the projection."""

    @property
    def per_class(self) -> list[int]:
        """Numbers of images of each class that any of the sets has, in order."""
        return sorted({projected.per_class for projected in self.sets.values()})

    @property
    def metrics_by_set(self) -> Mapping[str, tuple[MetricRecord, ...]]:
        """Metrics by the name of the set."""
        return self.metrics.by_set

    @property
    def first_metrics(self) -> tuple[MetricRecord, ...]:
        """Metrics of the first set; empty where there is none."""
        return next(iter(self.metrics.by_set.values()), ())


class FreshImages(NamedTuple):
    """Random real images on the map, with their metrics."""

    projected: SetProjection
    metrics: tuple[MetricRecord, ...]


@dataclass(frozen=True)
class JointProjection:
    """Coordinates of the cloud and of all sets on a joint t-SNE."""

    key: str
    positions: Array
    """float32 [real, 2]."""
    sets: Mapping[str, SetProjection]
    """By panel; random real images under `FRESH_PANEL`."""
    note: str
    """What was done to make the map possible; usually empty."""


@dataclass(frozen=True)
class StoredSet:
    """A set of a run at a stored iteration, with the title of its panel."""

    run: RunFolder
    name: str
    iteration: int
    title: str = field(default="", compare=False)

    @property
    def panel(self) -> str:
        """Name of its panel."""
        return f"{self.run.id}/{self.name}/{self.iteration}"


def cloud_choice(run: RunFolder, features: str, map_kind: str) -> CloudChoice:
    """Choice of the cloud that a run is projected into.

    Raises:
        ValueError: the run does not say which real images it was learned from.
    """
    data = run.description.data
    if not data.name:
        raise ValueError(
            f"run {run.id} does not say which real images it was learned from, so there is no cloud to draw"
        )
    spec = run.config.network_spec() if run.config is not None else NetworkSpec()
    return CloudChoice(
        data.name, data.digest or "", features, map_kind, spec.model_dump_json(), data.class_names
    )


def parse_sets(answer: Message) -> dict[str, SetProjection]:
    """The projected sets in an answer, by name."""
    names = [name.removesuffix("/place") for name in answer.arrays if name.endswith("/place")]
    parts = ("place", "label", "image")
    return {name: SetProjection(*(answer.arrays[f"{name}/{part}"] for part in parts)) for name in names}
