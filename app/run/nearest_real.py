"""Nearest real images of a synthetic image, by pixels and by features, in the data set of its run.

The image is compared as it is shown: rounded and clamped, for that is what an eye compares. Data sets, the
features of their samples and the last results are cached. Torch is imported by the first look-up.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.data.dataset_cache import dataset_of, open_dataset
from app.data.folders import data_root
from app.jobs.live_snapshot import DisplayImages
from dmcore.config import NetworkSpec
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.feature_space.nearest import FeatureIndex, Nearest

COUNT = 5
SAMPLE = 2000
COSTLY_SAMPLE = 500
"""Real images embedded where the network is not a ConvNet: a deep one takes ten times as long for each."""
_embedding = threading.Lock()


@dataclass(frozen=True)
class Neighbours:
    """Nearest real images, the nearest first."""

    class_names: tuple[str, ...]
    """Class of each image."""
    distances: tuple[float, ...]
    images: DisplayImages
    """uint8 [neighbour, channel, height, width]."""
    among: int
    """Number of real images compared."""
    total: int
    """Number of real images in the training set."""


def nearest_by_pixels(run: RunFolder, image: DisplayImages) -> Neighbours:
    """Find the nearest of all real training images, by the distance of normalised pixels.

    Raises:
        ValueError: the data set is not here, not the same, or of another size; with the remedy.
    """
    return _by_pixels(_name_of(run, image), data_root(), image.tobytes())


def nearest_by_features(run: RunFolder, image: DisplayImages) -> Neighbours:
    """Find the nearest of a sample of real images, by the features of a random network such as the run's.

    A run that was not condensed here is given the paper's network.

    Raises:
        ValueError: the data set is not here, not the same, or of another size; with the remedy.
    """
    spec = run.config.network_spec() if run.config is not None else NetworkSpec()
    return _by_features(_name_of(run, image), data_root(), spec, image.tobytes())


def _name_of(run: RunFolder, image: DisplayImages) -> str:
    dataset = dataset_of(run)
    if dataset.shape != image.shape:
        sizes = ["×".join(map(str, shape)) for shape in (image.shape, dataset.shape)]
        raise ValueError(f"the image is {sizes[0]}, the real images of {dataset.title} are {sizes[1]}")
    return dataset.name


@lru_cache(maxsize=64)
def _by_pixels(name: str, root: Path, image: bytes) -> Neighbours:
    import torch

    from dmcore.feature_space.nearest import nearest_in_pixels

    real = open_dataset(name, root).train
    tensor = torch.from_numpy(_image_of(image, name, root))
    nearest = nearest_in_pixels(real, real.statistics.normalise(tensor), COUNT)
    return _neighbours(name, root, nearest, len(real))


@lru_cache(maxsize=64)
def _by_features(name: str, root: Path, spec: NetworkSpec, image: bytes) -> Neighbours:
    import torch

    index = _index(name, root, spec)
    tensor = torch.from_numpy(_image_of(image, name, root))
    normalised = open_dataset(name, root).train.statistics.normalise(tensor)
    return _neighbours(name, root, index.nearest(normalised, COUNT), len(index.positions))


def _index(name: str, root: Path, spec: NetworkSpec) -> "FeatureIndex":
    with _embedding:  # two viewers who ask at once wait for one index
        return _cached_index(name, root, spec)


@lru_cache(maxsize=2)
def _cached_index(name: str, root: Path, spec: NetworkSpec) -> "FeatureIndex":
    from dmcore.feature_space.nearest import random_index

    most = SAMPLE if spec.network == "convnet" else COSTLY_SAMPLE
    return random_index(open_dataset(name, root).train, spec, most=most)


def _image_of(image: bytes, name: str, root: Path) -> DisplayImages:
    return np.frombuffer(bytearray(image), np.uint8).reshape(open_dataset(name, root).shape)


def _neighbours(name: str, root: Path, nearest: "Nearest", among: int) -> Neighbours:
    real = open_dataset(name, root).train
    return Neighbours(
        tuple(real.class_names[label] for label in real.label[nearest.positions].tolist()),
        tuple(nearest.distances.tolist()),
        real.images[nearest.positions].numpy(),
        among,
        len(real),
    )
