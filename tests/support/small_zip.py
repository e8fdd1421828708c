"""A zipped image folder of three classes that are easily told apart, for tests that read one."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

LEVELS = {"dark": 60, "grey": 120, "light": 190}


def made_zip(folder: Path, side: int = 8, train: int = 8, test: int = 4) -> Path:
    """`pictures.zip` in this folder, with so many images of each class to learn from and to test on."""
    random, file = np.random.default_rng(0), folder / "pictures.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for part, count in (("train", train), ("test", test)):
            for name, level in LEVELS.items():
                for number in range(count):
                    pixels = (level + random.integers(-40, 40, (side, side))).astype(np.uint8)
                    content = io.BytesIO()
                    Image.fromarray(pixels).save(content, "png")
                    archive.writestr(f"{part}/{name}/{number}.png", content.getvalue())
    return file
