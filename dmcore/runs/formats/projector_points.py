"""Points for an embedding projector: images of a set, and real ones of its data, by their pixels."""

from dataclasses import dataclass
from math import isqrt

import torch
from jaxtyping import Float, Float64, Int64, UInt8
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate, pad

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.load import load_dataset
from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.image_writers import display_images

MOST_CONDENSED, MOST_REAL = 5000, 1000
"""Images of a set, and real ones."""
MOST_VALUES = 2_000_000
"""Numbers in the file of all points: about seven bytes each."""
LARGEST_THUMBNAIL = 64
MOST_DECODED = 5000
"""Image files of one's own data that are read for a few of them."""


@dataclass(frozen=True)
class ProjectorPoints:
    """A point for each image: its values, its row of metadata, and a small picture."""

    values: Float64[Tensor, "point value"]
    """Normalised pixels, rounded to 4 digits; of large sets means of blocks of them."""
    columns: tuple[str, ...]
    rows: list[list[str]]
    thumbnails: Float[Tensor, "point 3 side side"]
    """From 0 to 1, square."""


def projector_points(condensed: CondensedSet, run: RunFolder | None) -> ProjectorPoints:
    """Points of a set and, where its data are on this machine, of as many real images."""
    chosen = _first_of_each(condensed.label, len(condensed.class_names), MOST_CONDENSED)
    kinds = [("condensed", condensed.images[chosen], condensed.label[chosen], condensed.class_names)]
    pictures = [display_images(condensed)[chosen]]
    if (real := _real_images(condensed, run, min(len(chosen), MOST_REAL))) is not None:
        images, label, names = real
        kinds.append(("real", condensed.statistics.normalise(images), label, names))
        pictures.append(images)
    rows = [
        [" ".join(names[index].split()), kind, str(number)]
        for kind, _, label, names in kinds
        for number, index in enumerate(label.tolist())
    ]
    return ProjectorPoints(
        values=_values(torch.cat([images for _, images, _, _ in kinds])),
        columns=("class", "kind", "number"),
        rows=rows,
        thumbnails=_thumbnails(torch.cat(pictures)),
    )


def _first_of_each(label: Int64[Tensor, " image"], classes: int, most: int) -> Int64[Tensor, " chosen"]:
    """Positions of the first images of each class, equally many, at most so many of all (one of each)."""
    each = max(1, most // classes)
    members = (torch.nonzero(label == index).flatten()[:each] for index in range(classes))
    return torch.cat(list(members))


def _real_images(
    condensed: CondensedSet, run: RunFolder | None, most: int
) -> tuple[UInt8[Tensor, "image channel height width"], Int64[Tensor, " image"], tuple[str, ...]] | None:
    """Some training images of each class, labels and class names; None where they are not at hand."""
    own_count = None if run is None else run.description.data.train_count
    if condensed.dataset not in CATALOGUE and (own_count is None or own_count > MOST_DECODED):
        return None
    try:
        train = load_dataset(condensed.dataset).train
    except (ValueError, OSError):  # not on this machine
        return None
    if train.images.shape[1:] != condensed.images.shape[1:]:
        return None
    chosen = _first_of_each(train.label, len(train.class_names), most)
    return train.images[chosen], train.label[chosen], train.class_names


def _values(images: Float[Tensor, "image channel height width"]) -> Float64[Tensor, "image value"]:
    """Pixels, or means of blocks of them where there are too many values, rounded to 4 digits."""
    count, channels, height, width = images.shape
    side = max(1, min(height, width))
    block = next(
        (
            size
            for size in range(1, side)
            if count * channels * (height // size) * (width // size) <= MOST_VALUES
        ),
        side,
    )
    values = avg_pool2d(images.float(), block) if block > 1 else images
    return values.flatten(1).double().mul(1e4).round_().div_(1e4)


def _thumbnails(images: UInt8[Tensor, "image channel height width"]) -> Float[Tensor, "image 3 side side"]:
    """Small square pictures in RGB, padded with black to a square."""
    pictures = images.float() / 255
    height, width = pictures.shape[-2:]
    side = max(height, width)
    pictures = pad(pictures, (0, side - width, 0, side - height))
    largest = min(LARGEST_THUMBNAIL, max(1, 8192 // (isqrt(len(images)) + 1)))
    if side > largest:
        pictures = interpolate(pictures, size=(largest, largest), mode="area")
    return pictures.expand(-1, 3, -1, -1) if pictures.shape[1] == 1 else pictures
