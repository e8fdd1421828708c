"""Data set classes: labelled uint8 image tensors with their normalisation statistics.

Section 4.1 of the paper: everything is learned on normalised images; uint8 is how they are stored and shown.
"""

import math
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from hashlib import sha256

import numpy as np
import torch
from jaxtyping import Float, Int64, UInt8
from torch import Tensor

from dmcore.data.labels.left_out import LeftOut


@dataclass(frozen=True)
class Statistics:
    """Per-channel mean and standard deviation of a data set's training images scaled to [0, 1]."""

    mean: tuple[float, ...]
    std: tuple[float, ...]

    def normalise(
        self, images: UInt8[Tensor, "*batch channel height width"]
    ) -> Float[Tensor, "*batch channel height width"]:
        """Normalise stored uint8 pixels to float32."""
        return (
            images.float()
            .sub_(self._column(self.mean, images) * 255)
            .div_(self._column(self.std, images) * 255)
        )

    def denormalise(
        self, images: Float[Tensor, "*batch channel height width"]
    ) -> UInt8[Tensor, "*batch channel height width"]:
        """Convert normalised pixels to uint8 images for display: rounded and clamped, so not invertible."""
        display = images.float() * self._column(self.std, images) + self._column(self.mean, images)
        return display.mul_(255).round_().clamp_(0, 255).byte()

    def check(self, channels: int) -> None:
        """Check that images of so many channels can be normalised by these statistics.

        Raises:
            ValueError: another number of channels, or a deviation that is not above 0.
        """
        if {len(self.mean), len(self.std)} != {channels}:
            raise ValueError(
                f"statistics have {len(self.mean)} means and {len(self.std)} deviations, the images "
                f"{channels} channels: Statistics.measured(images) gives theirs"
            )
        if not all(math.isfinite(mean) for mean in self.mean) or not all(
            0 < std < math.inf for std in self.std
        ):
            raise ValueError(
                f"mean {self.mean} and deviation {self.std} cannot normalise images: "
                "Statistics.measured(images) gives deviations above 0"
            )

    @classmethod
    def measured(cls, images: UInt8[Tensor, "image channel height width"]) -> "Statistics":
        """Compute the statistics of uint8 images, exactly, from a histogram per channel (no float copy).

        A constant channel gets a deviation of 1, so that normalising it gives 0, not NaN.
        """
        values = torch.arange(256, dtype=torch.float64) / 255
        mean, std = [], []
        for channel in range(images.shape[1]):
            counts = torch.bincount(images[:, channel].flatten(), minlength=256).double()
            average = float((counts * values).sum() / counts.sum())
            spread = float((counts * (values - average) ** 2).sum() / counts.sum()) ** 0.5
            mean.append(round(average, 6))
            std.append(round(spread, 6) or 1.0)
        return cls(tuple(mean), tuple(std))

    @staticmethod
    def _column(values: tuple[float, ...], images: Tensor) -> Tensor:
        return _column_on(values, images.device)


@lru_cache(maxsize=64)
def _column_on(values: tuple[float, ...], device: torch.device) -> Tensor:
    """Cached per device: a copy for every batch would synchronise the GPU each time."""
    return torch.tensor(values, dtype=torch.float32, device=device).view(-1, 1, 1)


