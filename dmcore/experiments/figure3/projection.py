"""Figure 3 of the paper: real and synthetic images in the features of one network, with coverage metrics.

The paper shows a joint t-SNE in the features of a network trained on the whole set. The fixed map serves
several runs at once and is the default; every metric is computed in the features, never on the map.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64

from dmcore.config import NetworkSpec
from dmcore.config.laptop_presets import laptop_training_config
from dmcore.data.images import DataSet
from dmcore.experiments.figure3.config import Figure3Config
from dmcore.feature_space.coverage import MetricValue
from dmcore.feature_space.figure3_projection import Cloud, MapKind, Stars, stars_of
from dmcore.feature_space.projection import fit_joint_tsne
from dmcore.feature_space.spaces import feature_space_factory
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import read_condensed_set
from dmcore.training.whole_set import train_whole

Kind = Literal["condensed", "start", "random"]


@dataclass(frozen=True)
class Figure3Progress:
    """Event: progress of computing figure 3."""

    step: str
    """Sentence on the current step."""
    done: float = 0.0
    """Share of the step that is done, 0 to 1."""


@dataclass(frozen=True)
class ProjectedSet:
    """Set of images projected onto the map, with its coverage metrics."""

    run: str
    set: str
    method: Kind
    """condensed; start: the initial images of the set; random: as many real images drawn at random."""
    title: str
    images_per_class: int
    seed: int | None
    real: Float32[np.ndarray, "real 2"]
    """Positions of the real images; the same for all sets, unless the map is a joint one."""
    positions: Float32[np.ndarray, "star 2"]
    label: Int64[np.ndarray, " star"]
    measures: tuple[MetricValue, ...]
    learned_by: str = ""
    """Method of a condensed set: 'DM', 'DC' or 'DSA'; empty for others, and where it is not known."""


@dataclass(frozen=True)
class Figure3:
    """Figure 3 as data: the projected sets and what they were projected with."""

    config: Figure3Config
    dataset: str
    class_names: tuple[str, ...]
    real_label: Int64[np.ndarray, " real"]
    embedded_by: str
    """Description of the feature space."""
    sets: tuple[ProjectedSet, ...]


def figure3(
    runs: Sequence[tuple[RunFolder, Sequence[str]]], dataset: DataSet, config: Figure3Config, cache: Path
) -> Iterator[Figure3Progress | Figure3]:
    """Project and measure the sets of runs, their initial images and as many random real images.

    Args:
        runs: runs of one data set, and which of their sets.
        dataset: its real images.
        config: features and map.
        cache: root of cached trained networks and maps; a missing network is trained first.

    Raises:
        ValueError: no sets, or the cloud cannot be computed; with the remedy.
    """
    if not any(names for _, names in runs):
        raise ValueError("there is nothing to draw: name at least one run with images")
    if config.features == "trained":
        training = laptop_training_config(dataset.shape, len(dataset.train))
        for event in train_whole(dataset, training, cache):
            yield Figure3Progress("training a network on all real images", event.fraction)
    for run, _ in runs:
        stored = run.description.data.digest
        if stored and dataset.train_digest != stored:
            raise ValueError(
                f"{dataset.name} has other training images now than run {run.id} was made from: bring the "
                "old ones back, or leave that run out"
            )
    first = runs[0][0].config
    spec = first.network_spec() if first is not None else NetworkSpec()
    yield Figure3Progress("computing the map")
    kind: MapKind = "tsne" if config.map == "tsne" else "pca"  # a joint map is computed with each set
    cloud = Cloud(
        dataset, feature_space_factory(config.features, dataset, spec, cache), kind, spec, cache / "maps"
    )
    projected: list[ProjectedSet] = []
    sets = [(run, name) for run, names in runs for name in names]
    for count, (run, name) in enumerate(sets):
        yield Figure3Progress("projecting and measuring", count / len(sets))
        projected += [
            _projected(cloud, run, name, kind, stars, config) for kind, stars in _stars(cloud, run, name)
        ]
    yield Figure3(
        config, dataset.title, dataset.class_names, cloud.label, cloud.space.sentence, tuple(projected)
    )


def _stars(cloud: Cloud, run: RunFolder, name: str) -> Iterator[tuple[Kind, Stars]]:
    """Images of the set, its stored initial images, and random real images drawn by its seed."""
    condensed = read_condensed_set(run, name)
    classes = len(condensed.class_names)
    pixels = condensed.images.reshape(classes, -1, *condensed.images.shape[1:]).numpy()
    stars = stars_of(pixels)
    yield "condensed", stars
    iterations = run.snapshots(name)
    if iterations and iterations[0] == 0:
        yield "start", stars_of(run.snapshot(name, 0).pixels.astype(np.float32))
    seed = run.config.seed if run.config is not None else 0
    yield "random", cloud.fresh(len(stars.label) // classes, draw=1000 + seed)


def _projected(
    cloud: Cloud, run: RunFolder, name: str, kind: Kind, stars: Stars, config: Figure3Config
) -> ProjectedSet:
    real = cloud.map.positions
    if config.map == "joint":
        real, positions, _ = fit_joint_tsne(cloud.features, cloud.space.embed(stars.images))
    else:
        positions = cloud.project(stars)
    learned_by = run.config.method.upper() if kind == "condensed" and run.config is not None else ""
    kind_text = {
        "condensed": f"condensed by {learned_by}" if learned_by else "condensed",
        "start": "at the start",
        "random": "random real images",
    }[kind]
    return ProjectedSet(
        run.id,
        name,
        kind,
        f"{run.description.title or run.id}, {name}: {kind_text}",
        len(stars.label) // len(cloud.real.class_names),
        run.config.seed if run.config is not None else None,
        real,
        positions,
        stars.label,
        cloud.measure(stars),
        learned_by,
    )
