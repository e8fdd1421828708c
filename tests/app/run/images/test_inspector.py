"""The inspector: its pictures and numbers against the run folder, and what its address answers."""

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest
from support.live_routes import live_client
from support.pages import image_grids_of, open_script
from support.small_runs import record_run

from app.answers.service import Answers
from app.components.image_grid import Pick
from app.jobs.manager import JobManager
from app.jobs.page_answers import get_page_answers
from app.run.images.details import STRIP_IMAGES, inspected_grid, strip_grid
from app.run.images.inspector import nearest_grid
from app.run.images.nearest_real import Neighbours, Space, nearest_question
from app.run.run_view import view_of_folder
from dmcore.config import CondenseConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.display import DisplayImages, to_display_images
from dmcore.runs.display.files import encode_png, encode_values
from dmcore.runs.display.history import spread_iterations
from dmcore.runs.display.titles import image_title, start_of_image
from dmcore.runs.events import losses_at
from dmcore.runs.folder import RunFolder
from dmcore.runs.imports import import_run
from dmcore.runs.snapshots import read_image

HOSTILE = "<img src=x onerror=alert(1)> **bold** :red[x]"
PICK = Pick("wrong_class-2", 9, 1)
SCRIPT = """
import streamlit as st
from app.components.image_grid import Pick
from app.run.images.inspector import show_inspector
from app.run.run_view import view_of_folder
from app.data.folders import find_run, runs_root

run = find_run("{run}", runs_root())
if not st.session_state.get("closed"):
    close = lambda: st.session_state.update(closed=True)
    show_inspector(run, view_of_folder(run), Pick("{lane}", {label}, {image}), close)
"""


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def run(root: Path) -> RunFolder:
    """Twelve iterations of three sets of digits."""
    config = CondenseConfig(
        dataset="digits",
        width=8,
        depth=1,
        real_batch=8,
        images_per_class=2,
        iterations=12,
        sets=tuple(SetChange(init=init) for init in ("real", "noise", "wrong_class")),
    )
    return record_run(root, config, "three starts", threads=1)


