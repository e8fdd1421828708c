"""Figure 3 of the paper: real and synthetic images in the features of one network, with numbers beside.

The paper shows a joint t-SNE in the features of a network trained on the whole set. The still map serves
several runs at once and is the default; every number is taken in the features, never on the map.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from dmcore.config import FrozenModel, NetworkSpec
from dmcore.config.laptop_presets import laptop_training_config
from dmcore.data.images import DataSet
from dmcore.feature_space.coverage import MetricValue
from dmcore.feature_space.figure3_projection import Cloud, MapKind, Stars, stars_of
from dmcore.feature_space.projection import fit_joint_tsne
from dmcore.feature_space.spaces import FeatureKind, feature_space_factory
from dmcore.runs.creation import digest
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.training.whole_set import train_whole

Method = Literal["condensed", "start", "random"]


class Figure3Config(FrozenModel):
    """How figure 3 is drawn."""

    features: FeatureKind = "trained"
    """Where images are compared: a network trained on all real images (the paper's), a random one, pixels."""
    map: Literal["tsne", "pca", "joint"] = "tsne"
    """A still t-SNE of the real images, two principal components, or the paper's joint t-SNE."""


@dataclass(frozen=True)
class Figure3Progress:
    """What is being done, and which share of it is done."""

    what: str
    done: float = 0.0


@dataclass(frozen=True)
class ProjectedSet:
    """One set of images on the map, with its numbers."""

    run: str
    set: str
    method: Method
    """condensed; start: what the set started from; random: as many real images drawn at random."""
    title: str
    images_per_class: int
    seed: int | None
    real: Float32[np.ndarray, "real 2"]
    """Where the real images stand; the same for all, unless the map is a joint one."""
    positions: Float32[np.ndarray, "star 2"]
    label: Int64[np.ndarray, " star"]
    measures: tuple[MetricValue, ...]


@dataclass(frozen=True)
class Figure3:
    """Everything that was drawn."""

    config: Figure3Config
    dataset: str
    class_names: tuple[str, ...]
    real_label: Int64[np.ndarray, " real"]
    embedded_by: str
    """What the features are of, in words."""
    sets: tuple[ProjectedSet, ...]


def figure3(
    runs: Sequence[tuple[RunFolder, Sequence[str]]], dataset: DataSet, config: Figure3Config, cache: Path
) -> Iterator[Figure3Progress | Figure3]:
    """Place and measure the sets of runs, what they started from and as many random real images.

    Args:
        runs: runs of one data set, and which of their sets.
        dataset: its real images.
        config: features and map.
        cache: where trained networks and maps are kept; a network that is lacking is trained first.

    Raises:
        ValueError: no sets, or the cloud cannot be made; with the remedy.
    """
    if not any(names for _, names in runs):
        raise ValueError("there is nothing to draw: name at least one run with images")
    if config.features == "trained":
        training = laptop_training_config(dataset.shape, len(dataset.train))
        for one in train_whole(dataset, training, cache):
            yield Figure3Progress("training a network on all real images", one.fraction)
    for run, _ in runs:
        stored = run.description.data.digest
        if stored and digest(dataset) != stored:
            raise ValueError(
                f"{dataset.name} has other training images now than run {run.id} was made from: bring the "
                "old ones back, or leave that run out"
            )
    first = runs[0][0].config
    spec = first.network_spec() if first is not None else NetworkSpec()
    yield Figure3Progress("making the map")
    kind: MapKind = "tsne" if config.map == "tsne" else "pca"  # a joint map is made with each set
    cloud = Cloud(
        dataset, feature_space_factory(config.features, dataset, spec, cache), kind, spec, cache / "maps"
    )
    shown: list[ProjectedSet] = []
    sets = [(run, name) for run, names in runs for name in names]
    for place, (run, name) in enumerate(sets):
        yield Figure3Progress("placing and measuring", place / len(sets))
        shown += [
            _shown(cloud, run, name, method, stars, config) for method, stars in _stars(cloud, run, name)
        ]
    yield Figure3(config, dataset.title, dataset.class_names, cloud.label, cloud.space.sentence, tuple(shown))


def _stars(cloud: Cloud, run: RunFolder, name: str) -> Iterator[tuple[Method, Stars]]:
    """The set, its start where it is kept, and a draw of random real images that its seed decides."""
    one = read_condensed_set(run, name)
    classes = len(one.class_names)
    pixels = one.images.reshape(classes, -1, *one.images.shape[1:]).numpy()
    stars = stars_of(pixels)
    yield "condensed", stars
    kept = run.snapshots(name)
    if kept and kept[0] == 0:
        yield "start", stars_of(run.snapshot(name, 0).pixels.astype(np.float32))
    seed = run.config.seed if run.config is not None else 0
    yield "random", cloud.fresh(len(stars.label) // classes, draw=1000 + seed)


def _shown(
    cloud: Cloud, run: RunFolder, name: str, method: Method, stars: Stars, config: Figure3Config
) -> ProjectedSet:
    real = cloud.map.positions
    if config.map == "joint":
        real, positions, _ = fit_joint_tsne(cloud.features, cloud.space.embed(stars.images))
    else:
        positions = cloud.place(stars)
    what = {"condensed": "condensed", "start": "at the start", "random": "random real images"}[method]
    return ProjectedSet(
        run.id,
        name,
        method,
        f"{run.description.title or run.id}, {name}: {what}",
        len(stars.label) // len(cloud.real.class_names),
        run.config.seed if run.config is not None else None,
        real,
        positions,
        stars.label,
        cloud.measure(stars),
    )
