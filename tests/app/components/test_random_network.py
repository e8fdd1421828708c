"""The random networks of How it works: the numbers that their JavaScript is compared with are dmcore's.

`python tests/app/components/test_random_network.py` writes them again.
"""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from app.components.random_network.sheet import PER_CLASS, image_sheet
from dmcore.augment import Augmentation, Color, Crop, Cutout, Flip, Rotate, Scale
from dmcore.config import NetworkSpec
from dmcore.data.load import load_dataset
from dmcore.embedding.networks import initialise
from dmcore.networks.registry import build_network
from dmcore.randomness import torch_generator

REFERENCE = Path(__file__).parents[2] / "js" / "random_network_reference.json"
AUGMENTATIONS: tuple[tuple[str, Augmentation, list[float]], ...] = (
    ("color", Color(0.3, 1.7, 0.6), [0.3, 1.7, 0.6]),
    ("color", Color(-0.5, 0.0, 1.5), [-0.5, 0.0, 1.5]),
    ("crop", Crop(4.0, -3.0), [4.0, -3.0]),
    ("crop", Crop(-1.0, 2.0), [-1.0, 2.0]),
    ("cutout", Cutout(0.0, 28.0), [0.0, 28.0]),
    ("cutout", Cutout(13.0, 9.0), [13.0, 9.0]),
    ("flip", Flip(1.0), [1.0]),
    ("flip", Flip(0.0), [0.0]),
    ("scale", Scale(1.2, 0.85), [1.2, 0.85]),
    ("scale", Scale(0.9, 1.1), [0.9, 1.1]),
    ("rotate", Rotate(15.0), [15.0]),
    ("rotate", Rotate(-7.3), [-7.3]),
)


def rounded(values: torch.Tensor) -> list[float]:
    """All values in order; six significant digits."""
    return [float(f"{value:.6g}") for value in values.flatten().tolist()]


def reference() -> dict[str, object]:
    """An image, networks with their maps and features, and the image under each augmentation."""
    sheet = image_sheet()
    pixels = sheet.images[9, 3]
    image = torch.from_numpy((pixels / 255 - sheet.mean) / sheet.deviation).float()[None, None]
    networks = []
    for seed, width in ((0, 4), (1, 6)):
        network = build_network(NetworkSpec(width=width), 1, 28, 28, 10)
        initialise(network, torch_generator(seed, 0, "reference of the browser's networks"))
        blocks = [module for module in network.features if isinstance(module, torch.nn.Conv2d)]
        with torch.no_grad():
            networks.append(
                {
                    "weights": [rounded(block.weight) for block in blocks],
                    "biases": [rounded(block.bias) for block in blocks if block.bias is not None],
                    "features": rounded(network.embed(image)),
                }
            )
    augmented = [
        {"operation": name, "values": values, "image": rounded(augmentation(image))}
        for name, augmentation, values in AUGMENTATIONS
    ]
    return {"pixels": pixels.ravel().tolist(), "networks": networks, "augmented": augmented}


def flat(value: object) -> list[float]:
    """All numbers in it."""
    if isinstance(value, dict):
        return [number for each in value.values() for number in flat(each)]
    if isinstance(value, list):
        return [number for each in value for number in flat(each)]
    return [] if isinstance(value, str) else [float(value)]  # type: ignore[arg-type]


def test_the_numbers_that_the_javascript_is_compared_with_are_dmcores() -> None:
    stored = json.loads(REFERENCE.read_text(encoding="utf-8"))
    computed = reference()
    assert [each["operation"] for each in stored["augmented"]] == [name for name, _, _ in AUGMENTATIONS]
    assert len(stored["networks"][0]["features"]) == 4 * 16
    assert flat(stored) == pytest.approx(flat(computed), abs=2e-5)


def test_the_sheet_has_the_first_training_images_of_each_class_as_they_are_normalised() -> None:
    train = load_dataset("fashion").train
    sheet = image_sheet()
    for label in (0, 9):
        first = train.images[train.label == label][:PER_CLASS]
        np.testing.assert_array_equal(sheet.images[label][:, None], first.numpy())
    assert (sheet.mean,) == train.statistics.mean
    assert (sheet.deviation,) == train.statistics.std
    assert sheet.class_names == train.class_names


if __name__ == "__main__":
    REFERENCE.write_text(json.dumps(reference(), separators=(",", ":")) + "\n", encoding="utf-8")
