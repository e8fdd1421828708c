"""The real images that lie nearest to a picture, looked up in the data set of its run.

The picture is compared as it is shown: rounded and clamped, for that is what an eye compares. Data sets and
the features of their samples are kept, and so are the last answers. Torch comes in with the first look-up.
"""

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from app.data.folders import data_root
from app.data.images import dataset_of, open_dataset
from app.jobs.snapshot import Pictures
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
    """Real images, the nearest first."""

    class_names: tuple[str, ...]
    """The class of each."""
    distances: tuple[float, ...]
    pictures: Pictures
    """uint8 [neighbour, channel, height, width]."""
    among: int
    """How many real images were compared."""
    total: int
    """How many there are."""


def nearest_by_pixels(run: RunFolder, picture: Pictures) -> Neighbours:
    """The nearest of all real training images, by the distance of normalised pixels.

    Raises:
        ValueError: the data set is not here, not the same, or of another size; with the remedy.
    """
    return _by_pixels(_name_of(run, picture), data_root(), picture.tobytes())


def nearest_by_features(run: RunFolder, picture: Pictures) -> Neighbours:
    """The nearest of a sample, by the features of a random network such as the run's.

    A run that was not condensed here is given the paper's network.

    Raises:
        ValueError: the data set is not here, not the same, or of another size; with the remedy.
    """
    spec = run.config.network_spec() if run.config is not None else NetworkSpec()
    return _by_features(_name_of(run, picture), data_root(), spec, picture.tobytes())


def _name_of(run: RunFolder, picture: Pictures) -> str:
    dataset = dataset_of(run)
    if dataset.shape != picture.shape:
        sizes = ["×".join(map(str, shape)) for shape in (picture.shape, dataset.shape)]
        raise ValueError(f"the image is {sizes[0]}, the real images of {dataset.title} are {sizes[1]}")
    return dataset.name


@lru_cache(maxsize=64)
def _by_pixels(name: str, root: Path, picture: bytes) -> Neighbours:
    import torch

    from dmcore.feature_space.nearest import nearest_in_pixels

    real = open_dataset(name, root).train
    image = torch.from_numpy(_shaped(picture, name, root))
    found = nearest_in_pixels(real, real.statistics.normalise(image), COUNT)
    return _neighbours(name, root, found, len(real))


@lru_cache(maxsize=64)
def _by_features(name: str, root: Path, spec: NetworkSpec, picture: bytes) -> Neighbours:
    import torch

    index = _index(name, root, spec)
    image = torch.from_numpy(_shaped(picture, name, root))
    normalised = open_dataset(name, root).train.statistics.normalise(image)
    return _neighbours(name, root, index.nearest(normalised, COUNT), len(index.positions))


def _index(name: str, root: Path, spec: NetworkSpec) -> "FeatureIndex":
    with _embedding:  # two viewers who ask at once wait for one index
        return _kept_index(name, root, spec)


@lru_cache(maxsize=2)
def _kept_index(name: str, root: Path, spec: NetworkSpec) -> "FeatureIndex":
    from dmcore.feature_space.nearest import random_index

    most = SAMPLE if spec.network == "convnet" else COSTLY_SAMPLE
    return random_index(open_dataset(name, root).train, spec, most=most)


def _shaped(picture: bytes, name: str, root: Path) -> Pictures:
    return np.frombuffer(bytearray(picture), np.uint8).reshape(open_dataset(name, root).shape)


def _neighbours(name: str, root: Path, found: "Nearest", among: int) -> Neighbours:
    real = open_dataset(name, root).train
    return Neighbours(
        tuple(real.class_names[label] for label in real.label[found.positions].tolist()),
        tuple(found.distances.tolist()),
        real.images[found.positions].numpy(),
        among,
        len(real),
    )
