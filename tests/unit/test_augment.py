"""Draw of augmentations: which operation, and parameters within their bounds."""

from collections import Counter

import numpy as np
import pytest
import torch

from dmcore import augment
from dmcore.augment import draw_augmentation, draw_per_image, strategy
from dmcore.config import ALL_OPERATIONS
from dmcore.randomness import numpy_generator

CPU = torch.device("cpu")


def drawn(operation, height=32, width=32, count=2000):
    return draw_per_image(numpy_generator(0, 0, operation), (operation,), count, height, width, CPU)


def test_every_operation_is_drawn_equally_often():
    random = numpy_generator(0, 0, "draw")
    counts = Counter(type(draw_augmentation(random, ALL_OPERATIONS, 32, 32)).__name__ for _ in range(6000))
    assert set(counts) == {"Color", "Crop", "Cutout", "Flip", "Scale", "Rotate"}
    assert all(850 < count < 1150 for count in counts.values()), counts


@pytest.mark.parametrize(
    ("operation", "field", "low", "high"),
    [
        ("color", "brightness", -0.5, 0.5),
        ("color", "saturation", 0, 2),
        ("color", "contrast", 0.5, 1.5),
        ("scale", "sx", 1 / 1.2, 1.2),
        ("scale", "sy", 1 / 1.2, 1.2),
        ("rotate", "degrees", -15, 15),
        ("crop", "shift_rows", -4, 4),
        ("crop", "shift_columns", -4, 4),
        ("cutout", "centre_row", 0, 32),
        ("flip", "flipped", 0, 1),
    ],
)
def test_parameters_fill_their_range(operation, field, low, high):
    values = getattr(drawn(operation), field).double()
    assert low <= float(values.min()) < low + 0.02 * (high - low)
    assert high - 0.02 * (high - low) < float(values.max()) <= high
    assert float(values.mean()) == pytest.approx((low + high) / 2, abs=0.05 * (high - low))


def test_an_odd_cutout_box_is_centred_inside_the_image():
    assert int(drawn("cutout", 10, 10).centre_row.max()) == 9  # side 5
    assert int(drawn("cutout", 12, 12).centre_row.max()) == 12  # side 6


@pytest.mark.parametrize("operation", ALL_OPERATIONS)
@pytest.mark.parametrize("size", [(8, 8), (28, 28), (12, 20)])
def test_a_parameter_set_per_image_equals_each_image_alone(operation, size):
    images = torch.randn(7, 3, *size)
    per_image = draw_per_image(numpy_generator(1, 0, "draw"), (operation,), 7, *size, CPU)
    fields = vars(per_image)
    alone = [
        type(per_image)(**{name: float(value[i]) for name, value in fields.items()})(images[i : i + 1])
        for i in range(7)
    ]
    torch.testing.assert_close(per_image(images), torch.cat(alone), atol=1e-5, rtol=1e-5)


def test_digits_are_never_flipped_unless_requested():
    assert "flip" not in strategy(None, flip_keeps_label=False)
    assert strategy(None, flip_keeps_label=True) == ALL_OPERATIONS
    assert strategy(("flip",), flip_keeps_label=False) == ("flip",)


def test_no_operations_means_no_augmentation():
    images = torch.randn(2, 1, 8, 8)
    assert draw_augmentation(np.random.default_rng(0), (), 8, 8)(images) is images


def test_augmentations_never_clamp():
    images = torch.full((2, 3, 8, 8), 9.0)
    assert float(augment.Color(0.5, 1.0, 1.0)(images).max()) == pytest.approx(9.5)
