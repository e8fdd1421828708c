"""Makes the sheets of the data set `fashion` from the published Fashion-MNIST, by the rule of its module.

`python tests/support/fashion_sheets.py [FOLDER]` writes them into the package and prints their SHA-256.
FOLDER holds the four published files, packed (.gz) or not; left out, they are looked for under the data root.
"""

import gzip
import shutil
import sys
import tempfile
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from dmcore.data.catalogue import CATALOGUE, find_data_root
from dmcore.data.fashion import CLASSES, COLUMNS, SHEETS, SIDE
from dmcore.data.images import DataSet, LabelledImages
from dmcore.data.load import load_dataset

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
"""Where the package `dataset-fashion-mnist` of Debian puts the published files."""
FILES = CATALOGUE["fashion_mnist"].files
PER_CLASS = {"train": 500, "test": 100}


def published(folder: Path) -> DataSet | None:
    """Fashion-MNIST from a folder of its four files, packed or not; None where they are not all there."""
    with tempfile.TemporaryDirectory() as root:
        for file in FILES:
            name, target = Path(file).name, Path(root) / file
            target.parent.mkdir(parents=True, exist_ok=True)
            if (folder / name).is_file():
                shutil.copy(folder / name, target)
            elif (folder / f"{name}.gz").is_file():
                target.write_bytes(gzip.decompress((folder / f"{name}.gz").read_bytes()))
            else:
                return None
        return load_dataset("fashion_mnist", root)


def sheet_of(part: LabelledImages, per_class: int) -> np.ndarray:
    """Sheet [row × 28, column × 28] of the first so many images of each class, class after class."""
    first = torch.cat([torch.as_tensor(members[:per_class]) for members in part.by_class])
    images = part.images[first].numpy().reshape(-1, COLUMNS, SIDE, SIDE)
    assert len(images) * COLUMNS == CLASSES * per_class
    return np.ascontiguousarray(images.swapaxes(1, 2)).reshape(-1, COLUMNS * SIDE)


def main() -> None:
    """Write both sheets and print their digests."""
    given = [Path(word) for word in sys.argv[1:2]] or [find_data_root() / Path(FILES[0]).parent, DEBIAN]
    data = next((data for data in map(published, given) if data is not None), None)
    if data is None:
        sys.exit(f"Fashion-MNIST is not in {' or '.join(map(str, given))}: `dmcore prepare fashion_mnist`")
    for name, part in (("train", data.train), ("test", data.test)):
        file = SHEETS / f"fashion-{name}.png"
        Image.fromarray(sheet_of(part, PER_CLASS[name])).save(file, optimize=True)
        print(f'"{name}": "{sha256(file.read_bytes()).hexdigest()}",  # {file.stat().st_size:,} bytes')


if __name__ == "__main__":
    main()
