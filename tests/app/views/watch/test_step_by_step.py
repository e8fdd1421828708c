"""Step-by-step view on a page: an iteration of a run as a scene, against what the run folder holds."""

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.frames import unpack_frame
from support.pages import components_of, open_script, run_page, text_of
from support.recorded_runs import imported
from support.small_runs import record_run

from app.answers.service import Answers
from app.jobs.page_answers import get_page_answers
from app.views.watch.update_question import Scenes, update_question
from dmcore.config import CondenseConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.execution.plan import make_plan
from dmcore.runs.creation import create_run
from dmcore.runs.folder import RunFolder
from dmcore.runs.recorder import record
from dmcore.runs.runs_root import open_run

SCRIPT = """
from pathlib import Path
from app.views.watch.step_by_step import show_step_by_step
from dmcore.runs.folder import RunFolder
import streamlit as st
show_step_by_step(RunFolder(Path({path!r})), st.session_state.setdefault("at", {iteration}))
st.caption("the page stands")
"""
DIGITS = load_dataset("digits")
THREE_STARTS = tuple(SetChange(init=init) for init in ("real", "noise", "wrong_class"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Three sets on digits, 8 iterations, one snapshot for each."""
    config = CondenseConfig(
        dataset="digits", width=32, real_batch=64, images_per_class=1, iterations=8, sets=THREE_STARTS
    )
    return record_run(tmp_path_factory.mktemp("runs"), config, device="auto")


def opened(run: RunFolder, iteration: int | None) -> AppTest:
    return open_script(SCRIPT.format(path=str(run.path), iteration=iteration))


def words(page: AppTest) -> str:
    """Text of the page, and the sentences of the scene where there is one."""
    scenes = [unpack_frame(proto.bytes)[0] for proto in components_of(page, "dm_pull")]
    return " ".join(
        [text_of(page), *(text for scene in scenes for text in (*scene["sentences"][0], *scene["details"]))]
    )


def scenes_of(run: RunFolder, iteration: int, label: int) -> Scenes:
    scenes = get_page_answers().ask(update_question(run, iteration, label), patience=None).value
    assert scenes is not None
    return scenes


def test_the_page_shows_the_loss_of_the_chosen_set_and_class(run: RunFolder) -> None:
    page = opened(run, 4)
    assert "Iteration 4 → 5" in text_of(page)
    assert f"The run recorded {run.losses('real-1').loss[4, 0]:.4g}. They agree" in words(page)
    page.selectbox(key=f"watch_step_set_{run.id}").select_index(1)
    page.selectbox(key=f"watch_step_class_{run.id}").select_index(7)
    text = words(run_page(page))
    assert f"The run recorded {run.losses('noise-1').loss[4, 7]:.4g}. They agree" in text
    assert f"all classes the loss is {scenes_of(run, 4, 7)['noise-1'].mean_loss:.4g}" in text
    assert "64 real images of the class 7" in text


@pytest.mark.parametrize("presenting", [True, False])
def test_a_remote_turns_the_phases_while_presenting(run: RunFolder, presenting: bool) -> None:
    page = AppTest.from_string(SCRIPT.format(path=str(run.path), iteration=4), default_timeout=60)
    page.query_params["presenter"] = "true" if presenting else "false"
    (proto,) = components_of(run_page(page), "dm_pull")
    assert unpack_frame(proto.bytes)[0]["remote"] is presenting


def test_the_picked_image_s_set_and_class_come_first(run: RunFolder) -> None:
    page = AppTest.from_string(SCRIPT.format(path=str(run.path), iteration=4), default_timeout=60)
    page.query_params["image"] = "noise-1.7.0"
    text = words(run_page(page))
    assert f"The run recorded {run.losses('noise-1').loss[4, 7]:.4g}. They agree" in text
    assert "64 real images of the class 7" in text


def test_another_iteration_keeps_set_and_class(run: RunFolder) -> None:
    page = opened(run, 4)
    page.selectbox(key=f"watch_step_class_{run.id}").select_index(3)
    run_page(page)
    page.session_state["at"] = 6
    text = words(run_page(page))
    assert "Iteration 6 → 7" in text
    assert "real images of the class 3" in text
    assert "network 6 of the run (convnet of width 32)" in text


def test_after_the_last_iteration_the_page_says_that_nothing_is_recorded(run: RunFolder) -> None:
    text = words(opened(run, 8))
    assert "The run stands at iteration 8: this is the update that comes next" in text
    assert "The run recorded" not in text


def test_what_cannot_be_shown_is_a_sentence_and_the_page_stands(run: RunFolder, tmp_path: Path) -> None:
    text = words(opened(run, 99))
    assert "choose the nearest, 8" in text
    assert "the page stands" in text
    foreign = imported(tmp_path, run)
    text = words(opened(foreign, 0))
    assert "was not condensed here" in text
    assert "the page stands" in text


def test_the_scene_is_that_of_the_run(run: RunFolder) -> None:
    scenes = scenes_of(run, 4, 2)
    assert tuple(scenes) == run.set_names
    for name, scene in scenes.items():
        stored = run.snapshot(name, 5).pixels[2]
        mean, std = run.description.data.mean[0], run.description.data.std[0]
        shown = np.clip(np.rint(255 * (stored.astype(np.float32) * std + mean)), 0, 255)
        assert np.abs(scene.after.astype(int) - shown).max() <= 1
        assert scene.distance**2 == pytest.approx(scene.loss, rel=1e-5)


def test_an_iteration_is_computed_once_in_less_than_a_second(run: RunFolder) -> None:
    scenes_of(run, 1, 0)
    took = []
    for iteration in (2, 3, 4):  # a busy machine has quiet moments
        began = time.perf_counter()
        first = scenes_of(run, iteration, 0)
        took.append(time.perf_counter() - began)
        assert scenes_of(run, iteration, 0) is first
    assert min(took) < 1


def test_an_iteration_does_not_wait_for_a_job(run: RunFolder) -> None:
    answers = Answers("test", lambda: True)
    assert answers.ask(update_question(run, 1, 0), patience=None).value is not None
    answers.shutdown()


def test_an_iteration_is_computed_again_when_the_run_has_changed(tmp_path: Path) -> None:
    config = CondenseConfig(dataset="digits", width=8, real_batch=8, images_per_class=1, iterations=4)
    run = record_run(tmp_path, config, device="auto")
    assert scenes_of(run, 4, 0)["real-1"].recorded is None
    raw = run.description.model_copy(update={"config": config.model_copy(update={"iterations": 6})})
    (run.path / "run.json").write_text(raw.model_dump_json())
    again = open_run(run.id, tmp_path)
    for _ in record(again, DIGITS):
        pass
    assert scenes_of(again, 4, 0)["real-1"].recorded is not None


def test_of_a_run_that_goes_on_the_iteration_stands_until_the_newest_is_asked_for(tmp_path: Path) -> None:
    config = CondenseConfig(dataset="digits", width=8, real_batch=8, images_per_class=1, iterations=9)
    run = create_run(tmp_path, config, DIGITS, make_plan(config, DIGITS.shape, 10, "cpu"), "Goes on")
    steps = record(run, DIGITS)
    while run.snapshots()[-1:] != [2]:
        next(steps)
    page = opened(run, None)
    assert "Iteration 2 → 3" in text_of(page)
    while run.snapshots()[-1] < 4:
        next(steps)
    page.selectbox(key=f"watch_step_class_{run.id}").select_index(3)
    text = words(run_page(page))
    assert "Iteration 2 → 3" in text
    assert "real images of the class 3" in text
    assert "Iteration 2 → 3" in text_of(run_page(page))
    page.button(key="watch_step_newest").click()
    assert f"Iteration {run.snapshots()[-1]} → " in text_of(run_page(page))
    for _ in steps:
        pass
    page.session_state["at"] = 3
    assert "Iteration 3 → 4" in text_of(run_page(page))
    assert not [button for button in page.button if button.key == "watch_step_newest"]
