"""Readers and writers of condensed sets as PNG files: denormalised, rounded to 8 bits and clamped.

Not invertible, so the normalisation and a warning are written next to them. Class folders without these can
be read too.
"""

import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, UnidentifiedImageError
from torch import Tensor

from dmcore.data.image_decoding import FORMATS, GREY_MODES, MOST_PIXELS
from dmcore.files.atomic import storage_errors_explained
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.set_metadata import METADATA_FILE, UncheckedSet, parse_metadata, write_metadata

Accuracies = Mapping[str, Sequence[float]]
ABOUT = (
    "The images are round(255 * (image * std + mean)), clamped to 0..255: what lies outside, and anything "
    "finer than 1/255, is lost. Normalise them with this mean and std before training on them."
)
_NUMBERED = re.compile(r"(\d+)-.*-\d+\.png")


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
        ValueError: no image files, damaged ones, or several sizes.
    """
    facts_file = path / METADATA_FILE
    facts = parse_metadata(facts_file.read_text(encoding="utf-8")) if facts_file.is_file() else UncheckedSet()
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if folders:
        files = [(file, label) for label, folder in enumerate(folders) for file in sorted(folder.iterdir())]
        names = facts.class_names or tuple(folder.name for folder in folders)
    else:
        matches = ((file, _NUMBERED.fullmatch(file.name)) for file in sorted(path.iterdir()))
        files = [(file, int(match[1])) for file, match in matches if match]
        names = facts.class_names or ()
    if not files or not names:
        raise ValueError(f"{path} is no set of images: give a folder with one folder of images per class")
    images = _read_all([file for file, _ in files])
    loose = facts.with_images(images, torch.tensor([label for _, label in files]))
    return [
        UncheckedSet(
            loose.images, loose.label, names, facts.statistics, facts.name, facts.iteration, facts.dataset
        )
    ]


def _read_all(files: Sequence[Path]) -> UInt8[Tensor, "image channel height width"]:
    opened = [_open(file) for file in files]
    mode = "L" if all(image.mode in GREY_MODES for image in opened) else "RGB"
    if len({image.size for image in opened}) > 1:
        raise ValueError(f"the images next to {files[0].name} have several sizes: a set has one size only")
    arrays = np.stack([np.asarray(image.convert(mode)) for image in opened])
    arrays = arrays[:, None] if mode == "L" else arrays.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(arrays))


def _open(file: Path) -> Image.Image:
    try:
        with Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise ValueError(f"{file} has {image.width}×{image.height} pixels: a set's images are small")
            if image.mode.startswith(("I", "F")):
                raise ValueError(f"{file} has more than 8 bits a pixel: save it with 8")
            image.load()
            return image.copy()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as damage:
        raise ValueError(f"{file} is no readable image ({damage}): replace or remove it") from damage


def _write_folder(folder: Path, condensed: CondensedSet, save: Callable[[Path], None]) -> list[Path]:
    """Write a folder atomically: under a temporary name first."""
    if folder.exists():
        raise ValueError(f"{folder} exists already: delete it, or choose another destination")
    if condensed.images.shape[1] not in (1, 3):
        raise ValueError(
            f"images of {condensed.images.shape[1]} channels cannot be saved as PNG: export npz instead"
        )
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
    """File name of a class, valid on every system: `03-dress`; class names may contain slashes or HTML."""
    digits = len(str(len(condensed.class_names) - 1))
    slug = re.sub(r"[^a-z0-9]+", "-", condensed.class_names[label].lower()).strip("-")[:40].strip("-")
    return f"{label:0{digits}d}-{slug or 'class'}"


def _save(image: UInt8[Tensor, "channel height width"], file: Path) -> None:
    array = image[0].numpy() if len(image) == 1 else image.permute(1, 2, 0).contiguous().numpy()
    Image.fromarray(array).save(file)