@dataclass(frozen=True)
class LabelledImages:
    """Images with class labels; `label[i]` is the class of `images[i]`, an index into `class_names`."""

    images: UInt8[Tensor, "image channel height width"]
    label: Int64[Tensor, " image"]
    class_names: tuple[str, ...]
    statistics: Statistics
    flip_keeps_label: bool = True
    """False where a horizontal flip changes what an image means (digits): `flip` is then left out."""

    def __post_init__(self) -> None:
        """Validate dtypes, shapes, label range and statistics.

        Raises:
            ValueError: images that are not uint8, labels that do not fit them, or no usable statistics.
        """
        for name, value in (("images", self.images), ("label", self.label)):
            if not isinstance(value, Tensor):
                raise ValueError(f"{name} is {type(value).__name__}, not a tensor: torch.as_tensor makes one")
        if self.images.dtype != torch.uint8 or self.images.ndim != 4:
            raise ValueError(
                f"images are {str(self.images.dtype).removeprefix('torch.')} with {self.images.ndim} "
                "dimensions, not stored pixels: give uint8 from 0 to 255 in [image, channel, height, width], "
                "such as (images * 255).round().byte() of images from 0 to 1"
            )
        if self.label.dtype != torch.int64 or self.label.shape != self.images.shape[:1]:
            raise ValueError(
                f"{len(self.images)} images came with {self.label.numel()} labels in "
                f"{str(self.label.dtype).removeprefix('torch.')}: give each image one label in int64"
            )
        classes, channels = len(self.class_names), self.images.shape[1]
        if len(self.label) and not 0 <= int(self.label.min()) <= int(self.label.max()) < classes:
            raise ValueError(f"a label lies outside 0 to {classes - 1}: there are {classes} class names")
        self.statistics.check(channels)

    def __len__(self) -> int:
        return len(self.images)

    @cached_property
    def by_class(self) -> tuple[Int64[Tensor, " _"], ...]:
        """Positions of the images of each class, on the CPU, where batches are drawn."""
        label = self.label.cpu()
        return tuple(torch.nonzero(label == index).flatten() for index in range(len(self.class_names)))

    @property
    def smallest_class(self) -> tuple[int, str]:
        """Size and name of the class with the fewest images."""
        return min(
            (len(members), name) for name, members in zip(self.class_names, self.by_class, strict=True)
        )

    def to(self, device: torch.device) -> "LabelledImages":
        """Move to a device; returns self when already there."""
        images = self.images.to(device)
        return self if images is self.images else replace(self, images=images, label=self.label.to(device))


FEWER_BITS = "The 16-bit images use"
"""Start of the note on images of 10 to 14 bits, which earlier versions scaled as if they used 16."""


@dataclass(frozen=True)
class DataSet:
    """Data set: real training and test images with their names."""

    name: str
    """Name in the catalogue, or the path as given."""
    title: str
    """Display name."""
    train: LabelledImages
    test: LabelledImages
    notes: tuple[str, ...] = field(default=())
    """Sentences on how the images were brought to one size and colour mode."""
    left_out: tuple[LeftOut, ...] = field(default=())
    """Files at its path that are not in it, with the reasons."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """Channels, height, width."""
        channels, height, width = self.train.images.shape[1:]
        return channels, height, width

    @property
    def version_remark(self) -> str:
        """Words in brackets, where earlier versions read its files as other images; mostly empty."""
        if not any(note.startswith(FEWER_BITS) for note in self.notes):
            return ""
        return " (or on the same files, of which earlier versions made darker images than this one does)"

    @property
    def flip_keeps_label(self) -> bool:
        """False where a horizontal flip changes what an image means (digits)."""
        return self.train.flip_keeps_label

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in the order of the labels."""
        return self.train.class_names

    @cached_property
    def train_digest(self) -> str:
        """SHA-256 of the training images and labels: what condensation depends on."""
        digest = sha256()
        for tensor in (self.train.images, self.train.label):
            digest.update(str(tuple(tensor.shape)).encode())
            digest.update(tensor.cpu().contiguous().numpy().data)
        return digest.hexdigest()

    @cached_property
    def digest(self) -> str:
        """Fingerprint of training and test images and labels: 16 hexadecimal digits of their SHA-256."""
        content = sha256()
        for part in (self.train, self.test):
            content.update(repr(tuple(part.images.shape)).encode())
            content.update(np.ascontiguousarray(part.images.cpu().numpy()).data)
            content.update(np.ascontiguousarray(part.label.cpu().numpy()).data)
        return content.hexdigest()[:16]
