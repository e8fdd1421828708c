"""Folders of small images that are made for a test."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

from PIL import Image


def save_picture(path: Path, value: int = 100) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (16, 16), value).save(path, "JPEG" if path.suffix.lower() in (".jpg", ".jpeg") else None)


def fill(top: Path, folders: Iterable[str], count: int = 5) -> Path:
    """Fill folders with images 0.png, 1.png ... that differ between the folders."""
    for shade, folder in enumerate(folders):
        for number in range(count):
            save_picture(top / folder / f"{number}.png", 20 + 10 * shade)
    return top


def zipped(folder: Path, archive: Path, prefix: str = "") -> Path:
    """Pack the files of a folder and its empty folders."""
    with zipfile.ZipFile(archive, "w") as target:
        for file in sorted(folder.rglob("*")):
            if file.is_file() or not any(file.iterdir()):
                target.write(file, prefix + file.relative_to(folder).as_posix())
    return archive
