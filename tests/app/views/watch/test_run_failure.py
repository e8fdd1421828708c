"""A run that failed: what is stored is named, and a diverged one's set-up comes back with smaller rates."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.pages import html_of, open_page, run_page
from support.small_runs import record_run
from support.waiting import until

from app.jobs.manager import JobManager
from app.run.images.stored import kept_sentence
from app.views.watch.run_failure import with_slower_steps
from dmcore.config import CondenseConfig, SetChange
from dmcore.runs.runs_root import list_runs

TINY = CondenseConfig(
    dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, iterations=40, image_lr=1e30
)
REMEDY = "watch_run_remedy"


def diverged(manager: JobManager) -> str:
    manager.warm_up()
    until(lambda: manager.device is not None)
    with pytest.raises(ValueError, match=r"finite|number"):
        record_run(manager.runs_root, TINY, "Ran away")
    (run,) = list_runs(manager.runs_root)
    return run.id


def test_a_diverged_run_names_what_is_stored_and_one_click_fills_in_smaller_steps(
    process_manager: JobManager,
) -> None:
    run_id = diverged(process_manager)
    page = open_page("watch.py", run=run_id)
    (failure,) = page.error
    (run,) = list_runs(process_manager.runs_root)
    error = run.error()
    assert error is not None
    assert error.sentence.lower() in failure.value.replace("\\", "").lower()
    assert f"images of iteration {run.snapshots()[-1]} are stored" in failure.value
    page.button(key=REMEDY).click()
    run_page(page)
    assert any("The set-up differs from the run on screen" in html for html in html_of(page))
    page.button(key="watch_start_this").click()
    run_page(page)
    until(lambda: len(list_runs(process_manager.runs_root)) == 2)
    (newest,) = (other for other in list_runs(process_manager.runs_root) if other.id != run_id)
    assert newest.config is not None
    assert newest.config.image_lr == 1e29


def test_each_rate_becomes_a_tenth_and_a_set_without_one_keeps_the_runs() -> None:
    config = TINY.model_copy(
        update={"image_lr": 0.7, "sets": (SetChange(init="noise"), SetChange(image_lr=30.0))}
    )
    slower = with_slower_steps(config)
    assert slower.image_lr == 0.07
    assert [of_set.image_lr for of_set in slower.sets] == [None, 3.0]


def test_of_a_run_without_images_none_are_promised(root: Path) -> None:
    run = record_run(root, TINY.model_copy(update={"image_lr": 1.0, "iterations": 2}), "Fine")
    assert "up to iteration 2 are stored" in kept_sentence(run)
    for name in run.set_names:
        for file in run.snapshot_folder(name).iterdir():
            file.unlink()
    assert kept_sentence(run) == "No images of it are stored."


def test_a_failure_without_a_remedy_has_no_button() -> None:
    def script() -> None:
        from app.components.states import show_failure

        show_failure("none", "It broke: mend it.", "Nothing is lost.")

    page = AppTest.from_function(script).run()
    assert page.error[0].value.replace("\\", "") == "It broke: mend it. Nothing is lost."
    assert not page.button
