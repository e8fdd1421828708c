"""Completion of a set read from a file: checks, and metadata that the file lacks from the data set."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from dmcore.data.catalogue import CATALOGUE
from dmcore.data.images import Statistics
from dmcore.data.load import load_dataset
from dmcore.runs.formats.condensed import CondensedSet, relabelled
from dmcore.runs.formats.pixel_scale import PixelScale, normalised, settle_scale
from dmcore.runs.formats.published.multi_formation import decode
from dmcore.runs.formats.published.tensors import has_channels_last
from dmcore.runs.formats.published.whitening import undo_whitening
from dmcore.runs.formats.set_metadata import UncheckedSet
from dmcore.runs.formats.tensor_checks import LabelChoice, check_image_type, check_size, class_indices, dense

LONGEST_NAME = 40
"""Characters of the name of a set."""


@dataclass(frozen=True)
class Supplement:
    """What the user says about a file, where it does not say it itself."""

    dataset: str | None
    """The data set it was condensed from."""
    iteration: int | None
    """Number of updates the images have had."""
    pixels: PixelScale
    """What floating-point pixels are."""
    labels: LabelChoice
    """What becomes of soft labels."""
    decode: int
    """Each image holds so many × so many smaller ones."""
    data_root: Path | None
    """Folder of named data sets."""


class KnownDataSet(NamedTuple):
    """What a data set says of a set that was condensed from it."""

    name: str
    statistics: Statistics
    class_names: tuple[str, ...]


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
    images, label, tensor_notes = _checked_tensors(unchecked, source, supplement.labels)
    known = None if supplement.dataset is None else _known(supplement.dataset, supplement.data_root)
    names, label, name_notes = _named_classes(unchecked, label, source, known)
    statistics = unchecked.statistics or (known and known.statistics)
    if statistics is None and images.dtype == torch.uint8:
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
    scale = settle_scale(images, statistics, supplement.pixels, unchecked.pixels, source)
    pixels = _normalised(images, statistics, scale, source, supplement)
    if supplement.decode != 1:
        pixels, label = decode(pixels, label, supplement.decode, statistics, source)
    by_class = torch.argsort(label, stable=True)
    condensed = CondensedSet(
        images=pixels[by_class].contiguous(),
        label=label[by_class],
        class_names=names,
        statistics=statistics,
        name=re.sub(r"[^a-z0-9_-]+", "-", unchecked.name.lower()).strip("-_")[:LONGEST_NAME] or "imported",
        iteration=unchecked.iteration if supplement.iteration is None else supplement.iteration,
        dataset=unchecked.dataset or supplement.dataset or "",
        stored_as="uint8" if images.dtype == torch.uint8 else "float32",
    )
    pixel_notes = _pixel_notes(images, scale, unchecked, supplement.decode)
    layout = (unchecked.layout,) if unchecked.layout else ()
    return Completion(condensed, (*layout, *unchecked.notes, *name_notes, *tensor_notes, *pixel_notes))


def _named_classes(
    unchecked: UncheckedSet, label: Int64[Tensor, " image"], source: str, known: KnownDataSet | None
) -> tuple[tuple[str, ...] | None, Int64[Tensor, " image"], tuple[str, ...]]:
    """Class names, labels in their order, and what to note on the order.

    Raises:
        ValueError: classes that the data set does not have.
    """
    names = unchecked.class_names
    if known is None:
        return names, label, ()
    if names is None or names == known.class_names:
        return known.class_names, label, ()
    if unchecked.named_by_index and not set(names) <= set(known.class_names):
        if len(names) != len(known.class_names):
            raise ValueError(
                f"{source} has {len(names)} classes without names, {known.name} has "
                f"{len(known.class_names)}: name the right data set with --dataset"
            )
        first = known.class_names[0]
        note = f"Its classes have no names: {names[0]} was taken for {first}, and so on in their order."
        return known.class_names, label, (note,)
    label = _checked_range(label, names, source)
    return known.class_names, relabelled(label, names, known.class_names, source, known.name), ()


def _normalised(
    images: Tensor, statistics: Statistics, scale: PixelScale, source: str, supplement: Supplement
) -> Float[Tensor, "image channel height width"]:
    if scale != "zca":
        return normalised(images, statistics, scale)
    if supplement.dataset is None:
        raise ValueError(f"to undo the whitening of {source} takes its real images: name them with --dataset")
    real = load_dataset(supplement.dataset, supplement.data_root).train
    return normalised(undo_whitening(images.float(), real.images, source), statistics, "0-1")


def _pixel_notes(images: Tensor, scale: PixelScale, unchecked: UncheckedSet, factor: int) -> tuple[str, ...]:
    notes = []
    if images.dtype == torch.uint8:
        notes.append("The images were stored with 8 bits a pixel, clamped.")
    elif scale in ("0-1", "0-255"):
        notes.append(
            f"The pixels were stored from {scale.replace('-', ' to ')} and normalised at the import."
        )
    elif scale == "zca":
        notes.append(
            "The pixels were whitened (ZCA), which was undone at the import; networks are tested without it."
        )
    if images.dtype not in (torch.uint8, torch.float32):
        notes.append(f"The images were stored as {str(images.dtype).removeprefix('torch.')}.")
    if factor > 1:
        notes.append(f"Each image was split into {factor}×{factor}, each enlarged to its size, as IDC does.")
    elif unchecked.may_hold_tiles:
        notes.append(
            "Each image may hold 2×2 smaller ones (ImageNet: 3×3), which --decode 2 splits and enlarges."
        )
    return tuple(notes)


def _checked_tensors(
    unchecked: UncheckedSet, source: str, choice: LabelChoice
) -> tuple[Tensor, Int64[Tensor, " image"], tuple[str, ...]]:
    if unchecked.images is None or unchecked.label is None:
        raise ValueError(f"{source} holds no images with labels: export the set again")
    images, label = dense(unchecked.images, source), dense(unchecked.label, source)
    check_size(images.shape, label.shape, source)
    notes: tuple[str, ...] = ()
    stated = unchecked.statistics is not None and len(unchecked.statistics.mean) == images.shape[1]
    if has_channels_last(images.shape) and not stated:
        images, notes = images.permute(0, 3, 1, 2), ("The images were stored with the channels last.",)
    check_image_type(images, source)
    indices, is_hardened = class_indices(label, source, choice)
    note = (
        f"The labels were soft: of {label.shape[-1]} numbers for each image only the largest was kept, "
        "and what they say of the other classes is lost."
    )
    return images, indices, (*notes, note) if is_hardened else notes


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


def _known(dataset: str, data_root: Path | None) -> KnownDataSet:
    """Normalisation and class names of a data set; loaded only where the catalogue does not have them."""
    entry = CATALOGUE.get(dataset)
    if entry is not None and entry.mean is not None and entry.std is not None and entry.class_names:
        return KnownDataSet(dataset, Statistics(entry.mean, entry.std), entry.class_names)
    real = load_dataset(dataset, data_root)
    return KnownDataSet(dataset, real.train.statistics, real.class_names)
