"""Reader of condensed sets as image files: those that `image_writers` writes, and plain class folders."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image
from torch import Tensor

from dmcore.data.image_decoding import DAMAGE, GREY_MODES, HugeImageError, open_image
from dmcore.data.labels.class_names import in_natural_order
from dmcore.data.listing import ListedFile, open_listing
from dmcore.runs.formats.published.picture_classes import find_picture_classes, left_out
from dmcore.runs.formats.set_metadata import (
    METADATA_FILE,
    UncheckedSet,
    check_metadata_size,
    parse_metadata,
)
from dmcore.runs.formats.tensor_checks import check_size

Content = TypeVar("Content")
SHEET_FILE = "sheet.png"
"""All images of a set in one, beside them."""
_NUMBERED = re.compile(r"([0-9]{1,9})-.*-[0-9]+\.png")


def read_image_set(path: Path) -> list[UncheckedSet]:
    """Read one set from a folder or zip of pictures: numbered ones of ours, class folders, or named by class.

    Raises:
        ValueError: no pictures, damaged ones, several sizes, or more than the limits.
    """
    with open_listing(path) as listed:
        facts = _facts(listed)
        ours = [(file, match) for file in listed if (match := _NUMBERED.fullmatch(file.parts[-1]))]
        flat = len({file.parts[:-1] for file, _ in ours}) == 1
        if facts.class_names is not None and ours and flat:
            files = [file for file, _ in ours]
            numbered = facts.with_images(
                _read_all(files, path.name), torch.tensor([int(match[1]) for _, match in ours])
            )
            others = [file for file in listed if file.parts[-1] != SHEET_FILE]
            return [replace(numbered, notes=left_out(others, files))]
        ours_sorted = facts.class_names is not None  # so that is how `image_writers` names the folders
        classes = find_picture_classes(listed, path.name, sorted if ours_sorted else in_natural_order)
        images = _read_all(classes.files, path.name)
    unchecked = facts.with_images(images, torch.tensor(classes.label))
    if facts.class_names is not None:
        return [replace(unchecked, notes=classes.notes)]
    return [
        replace(
            unchecked,
            class_names=classes.class_names,
            named_by_index=classes.named_by_index,
            layout=classes.layout,
            notes=classes.notes,
        )
    ]


def _facts(listed: Sequence[ListedFile]) -> UncheckedSet:
    """Metadata among the files, the uppermost; a set without anything where there are none."""
    files = [file for file in listed if file.parts[-1] == METADATA_FILE]
    if not files:
        return UncheckedSet()
    content = min(files, key=lambda file: len(file.parts)).read()
    check_metadata_size(len(content), METADATA_FILE)
    return parse_metadata(content)


def _read_all(files: Sequence[ListedFile], source: str) -> UInt8[Tensor, "image channel height width"]:
    """Decode images of one size; all headers are read, and the memory checked, before pixels are."""
    check_size((len(files), 1, 1, 1), (len(files),), source)
    headers = [_read(file, lambda image: (image.mode, image.size)) for file in files]
    sizes = {size for _, size in headers}
    if len(sizes) > 1:
        first, second, *_ = (f"{width}×{height}" for width, height in sorted(sizes))
        raise ValueError(
            f"the images of {source} have several sizes, {first} and {second}: a set has one only"
        )
    ((width, height),) = sizes
    grey = all(mode in GREY_MODES for mode, _ in headers)
    shape = (len(files), height, width) if grey else (len(files), height, width, 3)
    check_size((len(files), 1 if grey else 3, height, width), (len(files),), source)
    arrays = np.empty(shape, dtype=np.uint8)
    for row, file in enumerate(files):
        arrays[row] = _read(file, lambda image: np.asarray(image.convert("L" if grey else "RGB")))
    arrays = arrays[:, None] if grey else arrays.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(arrays))


def _read(file: ListedFile, read: Callable[[Image.Image], Content]) -> Content:
    """Open an image file and read something of it.

    Raises:
        ValueError: no readable image of at most 8 bits a pixel; names the file.
    """
    content = file.read()
    try:
        with open_image(content) as image:
            if not image.mode.startswith(("I", "F")):
                return read(image)
    except HugeImageError as error:
        raise ValueError(f"{file.relative_path} {error}: a set's images are small") from error
    except DAMAGE as damage:
        raise ValueError(
            f"{file.relative_path} is no readable image ({damage}): replace or remove it"
        ) from damage
    raise ValueError(f"{file.relative_path} has more than 8 bits a pixel: save it with 8")
