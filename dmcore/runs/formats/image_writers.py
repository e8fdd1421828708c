"""Writers of condensed sets as PNG files: denormalised, rounded to 8 bits and clamped.

Not invertible, so the normalisation and a warning are written next to them.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from jaxtyping import UInt8
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from dmcore.runs.folder import RunFolder
from dmcore.runs.formats.condensed import CondensedSet
from dmcore.runs.formats.exported_folder import class_folders, class_slug, write_folder
from dmcore.runs.formats.set_metadata import metadata_of

ABOUT = (
    "The images are round(255 * (image * std + mean)), clamped to 0..255: what lies outside, and anything "
    "finer than 1/255, is lost. Normalise them with this mean and std before training on them."
)
SHEET_TEXT = "dm-explorer"
"""Key of the text in a sheet: the set's metadata as JSON, with height and width of an image."""


def write_png(condensed: CondensedSet, stem: Path, run: RunFolder | None) -> list[Path]:
    """Write a folder with a PNG per image, a sheet of all with a row per class, and the normalisation."""

    def save(folder: Path) -> None:
        images = display_images(condensed)
        for label, number, image in numbered(condensed, images):
            save_png(image, folder / f"{class_slug(condensed.class_names, label)}-{number:04d}.png")
        height, width = images.shape[-2:]
        text = PngInfo()
        facts = {**metadata_of(condensed), "height": height, "width": width}
        text.add_itxt(SHEET_TEXT, json.dumps(facts, ensure_ascii=False))
        save_png(sheet_of(images, len(condensed.class_names)), folder / "sheet.png", text)

    return write_folder(stem.with_name(f"{stem.name}-png"), condensed, ABOUT, save)


def write_imagefolder(condensed: CondensedSet, stem: Path, run: RunFolder | None) -> list[Path]:
    """Write a folder per class, named so that their alphabetical order is that of the labels."""

    def save(folder: Path) -> None:
        folders = class_folders(condensed.class_names)
        for label, number, image in numbered(condensed, display_images(condensed)):
            inside = folder / folders[label]
            inside.mkdir(exist_ok=True)
            save_png(image, inside / f"{number:04d}.png")

    return write_folder(stem.with_name(f"{stem.name}-imagefolder"), condensed, ABOUT, save)


def check_displayable(condensed: CondensedSet) -> None:
    """Check that a set can be saved as image files.

    Raises:
        ValueError: its images are neither grey nor RGB.
    """
    channels = condensed.images.shape[1]
    if channels not in (1, 3):
        raise ValueError(f"images of {channels} channels cannot be saved as PNG: export npz instead")


def display_images(condensed: CondensedSet) -> UInt8[Tensor, "image channel height width"]:
    """The images of a set as they are shown: rounded and clamped."""
    return condensed.statistics.denormalise(condensed.images)


def sheet_of(
    images: UInt8[Tensor, "image channel height width"], rows: int
) -> UInt8[Tensor, "channel sheet_height sheet_width"]:
    """All images as one, without gaps, in so many rows; one after the other."""
    _, channels, height, width = images.shape
    grid = images.view(rows, -1, channels, height, width).permute(2, 0, 3, 1, 4)
    return grid.reshape(channels, rows * height, -1)


def numbered(condensed: CondensedSet, images: Tensor) -> Iterable[tuple[int, int, Tensor]]:
    """(label, number inside its class, image) of each image."""
    counts = [0] * len(condensed.class_names)
    for label, image in zip(condensed.label.tolist(), images, strict=True):
        yield label, counts[label], image
        counts[label] += 1


def to_pil(image: UInt8[Tensor, "channel height width"]) -> Image.Image:
    """An image as Pillow's, grey or RGB."""
    array = image[0].numpy() if len(image) == 1 else image.permute(1, 2, 0).contiguous().numpy()
    return Image.fromarray(array)


def save_png(image: UInt8[Tensor, "channel height width"], file: Path, text: PngInfo | None = None) -> None:
    """Save an image as a PNG file, with `text` in it."""
    to_pil(image).save(file, format="PNG", pnginfo=text)
