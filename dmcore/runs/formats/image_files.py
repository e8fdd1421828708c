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

from dmcore.data.labels.class_names import printable_name
from dmcore.data.image_decoding import DAMAGE, GREY_MODES, HugeImageError, open_image
from dmcore.data.listing import ListedFile, open_listing
from dmcore.runs.formats.set_metadata import METADATA_FILE, UncheckedSet, read_metadata
from dmcore.runs.formats.tensor_checks import check_size

Content = TypeVar("Content")
_NUMBERED = re.compile(r"([0-9]{1,9})-.*-[0-9]+\.png")


def read_image_set(path: Path) -> list[UncheckedSet]:
    """Read one set from a folder of numbered image files or of class folders.

    Raises:
        ValueError: no image files, damaged ones, several sizes, or more than the limits.
    """
    facts = read_metadata(path / METADATA_FILE)
    with open_listing(path) as listed:
        in_folders = [file for file in listed if len(file.parts) > 1]
        if in_folders:
            files, label, folders = _labelled_by_folder(in_folders, path.name)
            names = facts.class_names or folders
        else:
            matches = [(file, _NUMBERED.fullmatch(file.parts[0])) for file in listed]
            files = [file for file, match in matches if match]
            label = [int(match[1]) for _, match in matches if match]
            names = facts.class_names or ()
        if not files or not names:
            raise ValueError(f"{path} is no set of images: give a folder with one folder of images per class")
        images = _read_all(files, path.name)
    return [replace(facts, images=images, label=torch.tensor(label), class_names=names)]


def _labelled_by_folder(
    files: Sequence[ListedFile], source: str
) -> tuple[Sequence[ListedFile], list[int], tuple[str, ...]]:
    """Files, the class of each, and the class folders in alphabetical order."""
    nested = [file for file in files if len(file.parts) > 2]
    if nested:
        raise ValueError(
            f"{source} has a folder inside a class folder ({nested[0].relative_path}): "
            "give a folder with one folder of images per class"
        )
    folders = sorted({file.parts[0] for file in files})
    index = {name: number for number, name in enumerate(folders)}
    return files, [index[file.parts[0]] for file in files], tuple(map(printable_name, folders))


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
