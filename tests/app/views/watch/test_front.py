"""Front of the app, its start page: what it shows is recorded, and its doors lead where they say."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from support.fresh_interpreter import run_fresh
from support.pages import components_of, html_of, image_grids_of, open_page, run_page, text_of
from support.small_runs import record_run
from support.waiting import until

from app import ROOT
from app.components.front.component import Recording
from app.data.recorded import OPENING_RUN
from app.jobs.manager import JobManager
from app.jobs.page_answers import get_page_answers
from app.jobs.run_presets import FROM_NOISE
from app.setup.testing import TESTED
from app.text.provenance import note_text
from app.views.watch import front
from app.views.watch.front import start_times
from app.views.watch.front_recording import TABLE, front_recording, learned_marks, learned_results
from dmcore.config import CondenseConfig
from dmcore.data.fashion import read_fashion
from dmcore.experiments.gallery.entries import GalleryRun, chosen_entries
from dmcore.experiments.gallery.fitting import untested
from dmcore.experiments.gallery.recorded import find_recorded
from dmcore.runs.display.images import images_at
from dmcore.runs.runs_root import list_runs

MAIN = ROOT / "app" / "main.py"
LARGEST = 300_000
"""Bytes of everything that the browser is sent of the recording."""
TINY = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=2)
WITHOUT_TORCH = """
import sys, logging; logging.disable()
from app.jobs.manager import JobManager; JobManager.warm_up = lambda self: None
from streamlit.testing.v1 import AppTest
page = AppTest.from_file({main!r}, default_timeout=60).run()
assert not page.exception, page.exception
assert page.button(key="watch_start").label.startswith("**Watch it happen here**")
assert any(each.proto.component_name == "dm_front" for each in page.get("bidi_component"))
sys.exit("torch" in sys.modules)
"""


def open_start() -> AppTest:
    return run_page(AppTest.from_file(str(MAIN), default_timeout=60))


@pytest.fixture
def shipped(process_manager: JobManager, monkeypatch: pytest.MonkeyPatch) -> JobManager:
    """A manager of its own, and the gallery that comes with the program."""
    monkeypatch.delenv("DM_GALLERY")
    return process_manager


@pytest.fixture
def recording(shipped: JobManager) -> Recording:
    return front_recording()


def untested_moments() -> tuple[int, ...]:
    """Moments that the gallery has not tested: one of an older version tests none."""
    (entry,) = chosen_entries([OPENING_RUN])
    return untested(entry, find_recorded(OPENING_RUN))


def test_the_gallery_tests_the_moments_that_are_played(recording: Recording) -> None:
    (entry,) = chosen_entries([OPENING_RUN])
    assert isinstance(entry, GalleryRun)
    assert (*entry.tested_at, entry.config.iterations) == tuple(recording.iterations)
    assert untested_moments() in ((), entry.tested_at), "all of them or none"


def test_a_moment_that_was_tested_has_its_accuracy(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = find_recorded(OPENING_RUN).run
    assert run is not None
    last = learned_results(run)[run.iteration()]
    early = last.model_copy(update={"iteration": 0, "mean": 11.0})
    monkeypatch.setattr(type(run), "results", lambda _: (early, last))
    (mark,) = learned_marks(run, (0, 2, 500))
    assert list(mark.moments) == [11.0, None, last.mean]
    assert mark.percent == last.mean
    assert "at 1 earlier moment likewise" in mark.detail
    monkeypatch.setattr(type(run), "results", lambda _: (last,))
    assert [list(mark.moments) for mark in learned_marks(run, (0, 2, 500))] == [[]]


def pixels(sheet: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(sheet)).convert("L"))


def test_frames_are_the_snapshots_of_the_recorded_run_from_noise_to_its_end(recording: Recording) -> None:
    run = find_recorded(OPENING_RUN).run
    assert run is not None
    iterations = recording.iterations
    assert iterations[0] == 0
    assert iterations[-1] == run.iteration() == 500
    assert len(iterations) >= 12
    spaces = np.diff(np.log1p(iterations))
    assert spaces.max() < 0.8  # evenly in log time: no moment takes a jump
    sheet = pixels(recording.frames)
    assert sheet.shape == (28 * len(iterations), 28 * 10)
    for moment in (0, len(iterations) // 2, len(iterations) - 1):
        images = images_at(run, run.set_names[0], iterations[moment])[:, 0, 0]
        row = sheet[28 * moment : 28 * (moment + 1)]
        assert (row.reshape(28, 10, 28).swapaxes(0, 1) == images).all()  # no pixel is lost on the way
    assert recording.seconds[0] == 0
    assert list(recording.seconds) == sorted(recording.seconds)
    assert recording.seconds[-1] == pytest.approx(run.losses(run.set_names[0]).seconds[-1])


def test_real_images_are_of_the_data_set_and_everything_is_small(recording: Recording) -> None:
    sheet = pixels(recording.real)
    assert sheet.shape == (15 * 28, 24 * 28)
    images, _ = read_fashion("train")
    first = sheet[:28, :28].astype(float)
    assert np.abs(images[:, 0] - first).mean(axis=(1, 2)).min() < 8  # that one, but for its compression
    assert recording.real_count == len(images) == 5000
    assert len(recording.packed()) < LARGEST


def test_accuracies_are_those_of_the_recorded_files_and_say_how_many(recording: Recording) -> None:
    run, results = find_recorded(OPENING_RUN).run, find_recorded(TABLE).results
    assert run is not None
    assert results is not None
    marks = {mark.method: mark for mark in recording.marks}
    assert set(marks) == {"learned", "random", "mean_image", "herding", "whole"}
    condensed = learned_results(run)[run.iteration()]
    assert marks["learned"].percent == condensed.mean
    assert [percent for percent in marks["learned"].moments if percent is not None] == (
        [result.mean for _, result in sorted(learned_results(run).items())]
        if untested_moments() == ()
        else []
    )
    assert f"{condensed.n} networks" in marks["learned"].detail
    for method in ("random", "mean_image", "herding", "whole"):
        accuracies = [
            network.accuracy
            for index, cell in enumerate(results.table.cells)
            if cell.recipe.method == method
            and (method == "whole" or cell.recipe.images_per_class == 1)
            and cell.column == results.table.columns[0]
            for network in results.cell_results[index].network_results
        ]
        distinct = accuracies[:3] if method == "mean_image" else accuracies  # one set, whatever the seed
        assert marks[method].percent == pytest.approx(np.mean(distinct))
    assert "9 networks" in marks["random"].detail
    assert marks["random"].label == "ten random real"
    of_run, of_table = recording.sources
    assert "start no other run until it has ended" in of_run.remarks
    assert "start no other run" not in of_table.remarks
    assert note_text(find_recorded(TABLE).provenance.note) in of_table.remarks
    assert not [word for word in ("cache", "gallery:") if word in f"{of_table.facts}{of_table.remarks}"]
    assert of_table.facts.endswith("commit not recorded.")
    assert f"dmcore gallery build {TABLE} --check" in of_table.remarks
    draw = next(each for each in run.results() if each.kind == "random_real")
    assert f"the one drawn for this run {draw.mean:.1f}" in marks["random"].detail
    assert [source.command for source in recording.sources] == [
        find_recorded(name).provenance.command for name in (OPENING_RUN, TABLE)
    ]


def test_a_bare_address_shows_the_front_and_one_click_starts_the_first_preset(shipped: JobManager) -> None:
    page = open_start()
    assert "<h1>Thousands of images in, a handful out.</h1>" in " ".join(html_of(page))
    assert components_of(page, "dm_front")
    assert "dataset" not in page.session_state  # no form
    page.button(key="watch_start").click()
    run_page(page)
    until(lambda: shipped.current is not None and shipped.current.run_id is not None, seconds=120)
    assert shipped.current is not None
    until(lambda: shipped.current.snapshot is not None)
    run_page(page)
    (run,) = list_runs(shipped.runs_root)
    assert run.config == FROM_NOISE.config
    assert page.query_params["run"] in (run.id, [run.id])
    assert not components_of(page, "dm_front")


def test_the_label_of_start_has_times_only_when_they_are_known(shipped: JobManager) -> None:
    assert "second" not in start_times(shipped)
    assert open_start().button(key="watch_start").label.endswith("ten images, learned from noise")
    shipped.warm_up()
    until(lambda: shipped.device is not None, seconds=120)
    start_times(shipped)
    until(lambda: get_page_answers().idle, seconds=120)
    times = start_times(shipped).replace("\u00a0", " ")
    assert times.startswith("shapes in ")
    assert ", tested in " in times
    page = open_start()
    assert page.button(key="watch_start").label.endswith(start_times(shipped))
    page.session_state[TESTED] = False
    run_page(page)
    until(lambda: get_page_answers().idle, seconds=120)
    assert ", done in " in run_page(page).button(key="watch_start").label


def test_the_form_is_a_click_away(shipped: JobManager) -> None:
    page = open_start()
    page.button(key="front_setup").click()
    run_page(page)
    assert page.query_params["setup"] in ("open", ["open"])
    assert page.button(key="watch_start").label == "Start"


def test_the_start_page_leads_on_by_a_click_and_by_an_address_and_is_there_again(
    shipped: JobManager, visit: AppTest
) -> None:
    run = record_run(shipped.runs_root, TINY, "Tiny")
    page = run_page(visit)
    assert components_of(page, "dm_front")
    page.button(key="front_last_run").click()
    run_page(page)
    assert page.subheader[0].value == "Tiny"
    page.query_params.clear()  # as a click in the navigation leaves them
    page = run_page(page.switch_page("../pages/start.py"))
    assert components_of(page, "dm_front"), "though a run is on screen"
    page.query_params.clear()
    page = run_page(page.switch_page("../pages/watch.py"))
    assert page.subheader[0].value == "Tiny", "the run that was looked at last"
    linked = AppTest.from_file(str(MAIN), default_timeout=60)
    linked.query_params["run"] = run.id
    assert run_page(linked).subheader[0].value == "Tiny", "an address from before there was a start page"


def test_own_images_open_the_form_that_asks_for_their_path(shipped: JobManager) -> None:
    page = open_start()
    page.button(key="front_own_images").click()
    run_page(page)
    assert page.pills(key="form_preset").value == "Your own images"
    assert page.text_input(key="form_path").value == ""
    assert page.button(key="watch_start").disabled


def test_who_left_own_images_finds_the_first_preset_in_the_form(visit: AppTest, shipped: JobManager) -> None:
    page = run_page(visit)
    page.button(key="front_own_images").click()
    run_page(page)
    page.query_params.clear()
    page = run_page(page.switch_page("../pages/start.py"))
    page.button(key="front_setup").click()
    run_page(page)
    assert page.pills(key="form_preset").value == FROM_NOISE.title
    assert not page.button(key="watch_start").disabled


@pytest.mark.parametrize("query", [{}, {"iterations": "9"}, {"setup": "open"}])
def test_the_watch_page_opens_the_form(shipped: JobManager, query: dict[str, str]) -> None:
    page = open_page("watch.py", **query)
    assert page.button(key="watch_start").label == "Start"
    assert not components_of(page, "dm_front")


def test_the_last_run_is_offered_once_there_is_one(shipped: JobManager) -> None:
    assert "front_last_run" not in {button.key for button in open_start().button}
    run = record_run(shipped.runs_root, TINY, "a *title*")
    page = open_start()
    assert page.button(key="front_last_run").label == r"Go on with your last run: a \*title\*"
    page.button(key="front_last_run").click()
    run_page(page)
    assert page.query_params["run"] in (run.id, [run.id])
    assert page.subheader[0].value == r"a \*title\*"


def test_without_its_recording_the_front_says_so_and_still_starts(process_manager: JobManager) -> None:
    page = open_start()
    (warning,) = page.warning
    assert str(warning.value).replace("\\", "") == front.MISSING
    assert not page.button(key="watch_start").disabled


def test_a_damaged_recording_is_named(shipped: JobManager, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise ValueError("results.json is damaged")

    monkeypatch.setattr(front, "front_recording", damaged)
    (warning,) = open_start().warning
    assert (
        str(warning.value).replace("\\", "") == "The recorded run cannot be shown: results.json is damaged."
    )


def test_while_its_first_images_are_awaited_a_job_shows_frames_of_their_size(
    shipped: JobManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.views.watch.start.PATIENCE_SECONDS", 0.0)
    monkeypatch.setattr("app.jobs.work.CondenseWork.__call__", _never_a_run)
    page = open_start()
    page.button(key="watch_start").click()
    run_page(page)
    until(lambda: shipped.current is not None and shipped.current.active)
    run_page(page)
    assert page.subheader[0].value == "Ten images from noise"
    assert r"Ten images from noise\: starting …" in text_of(page)
    (grid,) = image_grids_of(page)
    assert grid["class_names"][0] == "T-shirt/top"
    assert grid["lanes"][0]["pixels"][:2] == [10, 1]
    shipped.stop()


def _never_a_run(work: object, job: object, context: object) -> Iterator[None]:
    while True:
        yield None


def test_the_front_opens_without_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DM_RUNS", str(tmp_path / "runs"))
    finished = run_fresh(WITHOUT_TORCH.format(main=str(MAIN)))
    assert finished.returncode == 0, finished.stderr or "torch was imported"


def test_visit_of_the_app_shows_the_front_under_its_navigation(shipped: JobManager, visit: AppTest) -> None:
    assert components_of(run_page(visit), "dm_front")
