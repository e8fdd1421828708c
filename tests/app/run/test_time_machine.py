"""Looking back: layers, the film of thumbnails, a moment's address, against the snapshots on disk."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.frames import split_film, unpack_frame
from support.small_runs import record_run

from app.components.timeline import read_stop
from app.run.images.film_strip import film_strip
from app.run.images.layers import layer_of
from app.run.run_view import nearest_stored, view_at, view_of_folder
from app.run.stage_content import MOST_IMAGES, image_grid, images_per_class_shown
from app.run.view_state import CHANGES, IMAGES, LAYERS, MOMENTUM, ViewState
from dmcore.config import CondenseConfig, SetChange
from dmcore.runs.display import to_display_images
from dmcore.runs.display.layers import momentum_images, start_images
from dmcore.runs.folder import RunFolder

SETS = (SetChange(init="real"), SetChange(init="noise", image_lr=10.0))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    config = CondenseConfig(
        dataset="digits", images_per_class=2, width=8, depth=1, real_batch=4, iterations=12, sets=SETS
    )
    return record_run(tmp_path_factory.mktemp("runs"), config, device="auto")


def frames_of(strip: bytes) -> list[tuple[dict, bytes]]:
    """Header and pixels of each frame of a film."""
    return [unpack_frame(frame) for frame in split_film(strip)]


def shown_of(run: RunFolder, name: str, iteration: int) -> np.ndarray:
    return to_display_images(run.snapshot(name, iteration).pixels, run.description.data)


def images_of(lane: dict, pixels: bytes) -> np.ndarray:
    """The images of a lane, [image, height, width]."""
    return np.frombuffer(pixels, np.uint8).reshape(-1, *lane["pixels"][-2:])


def test_the_film_has_one_frame_per_stored_iteration_equal_to_its_snapshot(run: RunFolder) -> None:
    frames = frames_of(film_strip(view_of_folder(run), run, ViewState()))
    assert [head["iteration"] for head, _ in frames] == run.snapshots() == list(range(13))
    for head, pixels in frames:
        first, second = head["lanes"]
        for lane, part in ((first, pixels[: 20 * 64]), (second, pixels[20 * 64 :])):
            expected = shown_of(run, lane["name"], head["iteration"])[:, :, 0].reshape(20, 8, 8)
            assert np.array_equal(images_of(lane, part), expected)


def test_a_film_is_continued_after_what_is_already_there(run: RunFolder) -> None:
    view = view_of_folder(run)
    later = frames_of(film_strip(view, run, ViewState(), after=9))
    assert [head["iteration"] for head, _ in later] == [10, 11, 12]
    assert film_strip(view, run, ViewState(), after=12) == b""


def test_a_damaged_moment_is_left_out_of_the_film(run: RunFolder) -> None:
    file = run.snapshot_folder("real-2") / "0000007.safetensors"
    whole = file.read_bytes()
    try:
        file.write_bytes(whole[:100])
        frames = frames_of(film_strip(view_of_folder(run), run, ViewState()))
    finally:
        file.write_bytes(whole)
    assert [head["iteration"] for head, _ in frames] == [
        iteration for iteration in range(13) if iteration != 7
    ]


@pytest.mark.parametrize(("file", "layer"), [("0000000", IMAGES), ("0000012", MOMENTUM)])
def test_a_damaged_start_or_newest_snapshot_leaves_the_images_and_says_so(
    tmp_path: Path, run: RunFolder, file: str, layer: str
) -> None:
    copy = RunFolder(Path(shutil.copytree(run.path, tmp_path / run.id)))
    view = view_of_folder(copy)
    (copy.snapshot_folder("real-2") / f"{file}.safetensors").write_bytes(b"")
    shown = layer_of(view, copy, layer)
    assert shown.images == view.images
    assert "is damaged" in shown.sentences[0]


def test_a_film_of_large_images_is_made_smaller_until_it_fits(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 13 * 2 * 20 * 64 // 4
    monkeypatch.setattr("app.run.images.film_strip.MOST_BYTES", most)
    frames = frames_of(film_strip(view_of_folder(run), run, ViewState()))
    assert {tuple(lane["pixels"][-2:]) for head, _ in frames for lane in head["lanes"]} == {(4, 4)}
    assert sum(len(pixels) for _, pixels in frames) <= most


def test_momentum_of_each_iteration_uses_the_whole_range_and_says_it(run: RunFolder) -> None:
    view, std = view_of_folder(run), run.description.data.std[0] * 255
    for iteration in (1, 5, 12):
        layer = layer_of(view_at(run, view, iteration), run, MOMENTUM)
        images, gain = momentum_images(run, iteration)
        assert gain is not None
        stated = re.search(r"full colour at ±([\d.]+) of 255 a step", layer.sentences[0])
        assert stated is not None
        assert float(stated[1]) == pytest.approx(127 / gain, rel=0.05)
        assert set(layer.signed) == set(layer.images) == set(images)
        strongest = []
        for name, rate in (("real-2", 1.0), ("noise-2-lr10", 10.0)):
            moves = -rate * run.snapshot(name, iteration).momentum.astype(np.float32) * std
            expected = np.clip(np.rint(128 + gain * moves), 0, 255)
            assert np.array_equal(layer.images[name], expected.astype(np.uint8))
            strongest.append(np.percentile(np.abs(moves), 99.5))
        assert gain * max(strongest) == pytest.approx(127, rel=0.35), "but for rounding to one digit"


def test_before_the_first_stored_step_there_is_a_sentence_instead_of_momentum(run: RunFolder) -> None:
    view = view_at(run, view_of_folder(run), 0)
    layer = layer_of(view, run, MOMENTUM)
    assert "no momentum" in layer.sentences[0]
    assert layer.images == view.images


@pytest.mark.parametrize("chosen", CHANGES)
def test_the_change_layer_says_its_factor_and_amplifies_every_set_by_it(run: RunFolder, chosen: str) -> None:
    view, factor = view_of_folder(run), CHANGES[chosen]
    layer = layer_of(view, run, chosen)
    full = {1: "127", 4: "32", 16: "7.9", 64: "2"}[factor]
    assert layer.sentences[0].endswith(f"full colour at ±{full} of 255.")
    grid = image_grid(view, run, ViewState(layer=chosen))
    assert grid is not None
    assert all(lane.signed for lane in grid.lanes)
    for name, start in start_images(run).items():
        change = view.images[name].astype(int) - start
        assert np.array_equal(layer.images[name], np.clip(128 + factor * change, 0, 255))


def test_a_moment_that_is_not_stored_is_the_nearest_that_is(run: RunFolder) -> None:
    assert nearest_stored(run, 10**6) == 12
    assert nearest_stored(run, 3) == 3
    assert nearest_stored(run, None) is None


@given(
    layer=st.sampled_from(LAYERS),
    at=st.none() | st.integers(0, 10**6),
    first=st.integers(0, 1249),
)
def test_a_look_survives_its_address(layer: str, at: int | None, first: int) -> None:
    look = ViewState(layer, at, first)
    assert ViewState.of_query({name: str(value) for name, value in look.as_query().items()}) == look


@pytest.mark.parametrize("query", [{"layer": "<b>"}, {"at": "-1"}, {"at": "1e3"}, {"first": "²"}, {"at": ""}])
def test_an_address_that_says_nonsense_shows_what_is_usual(query: dict[str, str]) -> None:
    assert ViewState.of_query(query) == ViewState(layer=IMAGES)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(20, 20), (0, 0), (None, None), (True, None), (-1, None), ("20", None), (2.5, None)],
)
def test_what_the_browser_lets_go_of_is_an_iteration_or_the_newest(
    value: object, expected: int | None
) -> None:
    assert read_stop(value) == expected


@pytest.mark.parametrize(
    ("classes", "sizes", "room"),
    [(10, [1, 1, 1], 1), (10, [500], 500), (10, [1250], 500), (200, [50], 25), (100, [1, 10, 50], 39)],
)
def test_the_stage_has_room_for_a_bounded_number_of_images(classes: int, sizes: list[int], room: int) -> None:
    assert images_per_class_shown(classes, sizes) == room
    assert classes * sum(min(room, size) for size in sizes) <= MOST_IMAGES


def test_a_stage_that_is_too_small_says_which_images_it_shows(
    run: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.run.stage_content.MOST_IMAGES", 20)
    view = view_of_folder(run)
    for first, sentence in (
        (0, "images 1 to 1 of the 2"),
        (1, "images 2 to 2 of the 2"),
        (7, "images 2 to 2"),
    ):
        grid = image_grid(view, run, ViewState(first=first))
        assert grid is not None
        assert sentence in grid.caption[0]
        lane = grid.lanes[0]
        assert np.array_equal(lane.pixels, view.images[lane.name][:, lane.first : lane.first + 1])
