"""Step-by-step view on a page: every step of an iteration, against what the run folder holds."""

import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from support.pages import open_script, run_page, text_of
from support.recorded_runs import imported
from support.small_runs import record_run

from app.answers.service import Answers
from app.jobs.page_answers import get_page_answers
from app.views.watch.feature_bars import (
    differences_figure,
    largest_differences,
    means_figure,
    shown_features_text,
)
from app.views.watch.step_scene import StepScene
from app.views.watch.steps import STEPS
from app.views.watch.update_question import update_question
from dmcore.config import CondenseConfig, SetChange
from dmcore.data.load import load_dataset
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute import RecomputedUpdate
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
THREE_STARTS = tuple(SetChange(init=init) for init in ("real", "noise", "wrong_class"))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """Three sets on digits, 8 iterations, one snapshot for each."""
    config = CondenseConfig(
        dataset="digits", width=32, real_batch=64, images_per_class=1, iterations=8, sets=THREE_STARTS
    )
    return record_run(tmp_path_factory.mktemp("runs"), config, device="auto")


def opened(run: RunFolder, iteration: int) -> AppTest:
    return open_script(SCRIPT.format(path=str(run.path), iteration=iteration))


def recomputed_update(run: RunFolder, iteration: int, label: int) -> RecomputedUpdate:
    update = get_page_answers().ask(update_question(run, iteration, label), patience=None).value
    assert update is not None
    return update


def test_next_goes_through_every_line_of_the_algorithm_and_back_returns(run: RunFolder) -> None:
    page = opened(run, 4)
    assert page.subheader[0].value == "Iteration 4 → 5, step by step"
    texts = []
    for number, step in enumerate(STEPS, start=1):
        assert f"Step {number} of 7: {step.title}" in text_of(page)
        assert page.button(key="watch_step_back").disabled == (number == 1)
        assert page.button(key="watch_step_next").disabled == (number == 7)
        texts.append(text_of(page))
        if number < 7:
            page.button(key="watch_step_next").click()
            run_page(page)
    assert "It is number 4, a convnet of width 32" in texts[0]
    assert "64 real images of class 0 are drawn" in texts[1]
    assert "They agree" in texts[4]
    assert "amplified ×" in texts[5]
    assert "of 255 on average" in texts[6]
    page.button(key="watch_step_back").click()
    assert "Step 6 of 7" in text_of(run_page(page))
    page.segmented_control(key="watch_step").set_value(1)
    assert "Step 2 of 7" in text_of(run_page(page))


def test_the_loss_on_the_page_is_that_of_the_chosen_set_and_class(run: RunFolder) -> None:
    page = opened(run, 4)
    page.selectbox(key=f"watch_step_set_{run.id}").select_index(1)
    page.selectbox(key=f"watch_step_class_{run.id}").select_index(7)
    page.segmented_control(key="watch_step").set_value(4)
    text = text_of(run_page(page))
    assert f"The run recorded {run.losses('noise-1').loss[4, 7]:.5g} at iteration 5. They agree" in text
    mean = recomputed_update(run, 4, 7).sets["noise-1"].loss.mean()
    assert f"Averaged over all classes it is {mean:.4g}: the dot of iteration 5" in text


def test_another_iteration_keeps_step_and_class_of_the_page(run: RunFolder) -> None:
    page = opened(run, 4)
    page.selectbox(key=f"watch_step_class_{run.id}").select_index(3)
    page.button(key="watch_step_next").click()
    run_page(page)
    page.session_state["at"] = 6
    text = text_of(run_page(page))
    assert "Iteration 6 → 7" in text
    assert "Step 2 of 7" in text
    assert "of class 3 are drawn" in text


def test_after_the_last_iteration_the_page_says_that_nothing_is_recorded(run: RunFolder) -> None:
    page = opened(run, 8)
    page.segmented_control(key="watch_step").set_value(4)
    text = text_of(run_page(page))
    assert "The run stands at iteration 8: this is the update that comes next" in text
    assert "The run recorded" not in text


