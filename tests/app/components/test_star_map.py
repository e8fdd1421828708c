"""The bytes that the map is drawn from, and what is believed of a reported pick."""

from dataclasses import replace

import numpy as np
import pytest
from support.frames import split_film, unpack_pixels

from app.components.packed_frame import Pick, pack_frames, read_pick
from app.components.star_map.values import FeatureMap, Panel, pack_projection, pack_thumbs

RANDOM = np.random.default_rng(0)


def make_panel(name="noise", stars=4, channels=1, **changes):
    images = RANDOM.integers(0, 256, (stars, channels, 3, 5), dtype=np.uint8)
    label, image = np.arange(stars) // 2, np.arange(stars) % 2
    positions, start = RANDOM.normal(0, 50, (2, stars, 2))
    panel = Panel(name, name.title(), positions, label, image, images, start)
    return replace(panel, **changes)


def make_map(*panels, **changes):
    positions = RANDOM.normal(0, 50, (30, 2)).astype(np.float32)
    names = ("one", "two", "three")
    feature_map = FeatureMap(
        "cloud", positions, np.arange(30) % 3, names, (2, 0), panels or (make_panel(),), "A map.", 7
    )
    return replace(feature_map, **changes)


def test_a_map_carries_its_points_names_and_the_pictures_of_all_panels_in_order():
    grey, bare, colour = make_panel("grey"), make_panel("bare", hover_images=None), make_panel("colour", 6, 3)
    shown = make_map(grey, bare, colour, picked=Pick("grey", 1, 0), caption=("A <b>line</b>.",))
    head, pixels = unpack_pixels(shown.packed(pickable=True))
    assert (head["class_names"], head["coloured"], head["label"]) == (
        ["one", "two", "three"],
        [2, 0],
        shown.label.tolist(),
    )
    assert (head["picked"], head["pickable"], head["caption"]) == (["grey", 1, 0], True, ["A <b>line</b>."])
    np.testing.assert_allclose(head["positions"], shown.positions, rtol=5e-4)
    assert all(number == float(f"{number:.4g}") for point in head["positions"] for number in point)
    described = [(panel["name"], panel["hover_images"], panel["moving"]) for panel in head["panels"]]
    assert described == [("grey", [4, 1, 3, 5], True), ("bare", None, True), ("colour", [6, 3, 3, 5], True)]
    np.testing.assert_allclose(head["panels"][0]["start"], grey.start, rtol=5e-4)
    np.testing.assert_array_equal(
        pixels, np.concatenate([grey.hover_images.ravel(), colour.hover_images.ravel()])
    )


def test_a_projection_has_the_form_of_a_map():
    panel = make_panel()
    head, pixels = unpack_pixels(pack_projection(40, "Iteration 40.", ("One line.",), [panel]))
    assert (head["iteration"], head["alt"], head["caption"]) == (40, "Iteration 40.", ["One line."])
    (stars,), (whole,) = head["panels"], unpack_pixels(make_map(panel).packed())[0]["panels"]
    assert stars == {name: whole[name] for name in ("name", "positions", "label", "image", "hover_images")}
    np.testing.assert_array_equal(pixels.reshape(panel.hover_images.shape), panel.hover_images)


def test_a_projection_does_not_repeat_what_stays_that_of_the_map():
    panel = make_panel("noise", 500, hover_images=None)
    assert len(pack_projection(7, "", (), [panel])) < 0.65 * len(make_map(panel).packed())
    blank = replace(panel, title="", start=None, kind="")
    assert pack_projection(7, "", (), [blank]) == pack_projection(7, "", (), [panel])


def test_a_film_is_one_projection_after_the_other():
    projections = [pack_projection(at, "", (), [make_panel(hover_images=None)]) for at in (0, 10, 20)]
    assert split_film(pack_frames(projections)) == projections


def test_thumbnails_say_their_size():
    images = RANDOM.integers(0, 256, (30, 3, 4, 6), dtype=np.uint8)
    head, pixels = unpack_pixels(pack_thumbs(images))
    assert head == {"images": [30, 3, 4, 6]}
    np.testing.assert_array_equal(pixels.reshape(images.shape), images)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"positions": np.zeros((5, 2))}, "one value of each"),
        ({"positions": np.zeros((4, 3))}, "one value of each"),
        ({"label": np.zeros(3, int)}, "one value of each"),
        ({"positions": np.array([[0, 0], [np.nan, 0], [0, 0], [0, 0]])}, "not finite"),
        ({"start": np.zeros((3, 2))}, "one value of each"),
        ({"start": np.full((4, 2), np.inf)}, "not finite"),
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
        ({"positions": np.full((30, 2), np.inf)}, "not finite"),
    ],
)
def test_a_map_that_could_not_be_drawn_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        make_map(**changes)


@pytest.mark.parametrize(
    ("value", "pick"),
    [
        (["noise", 1, 1], Pick("noise", 1, 1)),
        (["noise", 2, 0], None),
        (["noise", 0, -1], None),
        (["gone", 0, 0], None),
        (["noise", "0", 0], None),
        (["noise", True, 0], None),
        ([["noise"], 0, 0], None),
        (None, None),
        ("noise", None),
    ],
)
def test_only_a_pick_of_a_star_that_is_there_is_believed(value, pick):
    assert read_pick(value, [make_panel(), make_panel("real")]) == pick
