"""The recorded run beside the set-up form: the nearest one of that data set, named so, a click away."""

import pytest
from support.pages import open_page, run_page, text_of

from app.data.recorded import nearest_recorded_run, set_recorded_hidden
from app.data.stored_results import evaluation_results
from app.jobs.manager import JobManager
from app.jobs.run_presets import FROM_NOISE
from dmcore.config import CondenseConfig
from dmcore.runs.results.plain_verdict import run_verdict


@pytest.fixture
def shipped(process_manager: JobManager, monkeypatch: pytest.MonkeyPatch) -> JobManager:
    """A manager of its own, and the gallery that comes with the program."""
    monkeypatch.delenv("DM_GALLERY")
    return process_manager


def test_the_first_preset_was_recorded_and_is_opened_by_a_click(shipped: JobManager) -> None:
    page = open_page("watch.py")
    text = text_of(page).replace("\\", "")
    assert "Recorded with this set-up" in text
    run = nearest_recorded_run(FROM_NOISE.config)
    assert run is not None
    verdict = run_verdict(run, evaluation_results(run))
    assert verdict is not None
    assert verdict.sentence.replace("\u202f", " ") in text
    assert "Recorded 2" in text, "the day"
    assert "This command computes it again:" in text
    assert "It tests the newest run: start no other run until it has ended." in text
    page.button(key="watch_recorded_open").click()
    run_page(page)
    assert page.query_params["run"] in (run.id, [run.id])


def test_other_settings_are_named(shipped: JobManager) -> None:
    text = text_of(open_page("watch.py", iterations="9")).replace("\\", "")
    assert "Recorded with another set-up" in text
    assert "1 image per class" in text


def test_the_nearest_is_of_the_same_data_set_and_the_fewest_other_settings(shipped: JobManager) -> None:
    ten = CondenseConfig(dataset="fashion", images_per_class=10)
    run = nearest_recorded_run(ten)
    assert run is not None
    assert run.config is not None
    assert (run.config.dataset, run.config.images_per_class) == ("fashion", 10)
    assert nearest_recorded_run(ten.model_copy(update={"dataset": "CIFAR10"})) is None


def test_where_recorded_results_are_hidden_a_button_takes_their_place(shipped: JobManager) -> None:
    set_recorded_hidden(True)
    page = open_page("watch.py")
    assert "Recorded with" not in text_of(page)
    assert page.button(key="watch_answer_recorded_show").label == "Show recorded results"