def test_what_cannot_be_shown_is_a_sentence_and_the_page_stands(run: RunFolder, tmp_path: Path) -> None:
    text = text_of(opened(run, 99))
    assert "choose the nearest, 8" in text
    assert "the page stands" in text
    foreign = imported(tmp_path, run)
    text = text_of(opened(foreign, 0))
    assert "was not condensed here" in text
    assert "the page stands" in text


def test_an_iteration_is_computed_once_in_less_than_a_second(run: RunFolder) -> None:
    recomputed_update(run, 1, 0)
    began = time.perf_counter()
    first = recomputed_update(run, 2, 0)
    assert time.perf_counter() - began < 1
    assert recomputed_update(run, 2, 9) is first, "another class of a small set is there already"


def test_an_iteration_does_not_wait_for_a_job(run: RunFolder) -> None:
    answers = Answers("test", lambda: True)
    assert answers.ask(update_question(run, 1, 0), patience=None).value is not None
    answers.shutdown()


def test_an_iteration_is_computed_again_when_the_run_has_changed(tmp_path: Path) -> None:
    config = CondenseConfig(dataset="digits", width=8, real_batch=8, images_per_class=1, iterations=4)
    run = record_run(tmp_path, config, device="auto")
    first = recomputed_update(run, 4, 0)
    assert first.sets["real-1"].recorded is None
    raw = run.description.model_copy(update={"config": config.model_copy(update={"iterations": 6})})
    (run.path / "run.json").write_text(raw.model_dump_json())
    again = open_run(run.id, tmp_path)
    for _ in record(again, load_dataset("digits")):
        pass
    second = recomputed_update(again, 4, 0)
    assert second.sets["real-1"].recorded is not None


def test_a_remark_says_whether_the_recorded_loss_is_the_computed_one(run: RunFolder) -> None:
    exact, rounded = recomputed_update(run, 8, 0), recomputed_update(run, 4, 0)
    assert (exact.stored_as, rounded.stored_as) == ("float32", "float16")
    assert exact.compare_losses(0.1, 0.1) == "They agree."
    assert exact.compare_losses(0.1, 0.1001).startswith("They do not agree")
    assert rounded.compare_losses(0.1, 0.1001).startswith("They agree to 0.1 %: the images were stored")
    assert rounded.compare_losses(0.1, 0.2).startswith("They do not agree (50 % apart)")


def test_ten_of_many_images_are_shown_and_counted(tmp_path: Path) -> None:
    config = CondenseConfig(dataset="digits", width=8, real_batch=8, images_per_class=12, iterations=2)
    scene = StepScene(
        run := record_run(tmp_path, config, device="auto"), recomputed_update(run, 1, 2), "real-12", 2
    )
    assert len(scene.display_images(scene.images.before)) == 10
    assert len(scene.real.stored) == 8
    assert "all 12 synthetic images" in text_of(shown_step(run, 1))


def shown_step(run: RunFolder, step: int) -> AppTest:
    return open_script(SCRIPT.format(path=str(run.path), iteration=1), watch_step=step)


def test_the_features_that_differ_most_come_first() -> None:
    real = np.zeros(2048, np.float32)
    synthetic = np.linspace(-1, 0.5, 2048, dtype=np.float32)
    chosen = largest_differences(real, synthetic)
    assert list(chosen[:3]) == [0, 1, 2]
    assert len(chosen) == 40
    assert (
        shown_features_text(40, 2048).replace("\u202f", " ") == "40 of 2 048 features, those that differ most"
    )
    means, differences = means_figure(real, synthetic), differences_figure(real, synthetic)
    assert [len(trace["y"]) for trace in means["data"]] == [40, 40]  # type: ignore[attr-defined]
    np.testing.assert_allclose(differences["data"][0]["y"], -synthetic[:40])  # type: ignore[index]
    assert differences["data"][0]["customdata"][0] == "0"  # type: ignore[index]
