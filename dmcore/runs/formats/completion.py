"""Completion of a set read from a file: checks, and metadata that the file lacks from the data set."""

import re
from dataclasses import dataclass
from pathlib import Path

import torch
from jaxtyping import Int64
from torch import Tensor

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.images import Statistics
from dmcore.data.load import load_dataset
from dmcore.runs.formats.condensed import CondensedSet, relabelled
from dmcore.runs.formats.pixel_scale import PixelScale, normalised
from dmcore.runs.formats.set_metadata import UncheckedSet
from dmcore.runs.formats.tensor_checks import check_image_type, check_size, class_indices, dense


@dataclass(frozen=True)
class Supplement:
    """What the user says about a file, where it does not say it itself."""

    dataset: str | None
    """The data set it was condensed from."""
    iteration: int | None
    """Number of updates the images have had."""
    pixels: PixelScale
    """What floating-point pixels are."""
    data_root: Path | None
    """Folder of named data sets."""


@dataclass(frozen=True)
class Completion:
    """A set with all its metadata, and notes on how its images were stored."""

    condensed: CondensedSet
    notes: tuple[str, ...]


def completed(unchecked: UncheckedSet, source: str, supplement: Supplement) -> Completion:
    """Check a set and complete its metadata.

    Args:
        unchecked: the set as read.
        source: name of its file.
        supplement: what the user says about it.

    Raises:
        ValueError: no condensed set, too large, or metadata are missing; names them.
    """
    images, label = _checked_tensors(unchecked, source)
    dataset, is_uint8 = supplement.dataset, images.dtype == torch.uint8
    statistics, names = unchecked.statistics, unchecked.class_names
    if dataset is not None:
        dataset_statistics, dataset_names = _metadata_of_dataset(dataset, supplement.data_root)
        if names is not None and names != dataset_names:
            label = relabelled(_checked_range(label, names, source), names, dataset_names, source, dataset)
        statistics, names = statistics or dataset_statistics, dataset_names
    if statistics is None and is_uint8:
        statistics = Statistics.measured(images)
    if statistics is None or names is None:
        raise ValueError(
            f"{source} does not say how its images were normalised or what its classes are: "
            "name the data set it was condensed from with --dataset"
        )
    if len(statistics.mean) != images.shape[1]:
        raise ValueError(
            f"the images of {source} have {images.shape[1]} channels, the normalisation has "
            f"{len(statistics.mean)}: name the right data set with --dataset"
        )
    _check_balanced(_checked_range(label, names, source), names, source)
    by_class = torch.argsort(label, stable=True)
    condensed = CondensedSet(
        images=normalised(images, statistics, supplement.pixels, source)[by_class].contiguous(),
        label=label[by_class],
        class_names=names,
        statistics=statistics,
        name=re.sub(r"[^a-z0-9_-]+", "-", unchecked.name.lower()).strip("-_")[:40] or "imported",
        iteration=unchecked.iteration if supplement.iteration is None else supplement.iteration,
        dataset=unchecked.dataset or dataset or "",
        stored_as="uint8" if is_uint8 else "float32",
    )
    return Completion(condensed, _notes(images, supplement.pixels))


def _notes(images: Tensor, pixels: PixelScale) -> tuple[str, ...]:
    if images.dtype == torch.uint8:
        return ("The images were stored with 8 bits a pixel, clamped.",)
    notes = []
    if pixels in ("0-1", "0-255"):
        notes.append(
            f"The pixels were stored from {pixels.replace('-', ' to ')} and normalised at the import."
        )
    if images.dtype != torch.float32:
        notes.append(f"The images were stored as {str(images.dtype).removeprefix('torch.')}.")
    return tuple(notes)


def _checked_tensors(unchecked: UncheckedSet, source: str) -> tuple[Tensor, Int64[Tensor, " image"]]:
    if unchecked.images is None or unchecked.label is None:
        raise ValueError(f"{source} holds no images with labels: export the set again")
    images, label = dense(unchecked.images, source), dense(unchecked.label, source)
    check_size(images.shape, label.shape, source)
    check_image_type(images, source)
    return images, class_indices(label, source)


def _checked_range(
    label: Int64[Tensor, " image"], names: tuple[str, ...], source: str
) -> Int64[Tensor, " image"]:
    if int(label.min()) < 0 or int(label.max()) >= len(names):
        raise ValueError(
            f"a label of {source} lies outside 0 to {len(names) - 1}: name the right data set with --dataset"
        )
    return label


def _check_balanced(label: Int64[Tensor, " image"], names: tuple[str, ...], source: str) -> None:
    counts = torch.bincount(label, minlength=len(names)).tolist()
    if min(counts) < max(counts):
        fewest, most = names[counts.index(min(counts))], names[counts.index(max(counts))]
        raise ValueError(
            f"{source} has {min(counts)} images of {fewest!r} and {max(counts)} of {most!r}: "
            "a condensed set has as many of each class"
        )


def _metadata_of_dataset(dataset: str, data_root: Path | None) -> tuple[Statistics, tuple[str, ...]]:
    """Normalisation and class names of a data set; loaded only where the catalogue does not have them."""
    entry = CATALOGUE.get(dataset)
    if entry is not None and entry.mean is not None and entry.std is not None and entry.class_names:
        return Statistics(entry.mean, entry.std), entry.class_names
    real = load_dataset(dataset, data_root)
    return real.train.statistics, real.class_names
