"""The bytes that the canvas is drawn from, and what is believed of a reported pick."""

import numpy as np
import pytest
from support.frames import unpack_pixels

from app.components.image_grid import Lane, Pick, pack, read_pick


@pytest.mark.parametrize(("classes", "images", "channels"), [(10, 1, 1), (3, 7, 3), (200, 1, 3), (1, 1, 1)])
def test_every_image_lies_at_its_place_in_the_mosaic(classes, images, channels):
    pixels = np.random.default_rng(0).integers(0, 256, (classes, images, channels, 4, 6), dtype=np.uint8)
    head, mosaic = unpack_pixels(pack({"classes": ["a"] * classes}, [Lane("one", "One", pixels)]))
    lane = head["lanes"][0]
    picture = mosaic.reshape(-1, lane["columns"] * 6, channels)
    for label, image in [(0, 0), (classes - 1, images - 1), (classes // 2, images // 2)]:
        at = label * images + image
        row, column = at // lane["columns"] * 4, at % lane["columns"] * 6
        tile = picture[row : row + 4, column : column + 6]
        np.testing.assert_array_equal(tile.transpose(2, 0, 1), pixels[label, image])
    assert picture.shape[0] <= 2 * 4 * lane["columns"]  # near a square: a canvas is limited each way


def test_lanes_follow_each_other_and_may_differ_in_size_and_channels():
    grey, colour = np.full((2, 3, 1, 2, 2), 7, np.uint8), np.full((2, 1, 3, 5, 5), 9, np.uint8)
    head, mosaic = unpack_pixels(pack({}, [Lane("g", "G", grey), Lane("c", "C", colour)]))
    sizes = [
        lane["columns"]
        * -(-2 * lane["images"] // lane["columns"])
        * lane["height"]
        * lane["width"]
        * lane["channels"]
        for lane in head["lanes"]
    ]
    assert len(mosaic) == sum(sizes)
    assert set(mosaic[sizes[0] :]) == {9}


@pytest.mark.parametrize("shape", [(2, 3, 4, 4), (2, 3, 2, 4, 4), (2, 3, 4, 4, 3)])
def test_pixels_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="one or three channels"):
        pack({}, [Lane("one", "One", np.zeros(shape, np.uint8))])


def test_pixels_that_are_not_uint8_are_refused():
    with pytest.raises(ValueError, match="float32"):
        pack({}, [Lane("one", "One", np.zeros((1, 1, 1, 2, 2), np.float32))])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "pick"),
    [
        ({"lane": "one", "class": 1, "image": 2}, Pick("one", 1, 2)),
        ({"lane": "one", "class": 2, "image": 0}, None),
        ({"lane": "one", "class": 0, "image": -1}, None),
        ({"lane": "gone", "class": 0, "image": 0}, None),
        ({"lane": "one", "class": "0", "image": 0}, None),
        (None, None),
        ("one", None),
    ],
)
def test_only_a_pick_of_an_image_that_is_there_is_believed(value, pick):
    assert read_pick(value, [Lane("one", "One", np.zeros((2, 3, 1, 4, 4), np.uint8))]) == pick
