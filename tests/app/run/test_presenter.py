"""Presenter mode: the session keeps it on every page, with or without a switch there."""

import json

import pytest
from streamlit.testing.v1 import AppTest
from support.jobs import start
from support.pages import components_of, html_of, run_page
from support.small_runs import TINY
from support.waiting import until

from app.jobs.manager import JobManager

PAGES = ("watch", "how_it_works", "paper", "compare", "runs", "start")


def presents(page: AppTest) -> bool:
    return any("font-size: 28px" in text for text in html_of(page))


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return run_page(page)


def test_it_goes_along_to_every_page_until_it_is_left(visit: AppTest) -> None:
    visit.query_params["presenter"] = "true"
    page = run_page(visit)
    for name in PAGES:
        page.query_params.clear()  # as a link does
        page = run_page(page.switch_page(f"../pages/{name}.py"))
        assert presents(page), name
        assert page.query_params["presenter"] in ("true", ["true"])
    page = press(page, "app_presenter_leave")
    assert not presents(page)
    assert "presenter" not in page.query_params
    assert not presents(run_page(page.switch_page("../pages/paper.py")))


def test_a_run_at_work_has_pause_and_go_on_beside_leave(visit: AppTest, process_manager: JobManager) -> None:
    job = start(process_manager, TINY.model_copy(update={"iterations": 100_000}))
    until(lambda: job.snapshot is not None)
    visit.query_params["presenter"] = "true"
    page = run_page(visit)
    assert page.button(key="app_presenter_pause").label == "Pause run", "a chapter pauses its own motion"
    page = press(page, "app_presenter_pause")
    assert job.held
    until(lambda: job.state == "paused")
    page = run_page(page)
    assert page.button(key="app_presenter_pause").label == "Go on"
    press(page, "app_presenter_pause")
    assert not job.held


def keys_of(page: AppTest, name: str) -> set[str]:
    page.query_params.clear()
    page = run_page(page.switch_page(f"../pages/{name}.py"))
    return {key for proto in components_of(page, "dm_keys") for key in json.loads(proto.json)["keys"]}


def test_only_keys_that_act_on_the_page_are_taken(visit: AppTest, process_manager: JobManager) -> None:
    visit.query_params["presenter"] = "true"
    page = run_page(visit)
    assert keys_of(page, "start") == {"p", "s", "PageDown"}
    job = start(process_manager, TINY.model_copy(update={"iterations": 100_000}), started_by="another")
    until(lambda: job.snapshot is not None)
    assert keys_of(page, "start") == {"p", " ", "PageDown"}
    assert keys_of(page, "how_it_works") == {"p", "PageDown", "PageUp", "ArrowRight"}
    page.query_params["run"] = str(job.run_id)
    page = run_page(page.switch_page("../pages/watch.py"))
    keys = {key for proto in components_of(page, "dm_keys") for key in json.loads(proto.json)["keys"]}
    assert keys == {"p", " ", "n", "l", "c", "f", "PageDown", "PageUp"}


@pytest.mark.parametrize("start_on", [True, False])
def test_the_switch_shows_and_sets_it(visit: AppTest, start_on: bool) -> None:
    if start_on:
        visit.query_params["presenter"] = "true"
    page = run_page(visit)
    switch = page.toggle(key="app_presenter")
    assert switch.value is start_on
    switch.set_value(not start_on)
    page = run_page(page)
    assert presents(page) is not start_on
