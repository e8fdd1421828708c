"""Data set `fashion`: a subset of Fashion-MNIST that comes with the package, as two PNG sheets.

Rule: of each class the first 500 training and the first 100 test images, in the published order. On a sheet
they stand class after class, row by row; `tests/support/fashion_sheets.py` makes it. Its licence is MIT.
"""

import io
from hashlib import sha256
from pathlib import Path

import numpy as np
from jaxtyping import Int64, UInt8
from numpy import ndarray

CLASSES, SIDE, COLUMNS = 10, 28, 100
"""Classes; pixels of an image's side; images in a row of a sheet."""
SHEETS = Path(__file__).with_name("sheets")
DIGESTS = {
    "train": "c69e0cd875fb36097baf115ec7da4dc3c60bf8bdd5e31c8c3d8014a773ddc368",
    "test": "31eee932dd78395ccb10fbc1ac555da90f5a22ae47e07c2084a7f2a3635c3a33",
}
"""SHA-256 of each sheet's file."""


def read_fashion(part: str) -> tuple[UInt8[ndarray, "image 1 28 28"], Int64[ndarray, " image"]]:
    """Read the images and labels of a part, `train` or `test`; the classes take turns.

    Raises:
        ValueError: the sheet's file is missing or damaged.
    """
    from PIL import Image

    file = SHEETS / f"fashion-{part}.png"
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ValueError(f"{file.name} cannot be read ({error.strerror})") from error
    if sha256(content).hexdigest() != DIGESTS[part]:
        raise ValueError(f"{file.name} is damaged (its SHA-256 is not the published one)")
    with Image.open(io.BytesIO(content)) as sheet:
        pixels = np.asarray(sheet)
    images = pixels.reshape(-1, SIDE, COLUMNS, SIDE).swapaxes(1, 2).reshape(CLASSES, -1, 1, SIDE, SIDE)
    label = np.tile(np.arange(CLASSES, dtype=np.int64), images.shape[1])
    return np.ascontiguousarray(images.swapaxes(0, 1)).reshape(-1, 1, SIDE, SIDE), label
