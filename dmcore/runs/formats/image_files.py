"""A condensed set as pictures: de-normalised, rounded to 8 bits and clamped to what a screen shows.

Not invertible, so the normalisation and this warning lie beside. Class folders without them can be read too.
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
from dmcore.files.atomic import storage_trouble_named
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.set_facts import FACTS_FILE, LooseSet, tell, told

Accuracies = Mapping[str, Sequence[float]]
ABOUT = (
    "The pictures are round(255 * (image * std + mean)), clamped to 0..255: what lies outside, and anything "
    "finer than 1/255, is lost. Normalise them with this mean and std before training on them."
)
_NUMBERED = re.compile(r"(\d+)-.*-\d+\.png")


def write_png(condensed: CondensedSet, stem: Path, accuracies: Accuracies) -> list[Path]:
    """A folder with one picture per image, a sheet of all with a row per class, and the normalisation."""

    def save(folder: Path) -> None:
        pictures = _pictures(condensed)
        for label, number, picture in _numbered(condensed, pictures):
            _save(picture, folder / f"{_class_slug(condensed, label)}-{number:04d}.png")
        classes, (_, channels, height, width) = len(condensed.class_names), pictures.shape
        grid = pictures.view(classes, -1, channels, height, width).permute(2, 0, 3, 1, 4)
        _save(grid.reshape(channels, classes * height, -1), folder / "sheet.png")

    return _write_folder(stem.with_name(f"{stem.name}-png"), condensed, save)


def write_imagefolder(condensed: CondensedSet, stem: Path, accuracies: Accuracies) -> list[Path]:
    """A folder of class folders, numbered so that their alphabetical order is that of the labels."""

    def save(folder: Path) -> None:
        for label, number, picture in _numbered(condensed, _pictures(condensed)):
            inside = folder / _class_slug(condensed, label)
            inside.mkdir(exist_ok=True)
            _save(picture, inside / f"{number:04d}.png")

    return _write_folder(stem.with_name(f"{stem.name}-imagefolder"), condensed, save)


def read_pictures(path: Path) -> list[LooseSet]:
    """One set, from a folder of numbered pictures or of class folders.

    Raises:
        ValueError: no pictures, damaged ones, or several sizes.
    """
    facts_file = path / FACTS_FILE
    facts = told(facts_file.read_text(encoding="utf-8")) if facts_file.is_file() else LooseSet()
    folders = sorted(entry for entry in path.iterdir() if entry.is_dir() and not entry.name.startswith("."))
    if folders:
        files = [(file, label) for label, folder in enumerate(folders) for file in sorted(folder.iterdir())]
        names = facts.class_names or tuple(folder.name for folder in folders)
    else:
        matches = ((file, _NUMBERED.fullmatch(file.name)) for file in sorted(path.iterdir()))
        files = [(file, int(match[1])) for file, match in matches if match]
        names = facts.class_names or ()
    if not files or not names:
        raise ValueError(f"{path} is no set of pictures: give a folder with one folder of pictures per class")
    images = _read_all([file for file, _ in files])
    loose = facts.with_images(images, torch.tensor([label for _, label in files]))
    return [
        LooseSet(
            loose.images, loose.label, names, facts.statistics, facts.name, facts.iteration, facts.dataset
        )
    ]


def _read_all(files: Sequence[Path]) -> UInt8[Tensor, "image channel height width"]:
    opened = [_open(file) for file in files]
    mode = "L" if all(picture.mode in GREY_MODES for picture in opened) else "RGB"
    if len({picture.size for picture in opened}) > 1:
        raise ValueError(f"the pictures beside {files[0].name} have several sizes: a set has one size only")
    arrays = np.stack([np.asarray(picture.convert(mode)) for picture in opened])
    arrays = arrays[:, None] if mode == "L" else arrays.transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(arrays))


def _open(file: Path) -> Image.Image:
    try:
        with Image.open(file, formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise ValueError(
                    f"{file} has {picture.width}×{picture.height} pixels: a set's images are small"
                )
            if picture.mode.startswith(("I", "F")):
                raise ValueError(f"{file} has more than 8 bits a pixel: save it with 8")
            picture.load()
            return picture.copy()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as damage:
        raise ValueError(
            f"{file} is no picture that can be read ({damage}): replace it or take it out"
        ) from damage


def _write_folder(folder: Path, condensed: CondensedSet, save: Callable[[Path], None]) -> list[Path]:
    """Fill a folder whole or not at all: under another name first."""
    if folder.exists():
        raise ValueError(f"{folder} is there already: delete it, or choose another destination")
    if condensed.images.shape[1] not in (1, 3):
        raise ValueError(
            f"images of {condensed.images.shape[1]} channels are no pictures: export npz instead"
        )
    with (
        storage_trouble_named(folder),
        tempfile.TemporaryDirectory(dir=folder.parent, prefix=".export-") as temporary,
    ):
        half_done = Path(temporary) / folder.name
        half_done.mkdir()
        save(half_done)
        tell(half_done / FACTS_FILE, condensed, ABOUT)
        shutil.move(half_done, folder)
    return [folder]


def _pictures(condensed: CondensedSet) -> UInt8[Tensor, "image channel height width"]:
    return condensed.statistics.denormalise(condensed.images)


def _numbered(condensed: CondensedSet, pictures: Tensor) -> Iterable[tuple[int, int, Tensor]]:
    """(label, number inside its class, picture)."""
    seen = [0] * len(condensed.class_names)
    for label, picture in zip(condensed.label.tolist(), pictures, strict=True):
        yield label, seen[label], picture
        seen[label] += 1


def _class_slug(condensed: CondensedSet, label: int) -> str:
    """A class as a file name valid on every system: `03-dress`; names may hold slashes, or be HTML."""
    digits = len(str(len(condensed.class_names) - 1))
    slug = re.sub(r"[^a-z0-9]+", "-", condensed.class_names[label].lower()).strip("-")[:40].strip("-")
    return f"{label:0{digits}d}-{slug or 'class'}"


def _save(picture: UInt8[Tensor, "channel height width"], file: Path) -> None:
    array = picture[0].numpy() if len(picture) == 1 else picture.permute(1, 2, 0).contiguous().numpy()
    Image.fromarray(array).save(file)
