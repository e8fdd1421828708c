"""Display images: enlarged, downsampled, tiled, their change amplified, signed values about mid-grey."""

import numpy as np
import pytest

from dmcore.runs.display.images import downsample, enlarge
from dmcore.runs.display.layers import amplify_change, mean_change
from dmcore.runs.display.signed import MID_GREY, amplification_factor, signed_images
from dmcore.runs.display.thumbnail import mosaic


def test_a_thumbnail_keeps_every_pixel_square() -> None:
    pictures = np.arange(2 * 3 * 1 * 2 * 2, dtype=np.uint8).reshape(2, 3, 1, 2, 2)
    whole = mosaic(pictures)
    assert whole.shape == (2 * 2 + 1, 3 * 2 + 2, 4)
    assert (whole[2, :, 3] == 0).all()
    assert whole[0, 0, 0] == pictures[0, 0, 0, 0, 0]
    assert whole[3, 4, 0] == pictures[1, 1, 0, 0, 1]
    large = enlarge(whole, 50)
    assert large.shape == (5 * 50, 8 * 50, 4)
    assert (large[:50, :50] == whole[0, 0]).all()


def test_smaller_pictures_are_block_means() -> None:
    pictures = np.arange(2 * 1 * 4 * 5, dtype=np.uint8).reshape(2, 1, 4, 5)
    assert downsample(pictures, 2).shape == (2, 1, 2, 2)
    assert downsample(pictures, 2)[0, 0, 0, 0] == round((0 + 1 + 5 + 6) / 4)
    assert downsample(pictures, 9).shape == (2, 1, 1, 1)


def test_change_layer_is_start_plus_k_times_the_change_clamped() -> None:
    start = np.array([100, 100, 100], np.uint8)
    now = np.array([101, 90, 100], np.uint8)
    assert list(amplify_change(now, start, 16)) == [116, 0, 100]
    assert mean_change({"a": now}, {"a": start}) == pytest.approx(11 / 3)
    assert mean_change({"a": now}, {}) is None


@pytest.mark.parametrize("scale", [1e-6, 0.03, 1.0, 400.0])
def test_signed_pictures_fill_the_greys_by_a_round_factor(scale: float) -> None:
    values = (scale * np.linspace(-1, 1, 10001)).astype(np.float32)
    factor = amplification_factor(values)
    assert float(f"{factor:.0e}"[0]) in (1, 2, 5)
    pictures = signed_images(values, factor)
    assert pictures[5000] == MID_GREY
    assert 127 * 0.39 <= int(pictures.max()) - MID_GREY <= 127
    assert MID_GREY - int(pictures.min()) <= 128


def test_nothing_is_mid_grey_however_much_it_is_amplified() -> None:
    assert amplification_factor(np.zeros(9, np.float32)) == 1
    assert (signed_images(np.zeros((2, 3), np.float32), 1000.0) == MID_GREY).all()
