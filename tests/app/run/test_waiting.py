"""A paused run holds the queue: whoever waits for it, or is about to, reads its name and has the way out."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from support.jobs import ended, resume, start
from support.pages import run_page, switch_page, text_of
from support.small_runs import TINY, record_run
from support.waiting import until

from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.run.waiting import after_words, go_on, waits_for

LONG = TINY.model_copy(update={"iterations": 100_000})
SECOND = TINY.model_copy(update={"iterations": 100_000, "seed": 1})


def read(page: AppTest) -> str:
    """What a person reads on a page."""
    return text_of(page).replace("\\", "")


@pytest.fixture
def paused(process_manager: JobManager) -> Job:
    """A run of somebody else that is paused after its first images."""
    job = start(process_manager, LONG, "Digits of the morning")
    until(lambda: job.snapshot is not None)
    job.throttle.pause()
    until(lambda: job.state == "paused")
    return job


@pytest.fixture
def form(visit: AppTest, process_manager: JobManager) -> AppTest:
    """The set-up form of a session that follows no job."""
    setup = {"dataset": "digits", "width": "8", "depth": "1", "iterations": "9"}
    return switch_page(visit, "watch.py", setup="open", **setup)


def test_before_the_click_the_form_says_which_run_holds_the_place_and_stops_it(
    form: AppTest, paused: Job, process_manager: JobManager
) -> None:
    page = run_page(form)
    assert page.button(key="watch_start").label == "Start after the paused run"
    assert "A new run waits for “Digits of the morning”, which is paused." in read(page)
    page.button(key="watch_start_stop_it").click()
    run_page(page)
    assert ended(paused) == "stopped"
    until(lambda: process_manager.current is not paused)
    assert not process_manager.queued
    assert "watch_start_stop_it" not in {button.key for button in run_page(page).button}


def test_a_job_that_waits_for_a_paused_run_names_it_and_lets_it_go_on(
    form: AppTest, paused: Job, process_manager: JobManager
) -> None:
    page = run_page(form)
    page.button(key="watch_start").click()
    page = run_page(page)
    (waiting,) = process_manager.queued
    assert f"“{waiting.title}” waits for “Digits of the morning”, which is paused." in read(page)
    assert {"watch_waits_stop_it"} == {b.key for b in page.button if str(b.key).endswith("stop_it")}, "once"
    page.button(key="watch_waits_go_on").click()
    run_page(page)
    until(lambda: paused.state == "running")
    process_manager.cancel(waiting)


def test_on_every_other_page_the_bar_says_it_and_stops_the_run(
    form: AppTest, paused: Job, process_manager: JobManager
) -> None:
    start(process_manager, SECOND, "Digits of the evening", queue=True)
    page = run_page(form.switch_page("../pages/runs.py"))
    assert "“Digits of the evening” waits for “Digits of the morning”, which is paused." in read(page)
    page.button(key="run_bar_stop_it").click()
    run_page(page)
    assert ended(paused) == "stopped"


def test_beside_the_paused_run_itself_its_own_buttons_are_enough(
    form: AppTest, paused: Job, process_manager: JobManager
) -> None:
    start(process_manager, SECOND, "Digits of the evening", queue=True)
    page = run_page(form)
    page.button(key="run_bar_watch").click()
    page = run_page(page)
    assert "“Digits of the evening” waits for “Digits of the morning”, which is paused." in read(page)
    assert "run_bar_stop_it" not in {button.key for button in page.button}
    assert page.button(key="pause").label == "Go on"


def test_a_queued_run_says_on_its_card_and_on_its_page_what_it_waits_for(
    visit: AppTest, root: Path, process_manager: JobManager
) -> None:
    root.mkdir(exist_ok=True)
    stopped = record_run(root, LONG, "Digits of the night", steps=3)
    first = start(process_manager, SECOND, "Digits of the morning")
    until(lambda: first.snapshot is not None)
    resume(process_manager, stopped.id, queue=True)
    page = switch_page(visit, "runs.py")
    assert "Queued: waits for “Digits of the morning”, which is running." in read(page)
    page = switch_page(visit, "watch.py", run=stopped.id)
    assert "This run waits for “Digits of the morning”, which is running." in read(page)
    assert "watch_waits_stop_it" not in {button.key for button in page.button}, "it will end by itself"


def test_a_run_that_goes_on_at_each_click_holds_the_place_too(process_manager: JobManager) -> None:
    job = start(process_manager, LONG, "Digits by click", speed="step")
    assert after_words(process_manager) == " after the running job", "it is not paused"
    until(lambda: job.snapshot is not None)
    assert process_manager.holding is job
    assert waits_for(process_manager) == "waits for “Digits by click”, which is going on at each click"
    go_on(job)
    assert process_manager.holding is None
    assert job.speed == "full"