@pytest.fixture(autouse=True)
def _runs_here(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DM_RUNS", str(root))


def renamed(run: RunFolder, copy: str, **data: Any) -> RunFolder:
    """The run under another id, with another description of its data."""
    path = run.path.with_name(copy)
    if not path.exists():
        shutil.copytree(run.path, path)
    description = json.loads((path / "run.json").read_text())
    del description["sha256"]  # as the message of a record changed by hand tells
    description["data"].update(data)
    (path / "run.json").write_text(json.dumps(description))
    return RunFolder(path)


def opened(run: RunFolder, pick: Pick = PICK) -> AppTest:
    script = SCRIPT.format(run=run.id, lane=pick.lane, label=pick.label, image=pick.image)
    return open_script(script)


def nearest(run: RunFolder, image: DisplayImages, space: Space) -> Neighbours:
    neighbours = get_page_answers().ask(nearest_question(run, image, space), patience=None).value
    assert neighbours is not None
    return neighbours


def test_picture_start_and_distance_are_those_of_the_snapshots(run: RunFolder) -> None:
    view = view_of_folder(run)
    grid = inspected_grid(run, view, PICK)
    data = run.description.data
    now, start = (to_display_images(run.snapshot(PICK.lane, at).pixels, data) for at in (12, 0))
    pixels = grid.lanes[0].pixels[:, 0]
    assert np.array_equal(pixels, np.stack([now[9, 1], start[9, 1]]))
    moved = np.abs(now.astype(int) - start)
    assert f"by {moved[9, 1].mean():.1f} of 255 on average" in grid.caption[0]
    assert grid.caption[0].endswith(f"over the whole set, by {moved.mean():.1f}.")
    # the first class is the next one of the last, and its real image stands beside
    assert grid.class_names == ["Now", "Start: a real 0"]
    real = load_dataset("digits").train
    zeros = real.images[real.by_class[0]].numpy()
    assert (zeros == start[9, 1]).all(axis=(1, 2, 3)).any()


def test_start_is_named_for_every_way_to_start(run: RunFolder) -> None:
    starts = [start_of_image(run, name, 3) for name in run.set_names]
    assert starts == ["a real 3", "noise", "a real 4"]
    assert image_title(run, "noise-2", 3, 1) == "3, image 2 of 2, from noise"


def test_loss_is_the_recorded_one_at_or_before_the_moment(run: RunFolder) -> None:
    recorded = run.losses(PICK.lane)
    view = view_of_folder(run)
    for iteration in (12, 5):
        grid = inspected_grid(run, replace(view, iteration=iteration), PICK)
        loss = recorded.loss[list(recorded.iteration).index(iteration)]
        assert grid.caption[1] == (
            f"Loss of its class at iteration {iteration}: {loss[9]:.3g}; "
            f"mean of all 10 classes: {loss.mean():.3g}."
        )
    assert "No loss" in inspected_grid(run, replace(view, iteration=0), PICK).caption[1]


def test_losses_are_found_among_notes_and_before_a_torn_line(run: RunFolder, tmp_path: Path) -> None:
    file = tmp_path / "events.jsonl"
    lines = [f'{{"iteration":{n},"seconds":0,"loss":{{"a":[{n},0]}}}}\n' for n in range(1, 2000, 2)]
    lines[500:500] = ['{"iteration":1000,"note":"' + "long " * 50 + '"}\n'] * 3
    file.write_text("".join(lines) + '{"iteration":2001,"seconds":0,"lo')
    for iteration, expected in ((0, []), (1, [1]), (2, [1]), (1000, [999]), (1001, [1001]), (10**9, [1999])):
        measured = losses_at(file, "a", 2, iteration)
        assert (measured.iteration.tolist(), measured.loss.shape) == (expected, (len(expected), 2))
    assert not len(losses_at(file, "b", 2, 50).iteration)
    assert not len(losses_at(tmp_path / "none", "a", 2, 50).iteration)


def test_strip_shows_kept_iterations_evenly_in_log_time(run: RunFolder) -> None:
    strip = strip_grid(run, PICK)
    assert strip is not None
    stored = spread_iterations(run.snapshots(PICK.lane), STRIP_IMAGES)
    assert (stored[0], stored[-1]) == (0, 12)
    assert strip.class_names == [str(iteration) for iteration in stored]
    for position, iteration in enumerate(stored):
        pixels = run.snapshot(PICK.lane, iteration).pixels[9, 1]
        assert np.array_equal(
            strip.lanes[0].pixels[position, 0], to_display_images(pixels, run.description.data)
        )
    assert spread_iterations(list(range(1001)), 10) == [0, 1, 4, 9, 21, 45, 99, 215, 464, 1000]
    assert spread_iterations([], 10) == []


@pytest.mark.parametrize(("label", "image"), [(10, 0), (0, 2), (-1, 0)])
def test_image_that_is_not_kept_is_refused(run: RunFolder, label: int, image: int) -> None:
    with pytest.raises(ValueError, match="there is no image"):
        read_image(run.snapshot_folder(PICK.lane), 12, label, image)
    with pytest.raises(ValueError, match="there is no image"):
        inspected_grid(run, view_of_folder(run), Pick(PICK.lane, label, image))


def test_nearest_real_images_equal_a_direct_search(run: RunFolder) -> None:
    real = load_dataset("digits").train
    picture = view_of_folder(run).images["real-2"][4, 0]
    neighbours = nearest(run, picture, "pixels")
    normalised = real.statistics.normalise(real.images).flatten(1).double()
    image = real.statistics.normalise(torch.from_numpy(picture)).flatten().double()
    distances, order = (normalised - image).norm(dim=1).sort()
    assert np.array_equal(neighbours.images, real.images[order[:5]].numpy())
    assert np.allclose(neighbours.distances, distances[:5], rtol=1e-5)
    assert neighbours.class_names == tuple(str(int(label)) for label in real.label[order[:5]])
    assert (neighbours.among, neighbours.total) == (1437, 1437)
    by_features = nearest(run, picture, "features")
    assert by_features.among == 1437
    assert list(by_features.distances) == sorted(by_features.distances)


def test_nearest_real_images_do_not_wait_for_a_job(run: RunFolder) -> None:
    answers = Answers("test", lambda: True)
    image = view_of_folder(run).images["real-2"][4, 0]
    assert answers.ask(nearest_question(run, image, "pixels"), patience=None).value is not None
    answers.shutdown()


def test_caption_says_when_the_nearest_is_of_another_class(run: RunFolder) -> None:
    neighbours = nearest(run, view_of_folder(run).images["real-2"][4, 0], "pixels")
    own, other = (
        nearest_grid(neighbours, name, "pixels").caption[0] for name in (neighbours.class_names[0], HOSTILE)
    )
    assert "of 5 are of its own class" in own
    assert f"the nearest is of another class, “{neighbours.class_names[0]}” instead of “{HOSTILE}”" in other


def test_panel_shows_picture_history_and_real_images_and_closes(run: RunFolder) -> None:
    page = opened(run)
    assert page.markdown[0].value == "**9, image 2 of 2, from a wrong class**"
    now, strip, pixels, features = image_grids_of(page)
    assert now["source"] == f"/live/runs/{run.id}/inspected?set={PICK.lane}&class=9&image=1"
    assert (now["subject"], now["largest"]) == (run.id, 220)
    assert strip["class_names"][0] == "0"
    assert "all 1\u202f437" in pixels["caption"][0]
    assert "features of a random network" in features["caption"][0]
    assert not any(grid["pickable"] for grid in (now, strip, pixels, features))
    page.button(key="close_inspector").click().run()
    assert not image_grids_of(page)


def test_hostile_class_names_are_text(run: RunFolder) -> None:
    names = [HOSTILE, *run.class_names[1:]]
    hostile = renamed(run, "hostile", class_names=names)
    page = opened(hostile, Pick("real-2", 0, 0))
    heading = page.markdown[0].value
    assert "\\<img" in heading
    assert "\\*\\*bold\\*\\*" in heading
    assert "\\:red\\[x\\]" in heading
    assert (
        image_grids_of(page)[0]["class_names"][1] == f"Start: a real {HOSTILE}"
    )  # the grid writes text, never HTML


def test_run_whose_data_set_is_not_here_shows_what_there_is_and_one_sentence(run: RunFolder) -> None:
    page = opened(renamed(run, "elsewhere", name="/nowhere/at/all"))
    assert len(image_grids_of(page)) == 2
    assert any("cannot be looked up" in caption.value for caption in page.caption)
    page = opened(renamed(run, "changed", digest="0"))
    assert any("other training images now" in caption.value.replace("\\", "") for caption in page.caption)


def test_import_without_a_start_shows_the_image_and_says_so(
    run: RunFolder, root: Path, tmp_path: Path
) -> None:
    file = tmp_path / "set.npz"
    images = run.snapshot("real-2").pixels.astype(np.float32)
    np.savez(file, images=images.reshape(20, 1, 8, 8), label=np.repeat(np.arange(10), 2))
    imported = import_run(file, root, dataset="digits")
    name = imported.set_names[0]
    page = opened(imported, Pick(name, 4, 1))
    now, *nearest = image_grids_of(page)
    assert now["class_names"] == ["Now"]
    assert "was not stored" in now["caption"][0]
    assert "No loss was recorded" in now["caption"][1]
    assert any("not stored" in caption.value for caption in page.caption)
    assert len(nearest) == 2


def test_pick_that_is_not_there_is_a_sentence(run: RunFolder) -> None:
    page = opened(run, Pick("gone", 0, 0))
    assert any("There is no image" in text.value for text in page.markdown)
    assert not image_grids_of(page)


def test_downloads_are_the_picture_enlarged_and_the_learned_values(run: RunFolder) -> None:
    picture = view_of_folder(run).images[PICK.lane][9, 1]
    with Image.open(io.BytesIO(encode_png(picture))) as opened_picture:
        enlarged = np.asarray(opened_picture)
    assert enlarged.shape == (560, 560)
    assert np.array_equal(enlarged[35::70, 35::70], picture[0])
    coloured = np.random.default_rng(0).integers(0, 256, (3, 32, 32)).astype(np.uint8)
    with Image.open(io.BytesIO(encode_png(coloured))) as opened_picture:
        assert np.array_equal(np.asarray(opened_picture)[::17, ::17], coloured.transpose(1, 2, 0))
    values = np.load(io.BytesIO(encode_values(run, PICK.lane, PICK.label, PICK.image, 12)))
    assert np.array_equal(values["pixels"].astype(np.float16), run.snapshot(PICK.lane, 12).pixels[9, 1])
    assert (int(values["iteration"]), str(values["class_name"])) == (12, "9")


@pytest.fixture
def client(process_manager: JobManager, root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    monkeypatch.setenv("DM_RUNS", str(root))
    with live_client() as client:
        yield client


def test_address_answers_the_frame_that_the_script_would_draw(run: RunFolder, client: TestClient) -> None:
    address = f"/live/runs/{run.id}/inspected?set={PICK.lane}&class=9&image=1"
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.content == inspected_grid(run, view_of_folder(run), PICK, None, address).packed()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "set=noise-2",
        "set=noise-2&class=10&image=0",
        "set=noise-2&class=-1&image=0",
        "set=noise-2&class=0&image=2",
        "set=noise-2&class=x&image=0",
        "set=../noise-2&class=0&image=0",
        f"set=noise-2&class={'9' * 5000}&image=0",
    ],
)
def test_address_refuses_what_is_not_there(run: RunFolder, client: TestClient, query: str) -> None:
    answer = client.get(f"/live/runs/{run.id}/inspected?{query}")
    assert answer.status_code == 404
    assert answer.json()["error"]


def test_address_of_a_run_without_images_has_nothing_new(
    root: Path, run: RunFolder, client: TestClient
) -> None:
    config = CondenseConfig(dataset="digits", width=8, depth=1, images_per_class=1)
    digits = load_dataset("digits")
    fresh = create_run(root, config, digits, make_plan(config, digits.shape, 10, "cpu", 1), "fresh")
    answer = client.get(f"/live/runs/{fresh.id}/inspected?set=real-1&class=0&image=0")
    assert answer.status_code == 204
