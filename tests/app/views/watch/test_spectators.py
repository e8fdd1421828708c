"""The Watch page of one session while another starts, judges and deletes runs: it stays, and offers them."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.jobs import start
from support.pages import lines_of, run_page, switch_page, text_of
from support.waiting import until

from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.setup.person import person_hash
from dmcore.config import CondenseConfig

OTHERS = CondenseConfig(
    dataset="digits", images_per_class=1, width=8, depth=1, real_batch=4, init="noise", iterations=100_000
)
"""A set-up that differs from a fresh form."""


@pytest.fixture
def form(visit: AppTest, process_manager: JobManager) -> AppTest:
    """The Watch page with its form on screen, torch loaded."""
    process_manager.warm_up()
    until(lambda: process_manager.device is not None)
    page = switch_page(visit, "watch.py", setup="open")
    assert page.button(key="watch_start").label == "Start"
    return page


def started(manager: JobManager, config: CondenseConfig = OTHERS) -> Job:
    """Another session's run, with its first images."""
    job = start(manager, config)
    until(lambda: job.snapshot is not None)
    return job


def keys(page: AppTest) -> set[str]:
    return {str(button.key) for button in page.button}


def test_the_form_stays_when_another_session_starts_a_run_and_offers_it(
    form: AppTest, process_manager: JobManager
) -> None:
    form.number_input(key="iterations").set_value(321)
    run_page(form)
    job = started(process_manager)
    page = run_page(form)
    assert page.button(key="watch_start").label == "Start after the running job"
    assert page.number_input(key="iterations").value == 321
    assert "run" not in page.query_params
    assert job.title in lines_of(page)[-1]
    assert page.button(key="run_bar_watch").label == "Watch it"


def test_one_click_puts_anothers_run_on_screen_and_fills_the_untouched_form_with_its_set_up(
    form: AppTest, process_manager: JobManager
) -> None:
    job = started(process_manager)
    page = run_page(form)
    page.button(key="run_bar_watch").click()
    run_page(page)
    assert page.query_params["run"] in (job.run_id, [job.run_id])
    assert "running" in text_of(page)
    assert page.number_input(key="iterations").value == 100_000
    assert page.query_params["iterations"] in ("100000", ["100000"])
    assert "run_bar_watch" not in keys(page)


def test_the_offer_opens_the_watch_page_from_every_other_page(
    form: AppTest, process_manager: JobManager
) -> None:
    job = started(process_manager)
    for page_file in ("runs", "accuracy", "compare"):
        page = run_page(form.switch_page(f"../pages/{page_file}.py"))
        page.button(key="run_bar_watch").click()
        run_page(page)
        assert page.query_params["run"] in (job.run_id, [job.run_id])
        assert page.button(key="pause").label == "Pause"


def test_who_opens_the_app_while_a_run_is_on_sees_it_unless_the_link_brings_a_set_up(
    visit: AppTest, process_manager: JobManager
) -> None:
    job = started(process_manager)
    second = AppTest.from_file(str(visit._script_path), default_timeout=60)
    second.query_params["width"] = "64"
    page = run_page(second)
    assert page.button(key="watch_start").label == "Start after the running job"
    assert "run" not in page.query_params
    page = run_page(visit)
    assert page.query_params["run"] in (job.run_id, [job.run_id])


def test_new_run_shows_the_form_although_another_run_is_on(
    form: AppTest, process_manager: JobManager, tmp_path: Path
) -> None:
    first = started(process_manager, OTHERS.model_copy(update={"iterations": 2}))
    until(lambda: first.state == "finished")
    form.query_params["run"] = str(first.run_id)
    page = run_page(form)
    started(process_manager)
    page = run_page(page)
    page.button(key="new_run").click()
    run_page(page)
    assert page.button(key="watch_start").label == "Start after the running job"


def test_a_session_follows_its_own_run_from_the_queue_onto_the_screen(
    form: AppTest, process_manager: JobManager
) -> None:
    others = started(process_manager)
    for key, value in (("width", 8), ("real_batch", 4), ("iterations", 90_000)):
        form.number_input(key=key).set_value(value)
    page = run_page(form)
    page.button(key="watch_start").click()
    run_page(page)
    assert f"waits for “{others.title}”, which is running" in text_of(page)
    process_manager.stop()
    until(lambda: process_manager.current is not others and process_manager.current.snapshot is not None)
    page = run_page(page)
    assert page.query_params["run"] in (process_manager.current.run_id, [process_manager.current.run_id])


@pytest.mark.parametrize("person", ["who queued it", "somebody else"])
def test_a_queued_job_is_followed_after_a_reload_by_who_queued_it_alone(
    visit: AppTest, process_manager: JobManager, monkeypatch: pytest.MonkeyPatch, person: str
) -> None:
    monkeypatch.setattr("app.setup.person.person_id", lambda: "who queued it")
    started(process_manager)
    start(process_manager, OTHERS, "Mine", queue=True, started_by=person_hash())
    monkeypatch.setattr("app.setup.person.person_id", lambda: person)
    visit.query_params["iterations"] = "321"
    page = run_page(visit)
    assert ("“Mine” waits for" in text_of(page)) is (person == "who queued it")
    assert page.number_input(key="iterations").value == 321
