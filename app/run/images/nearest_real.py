"""Nearest real images of a synthetic image, by pixels and by features, in the data set of its run.

The image is compared as it is shown: rounded and clamped, for that is what an eye compares. Data sets and
the features of their samples are cached. Torch is imported by the first answer.
"""

from collections.abc import Generator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np

from app.answers.question import Progress, Question
from app.data.dataset_cache import dataset_of, open_dataset
from app.data.folders import data_root
from dmcore.config import NetworkSpec
from dmcore.runs.display import DisplayImages
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.feature_space.nearest import FeatureIndex

COUNT = 5
SAMPLE = 2000
COSTLY_SAMPLE = 500
"""Real images embedded where the network is not a ConvNet: a deep one takes ten times as long for each."""

Space = Literal["pixels", "features"]


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


@dataclass(frozen=True)
class NearestQuestion(Question[Neighbours]):
    """Question for the nearest of the real training images of a run's data set, in a space.

    In pixels all are compared, by the distance of normalised pixels. In features a sample is, by a random
    network such as the run's, or the paper's for a run that was not condensed here.
    """

    run: RunFolder
    shape: tuple[int, ...]
    """Channels, height, width."""
    image: bytes
    """Its uint8 pixels."""
    space: Space
    after_job = False
    retry_seconds = 0.0

    def answer(self) -> Generator[Progress, None, Neighbours]:
        """Compare, in one piece.

        Raises:
            ValueError: the data set is not here, not the same, or of another size; with the remedy.
        """
        yield Progress("comparing with the real images")
        import torch

        from dmcore.feature_space.nearest import nearest_in_pixels

        dataset = dataset_of(self.run)
        if dataset.shape != self.shape:
            sizes = ["×".join(map(str, shape)) for shape in (self.shape, dataset.shape)]
            raise ValueError(f"the image is {sizes[0]}, the real images of {dataset.title} are {sizes[1]}")
        real = dataset.train
        pixels = np.frombuffer(bytearray(self.image), np.uint8).reshape(self.shape)
        image = real.statistics.normalise(torch.from_numpy(pixels))
        if self.space == "pixels":
            among, nearest = len(real), nearest_in_pixels(real, image, COUNT)
        else:
            spec = self.run.config.network_spec() if self.run.config is not None else NetworkSpec()
            index = _index(dataset.name, data_root(), spec, dataset.train_digest)
            among, nearest = len(index.positions), index.nearest(image, COUNT)
        return Neighbours(
            tuple(real.class_names[label] for label in real.label[nearest.positions].tolist()),
            tuple(nearest.distances.tolist()),
            real.images[nearest.positions].numpy(),
            among,
            len(real),
        )


def nearest_question(run: RunFolder, image: DisplayImages, space: Space) -> NearestQuestion:
    """Question for the nearest real images of an image uint8 [channel, height, width]."""
    return NearestQuestion(run, image.shape, image.tobytes(), space)


@lru_cache(maxsize=2)
def _index(name: str, root: Path, spec: NetworkSpec, _digest: str) -> "FeatureIndex":
    from dmcore.feature_space.nearest import random_index

    most = SAMPLE if spec.network == "convnet" else COSTLY_SAMPLE
    return random_index(open_dataset(name, root).train, spec, most=most)
