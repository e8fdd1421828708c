"""The bytes that the canvas is drawn from, and what is believed of a reported pick."""

import numpy as np
import pytest
from support.frames import unpack_pixels

from app.components.image_grid import ImageGrid, Lane, Pick
from app.components.packed_frame import read_pick


def grid_of(*lanes: Lane, **more) -> ImageGrid:
    return ImageGrid(lanes, ["a", "<b>"], 7, "Two classes.", **more)


def test_a_frame_carries_its_texts_and_the_shapes_of_its_lanes():
    images = np.zeros((2, 3, 1, 2, 2), np.uint8)
    grid = grid_of(Lane("g", "G", images, 10, 50), caption=("A <b>line</b>.",), picked=Pick("g", 1, 12))
    head, _ = unpack_pixels(grid.packed(pickable=True))
    assert (head["class_names"], head["iteration"], head["alt"]) == (["a", "<b>"], 7, "Two classes.")
    assert (head["picked"], head["pickable"], head["caption"]) == (["g", 1, 12], True, ["A <b>line</b>."])
    assert (head["max_height"], head["largest"], head["reserve"]) == (620, 168, None)
    assert head["lanes"] == [
        {"name": "g", "title": "G", "pixels": [2, 3, 1, 2, 2], "first": 10, "of": 50, "signed": False}
    ]


def test_lanes_follow_each_other_and_may_differ_in_size_and_channels():
    random = np.random.default_rng(0)
    grey = random.integers(0, 256, (2, 3, 1, 2, 2), dtype=np.uint8)
    colour = random.integers(0, 256, (2, 1, 3, 5, 5), dtype=np.uint8)
    head, pixels = unpack_pixels(
        grid_of(Lane("g", "G", grey), Lane("c", "C", colour[:, :, :, ::-1])).packed()
    )
    assert [tuple(lane["pixels"]) for lane in head["lanes"]] == [grey.shape, colour.shape]
    np.testing.assert_array_equal(pixels, np.concatenate([grey.ravel(), colour[:, :, :, ::-1].ravel()]))


@pytest.mark.parametrize("shape", [(2, 3, 4, 4), (2, 3, 2, 4, 4), (2, 3, 4, 4, 3)])
def test_pixels_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="one or three channels"):
        Lane("one", "One", np.zeros(shape, np.uint8))


def test_pixels_that_are_not_uint8_are_refused():
    with pytest.raises(ValueError, match="float32"):
        Lane("one", "One", np.zeros((1, 1, 1, 2, 2), np.float32))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "pick"),
    [
        (["one", 1, 12], Pick("one", 1, 12)),
        (["one", 1, 2], None),
        (["one", 2, 10], None),
        (["one", 0, -1], None),
        (["one", -1, 10], None),
        (["gone", 0, 10], None),
        (["one", "0", 10], None),
        (["one", True, 10], None),
        (["one", 0], None),
        ({"lane": "one"}, None),
        (None, None),
        ("one", None),
    ],
)
def test_only_a_pick_of_an_image_that_is_there_is_believed(value, pick):
    assert read_pick(value, [Lane("one", "One", np.zeros((2, 3, 1, 4, 4), np.uint8), first=10)]) == pick
