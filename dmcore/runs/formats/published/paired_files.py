"""Layout of MTT and DATM: images in one file and labels in another, a learned rate perhaps in a third.

Where MTT whitens the data (ZCA), images_N.pt are whitened and images_zca_N.pt are the same images with the
whitening undone: the latter are read.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from dmcore.runs.formats.pixel_scale import Convention
from dmcore.runs.formats.published.tensors import Pair, are_parts, joined, number_of, tensor_of
from dmcore.runs.formats.set_metadata import UncheckedSet

Load = Callable[[Path], Any]
"""Reads the content of a .pt file."""
_PART = re.compile(r"(images?|labels?|targets?)(?:_(zca))?((?:[_-].*)?)\.(pth?)", re.IGNORECASE)
_UNDONE = "The whitening (ZCA) of these images was undone by their authors; networks are tested without it."
_WHITENED = (
    "They are whitened (ZCA): {} holds the same images with the whitening undone, and was read instead; "
    "networks are tested without it."
)


def find_pairs(folder: Path) -> list[Path]:
    """Files of images in a folder that have a file of labels; of those of a name, the unwhitened one."""
    images = [file for file in sorted(folder.iterdir()) if _is_images(file) and _partner(file) is not None]
    undone = {_partner(file) for file in images if _is_undone(file)}
    return [file for file in images if _is_undone(file) or _partner(file) not in undone]


def names_of_pairs(folder: Path) -> set[str]:
    """Names of the files of the pairs in a folder: images, whitened or not, labels and learning rates."""
    names: set[str] = set()
    for file in find_pairs(folder):
        whitened = file.with_name(file.name.replace("_zca", "", 1))
        parts = (file, whitened, _partner(file), _rate_file(file))
        names.update(part.name for part in parts if part is not None)
    return names


def read_paired(file: Path, load: Load) -> list[UncheckedSet]:
    """Read the pair that a file with one tensor is of, be it the images or the labels.

    Raises:
        ValueError: the other file is missing or is no tensor.
    """
    partner = _partner(file)
    if partner is None:
        raise ValueError(
            f"{file.name} holds one tensor and nothing beside it: put images_NAME.pt and labels_NAME.pt into "
            "one folder"
        )
    return [_read_pair(file if _is_images(file) else partner, load)]


def read_pairs_of_folder(files: Sequence[Path], load: Load) -> list[UncheckedSet]:
    """Read pairs of files, as from `find_pairs`: a set each, or one set where they share no class.

    Raises:
        ValueError: a file is no tensor, or they are too large together.
    """
    if len(files) == 1:
        return [_read_pair(files[0], load)]
    sets = [_read_pair(file, load).named(_name_of(file)) for file in files]
    pairs: list[Pair] = [
        (each.images, each.label) for each in sets if each.images is not None and each.label is not None
    ]
    if not are_parts(pairs):
        return sets
    source = files[0].parent.name
    if len({each.pixels for each in sets}) > 1:
        raise ValueError(
            f"{source} has the whitening (ZCA) of some parts undone and of others not: give parts of one kind"
        )
    notes = tuple(dict.fromkeys(note for each in sets for note in each.notes))
    whole = replace(sets[0], notes=notes).with_images(*joined(pairs, source)).named(UncheckedSet().name)
    return [
        whole.noting(f"The images of {len(files)} pairs of files, each of other classes, were put together.")
    ]


def _read_pair(images_file: Path, load: Load) -> UncheckedSet:
    images_file, notes = _unwhitened(images_file)
    label_file = _partner(images_file)
    assert label_file is not None
    images, label = (tensor_of(load(file)) for file in (images_file, label_file))
    for file, tensor in ((images_file, images), (label_file, label)):
        if tensor is None:
            raise ValueError(f"{file.name} is no tensor, as its partner is: give the two of one set")
    assert images is not None
    assert label is not None
    rate = _rate_beside(images_file, load)
    if rate is not None:
        notes += (f"A learning rate of {rate:.4g} was learned with the images, and is left out.",)
    names = f"images in {images_file.name}, labels in {label_file.name}"
    layout = f"Recognised as the layout of MTT and DATM: {names}."
    pixels: Convention = "mtt-unwhitened" if _is_undone(images_file) else "mtt"
    return UncheckedSet(layout=layout, notes=notes, pixels=pixels).with_images(images, label)


def _unwhitened(file: Path) -> tuple[Path, tuple[str, ...]]:
    """File of the images with the whitening undone where there is one, and what to note."""
    if _is_undone(file):
        return file, (_UNDONE,)
    match = _PART.fullmatch(file.name)
    assert match is not None
    beside = file.with_name(f"{match[1]}_zca{match[3]}.{match[4]}")
    return (beside, (_WHITENED.format(beside.name),)) if beside.is_file() else (file, ())


def _is_images(file: Path) -> bool:
    match = _PART.fullmatch(file.name)
    return match is not None and match[1].lower().startswith("image")


def _is_undone(file: Path) -> bool:
    match = _PART.fullmatch(file.name)
    return match is not None and match[2] is not None


def _partner(file: Path) -> Path | None:
    """File of the labels of a file of images, or the other way round; None where there is none."""
    match = _PART.fullmatch(file.name)
    if match is None:
        return None
    others = ("labels", "label", "targets", "target") if _is_images(file) else ("images", "image")
    names = [
        f"{other}{infix}{match[3]}.{ending}"
        for ending in (match[4], "pt", "pth")
        for other in others
        for infix in ("", "_zca")
    ]
    return next((file.with_name(name) for name in names if file.with_name(name).is_file()), None)


def _name_of(file: Path) -> str:
    match = _PART.fullmatch(file.name)
    return (match[3].strip("_-") if match else "") or UncheckedSet().name


def _rate_beside(images_file: Path, load: Load) -> float | None:
    """Learning rate in the third file; None where there is none."""
    file = _rate_file(images_file)
    return number_of(load(file)) if file.is_file() else None


def _rate_file(images_file: Path) -> Path:
    match = _PART.fullmatch(images_file.name)
    assert match is not None
    return images_file.with_name(f"lr{match[3]}.{match[4]}")
