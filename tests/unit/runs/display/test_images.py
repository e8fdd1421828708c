"""Display images: enlarged, downsampled, tiled, their change amplified, signed values around zero."""

import numpy as np
import pytest

from dmcore.runs.display.images import downsample, enlarge
from dmcore.runs.display.layers import change_images, mean_change
from dmcore.runs.display.signed import MID_GREY, full_colour, signed_images
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


def test_a_change_is_amplified_around_zero_clamped_and_of_colour_images_a_mean() -> None:
    start = np.full((3, 1, 1), 100, np.uint8)
    now = np.array([101, 90, 100], np.uint8).reshape(3, 1, 1)
    assert change_images(now[:1], start[:1], 16).tolist() == [[[MID_GREY + 16]]]
    assert change_images(now[1:2], start[1:2], 16).tolist() == [[[0]]]
    assert change_images(now, start, 16).tolist() == [[[MID_GREY - 48]]]
    assert mean_change({"a": now}, {"a": start}) == pytest.approx(11 / 3)
    assert mean_change({"a": now}, {}) is None


@pytest.mark.parametrize("factor", [4.0, 0.5, 1e6])
def test_signed_images_have_a_full_colour_from_the_stated_value_on(factor: float) -> None:
    reach = full_colour(factor)
    values = np.array([-9 * reach, -reach, 0, reach / 2, reach, 9 * reach], np.float32)
    assert signed_images(values, factor).tolist() == [0, 1, MID_GREY, MID_GREY + 64, 255, 255]
