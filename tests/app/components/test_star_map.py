"""The bytes that the map is drawn from, and what is believed of a reported pick."""

from dataclasses import replace

import numpy as np
import pytest
from support.frames import split_film, unpack_pixels

from app.components.star_map.values import (
    FeatureMap,
    Panel,
    StarPick,
    pack_film,
    pack_projection,
    pack_thumbs,
    read_pick,
)

RANDOM = np.random.default_rng(0)


def make_panel(name="noise", stars=4, channels=1, **changes):
    images = RANDOM.integers(0, 256, (stars, channels, 3, 5), dtype=np.uint8)
    label, image = np.arange(stars) // 2, np.arange(stars) % 2
    positions = RANDOM.normal(0, 50, (4, stars))
    panel = Panel(
        name, name.title(), positions[0], positions[1], label, image, images, positions[2], positions[3]
    )
    return replace(panel, **changes)


def make_map(*panels, **changes):
    x, y = RANDOM.normal(0, 50, (2, 30)).astype(np.float32)
    names = ("one", "two", "three")
    feature_map = FeatureMap(
        "cloud", x, y, np.arange(30) % 3, names, (2, 0), panels or (make_panel(),), "A map.", 7
    )
    return replace(feature_map, **changes)


def test_a_map_carries_its_points_names_and_the_pictures_of_all_panels_in_order():
    grey, bare, colour = make_panel("grey"), make_panel("bare", hover_images=None), make_panel("colour", 6, 3)
    shown = make_map(grey, bare, colour, picked=StarPick("grey", 1, 0), caption=("A <b>line</b>.",))
    head, pixels = unpack_pixels(shown.packed(pickable=True))
    assert (head["classes"], head["coloured"], head["label"]) == (
        ["one", "two", "three"],
        [2, 0],
        shown.label.tolist(),
    )
    assert (head["picked"], head["pickable"], head["caption"]) == (["grey", 1, 0], True, ["A <b>line</b>."])
    np.testing.assert_allclose(head["x"], shown.x, rtol=5e-4)
    assert all(number == float(f"{number:.4g}") for number in head["x"])
    described = [
        (panel["name"], panel["pictures"], panel["channels"], panel["moving"]) for panel in head["panels"]
    ]
    assert described == [("grey", True, 1, True), ("bare", False, 0, True), ("colour", True, 3, True)]
    np.testing.assert_allclose(head["panels"][0]["startY"], grey.start_y, rtol=5e-4)
    np.testing.assert_array_equal(
        pixels, np.concatenate([grey.hover_images.ravel(), colour.hover_images.ravel()])
    )


def test_a_projection_has_the_form_of_a_map_without_titles_and_starts():
    panel = make_panel()
    head, pixels = unpack_pixels(pack_projection(40, "Iteration 40.", ("One line.",), [panel]))
    assert (head["iteration"], head["alt"], head["caption"]) == (40, "Iteration 40.", ["One line."])
    assert set(head["panels"][0]) == {
        *("name", "x", "y", "label", "image", "pictures", "channels", "height", "width")
    }
    np.testing.assert_array_equal(pixels.reshape(panel.hover_images.shape), panel.hover_images)


def test_a_film_is_one_projection_after_the_other():
    projections = [pack_projection(at, "", (), [make_panel(hover_images=None)]) for at in (0, 10, 20)]
    assert split_film(pack_film(projections)) == projections


def test_thumbnails_say_their_size():
    images = RANDOM.integers(0, 256, (30, 3, 4, 6), dtype=np.uint8)
    head, pixels = unpack_pixels(pack_thumbs(images))
    assert head == {"count": 30, "channels": 3, "height": 4, "width": 6}
    np.testing.assert_array_equal(pixels.reshape(images.shape), images)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": np.zeros(5)}, "one value of each"),
        ({"label": np.zeros(3, int)}, "one value of each"),
        ({"y": np.array([0, np.nan, 0, 0])}, "not finite"),
        ({"start_x": None}, "both"),
        ({"hover_images": np.zeros((4, 1, 3, 5), np.float32)}, "float32"),
        ({"hover_images": np.zeros((3, 1, 3, 5), np.uint8)}, "one or three channels"),
        ({"hover_images": np.zeros((4, 2, 3, 5), np.uint8)}, "one or three channels"),
    ],
)
def test_a_panel_that_could_not_be_drawn_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_panel(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"panels": ()}, "one to 4"),
        ({"coloured": (0,) * 11}, "pick some"),
        ({"coloured": (3,)}, "class 3"),
        ({"x": np.full(30, np.inf)}, "not finite"),
    ],
)
def test_a_map_that_could_not_be_drawn_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_map(**changes)


@pytest.mark.parametrize(
    ("value", "pick"),
    [
        ({"panel": "noise", "class": 1, "image": 1}, StarPick("noise", 1, 1)),
        ({"panel": "noise", "class": 2, "image": 0}, None),
        ({"panel": "noise", "class": 0, "image": -1}, None),
        ({"panel": "gone", "class": 0, "image": 0}, None),
        ({"panel": "noise", "class": "0", "image": 0}, None),
        ({"panel": "noise", "class": True, "image": 0}, None),
        ({"panel": ["noise"], "class": 0, "image": 0}, None),
        (None, None),
        ("noise", None),
    ],
)
def test_only_a_pick_of_a_star_that_is_there_is_believed(value, pick):
    assert read_pick(value, [make_panel(), make_panel("real")]) == pick
