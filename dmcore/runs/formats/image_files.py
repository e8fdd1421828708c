"""Readers and writers of condensed sets as PNG files: denormalised, rounded to 8 bits and clamped.

Not invertible, so the normalisation and a warning are written next to them. Class folders without these can
be read too.
"""

import re
import shutil
import tempfile
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from dmcore.files.atomic import storage_errors_explained
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.set_metadata import METADATA_FILE, UncheckedSet, read_metadata, write_metadata
from dmcore.runs.formats.tensor_checks import check_size

Accuracies = Mapping[str, Sequence[float]]
Content = TypeVar("Content")
ABOUT = (
    "The images are round(255 * (image * std + mean)), clamped to 0..255: what lies outside, and anything "
    "finer than 1/255, is lost. Normalise them with this mean and std before training on them."
)
_NUMBERED = re.compile(r"([0-9]{1,9})-.*-[0-9]+\.png")


def write_png(condensed: CondensedSet, stem: Path, accuracies: Accuracies) -> list[Path]:
    """Write a folder with a PNG per image, a sheet of all with a row per class, and the normalisation."""

    def save(folder: Path) -> None:
        images = _display_images(condensed)
        for label, number, image in _numbered(condensed, images):
            _save(image, folder / f"{_class_slug(condensed, label)}-{number:04d}.png")
        classes, (_, channels, height, width) = len(condensed.class_names), images.shape
        grid = images.view(classes, -1, channels, height, width).permute(2, 0, 3, 1, 4)
        _save(grid.reshape(channels, classes * height, -1), folder / "sheet.png")

    return _write_folder(stem.with_name(f"{stem.name}-png"), condensed, save)


def write_imagefolder(condensed: CondensedSet, stem: Path, accuracies: Accuracies) -> list[Path]:
    """Write a folder per class, numbered so that their alphabetical order is that of the labels."""

    def save(folder: Path) -> None:
        for label, number, image in _numbered(condensed, _display_images(condensed)):
            inside = folder / _class_slug(condensed, label)
            inside.mkdir(exist_ok=True)
            _save(image, inside / f"{number:04d}.png")

    return _write_folder(stem.with_name(f"{stem.name}-imagefolder"), condensed, save)


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


def check_displayable(condensed: CondensedSet) -> None:
    """Check that a set can be saved as image files.

    Raises:
        ValueError: its images are neither grey nor RGB.
    """
    channels = condensed.images.shape[1]
    if channels not in (1, 3):
        raise ValueError(f"images of {channels} channels cannot be saved as PNG: export npz instead")


def _write_folder(folder: Path, condensed: CondensedSet, save: Callable[[Path], None]) -> list[Path]:
    """Write a folder atomically: under a temporary name first."""
    if folder.exists():
        raise ValueError(f"{folder} exists already: delete it, or choose another destination")
    with (
        storage_errors_explained(folder),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as temporary,
    ):
        unfinished = Path(temporary) / folder.name
        unfinished.mkdir()
        save(unfinished)
        write_metadata(unfinished / METADATA_FILE, condensed, ABOUT)
        shutil.move(unfinished, folder)
    return [folder]


def _display_images(condensed: CondensedSet) -> UInt8[Tensor, "image channel height width"]:
    return condensed.statistics.denormalise(condensed.images)


def _numbered(condensed: CondensedSet, images: Tensor) -> Iterable[tuple[int, int, Tensor]]:
    """(label, number inside its class, image) of each image."""
    counts = [0] * len(condensed.class_names)
    for label, image in zip(condensed.label.tolist(), images, strict=True):
        yield label, counts[label], image
        counts[label] += 1


def _class_slug(condensed: CondensedSet, label: int) -> str:
    """File name of a class, valid on every system: `03-dress`, `1-连衣裙`; names may have slashes or HTML."""
    digits = len(str(len(condensed.class_names) - 1))
    name = unicodedata.normalize("NFC", condensed.class_names[label].lower())
    kept = (char if unicodedata.category(char)[0] in "LMN" else " " for char in name)  # letters with marks
    slug = "-".join("".join(kept).split())[:40].strip("-")
    return f"{label:0{digits}d}-{slug or 'class'}"


def _save(image: UInt8[Tensor, "channel height width"], file: Path) -> None:
    array = image[0].numpy() if len(image) == 1 else image.permute(1, 2, 0).contiguous().numpy()
    Image.fromarray(array).save(file)
