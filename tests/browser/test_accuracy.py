"""The Accuracy page in a real Chromium: numbers arrive by themselves, stay over a reload, and open up."""

import re

import pytest
from playwright.sync_api import expect
from support.small_runs import TINY, record_run
from support.waiting import PATIENCE, until
from support.watching import SHORT, at_work, follow, press, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIZES = "data=Digits&sizes=1&methods=Random&methods=Mean+image&methods=DM&seeds=1&repeats=6"
LINE = ".st-key-table_status"
FIGURE = ".st-key-accuracy_figure .live-figure"


@pytest.fixture(scope="module")
def app(app_without_recorded):
    """Its pages show nothing but what is run here."""
    return app_without_recorded


def figure(page):
    return page.locator(FIGURE)


def revision(page):
    return int(figure(page).get_attribute("data-revision") or -1)


def stopped_or_finished(page):
    expect(page.locator(LINE)).to_contain_text(re.compile("finished|stopped"), timeout=2 * PATIENCE * 1000)


def test_numbers_arrive_without_reload_stay_over_one_and_open_into_classes(start_without_recorded, open_page):
    app = start_without_recorded()  # a second try finds nothing of the first
    page = open_page(f"{app.address}/accuracy?{SIZES}&preset=laptop")
    expect(page.locator(LINE)).to_contain_text("not started", timeout=PATIENCE * 1000)
    expect(figure(page)).to_have_attribute("data-revision", "0", timeout=PATIENCE * 1000)
    figure(page).evaluate("node => { node.tag = 1; }")
    press(page, "Run this table")
    until(lambda: revision(page) >= 1, "the first point arrives")
    seen = revision(page)
    until(lambda: revision(page) > seen, "another point arrives")
    assert figure(page).evaluate("node => node.tag") == 1  # never mounted again
    expect(page.locator("table.results")).to_contain_text("(1 set × ", timeout=PATIENCE * 1000)
    until(lambda: revision(page) >= 12, "random and mean image have their networks")
    press(page, "Stop")
    stopped_or_finished(page)
    points = revision(page)
    page.reload()
    until(lambda: revision(page) >= points, "all are there again, and what was trained until it stopped")
    assert all(part in page.url for part in ("sizes=1", "methods=DM", "seeds=1", "repeats=6"))
    page.get_by_text("Which classes are confused").click()
    matrix = page.locator(".st-key-accuracy_confusion_matrix .live-figure[data-revision]")
    expect(matrix).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.get_by_text("Most often confused")).to_be_visible()
    assert "confusion=true" in page.url
    images = page.locator(".st-key-accuracy_images canvas")
    expect(images).to_have_attribute("aria-label", re.compile("first images of 10 classes"))


def test_a_page_whose_choices_are_in_the_address_is_left_for_the_watch_page(app, visit):
    page = visit("accuracy?compare=my+runs")
    page.get_by_role("button", name="Go to Watch").click()
    page.wait_for_url("**/watch*")
    expect(page.get_by_text("encountered an error")).to_have_count(0)
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_visible(timeout=PATIENCE * 1000)
    assert "compare" not in page.url


def test_a_table_waits_behind_a_run_and_is_filled_after_it(app, visit):
    page = visit(f"?{SHORT}")
    start(app, page)
    page = visit("accuracy?data=Digits")
    fill = page.get_by_role("button", name="Queue this table", exact=True)
    if at_work(app):
        fill.click(timeout=PATIENCE * 1000)
        expect(page.locator(LINE)).to_contain_text(re.compile("queued|running"), timeout=PATIENCE * 1000)
    expect(page.locator(LINE)).to_contain_text("running", timeout=2 * PATIENCE * 1000)
    until(lambda: revision(page) >= 1, "the first point arrives")
    press(page, "Stop")
    stopped_or_finished(page)


def test_two_runs_of_ones_own_are_chosen_and_stand_in_the_address(app, visit):
    page = visit("accuracy?data=Digits&compare=my+runs")
    chosen = page.get_by_role("combobox", name=re.compile("Sets of images"))
    expect(chosen).to_be_visible(timeout=PATIENCE * 1000)
    chosen.click()
    page.get_by_role("option").first.click()
    page.wait_for_url(re.compile(r"[?&]sets=[a-z0-9-]+%3A[a-z0-9_-]+%40\d+"))
    expect(page.locator(LINE)).to_contain_text("not started", timeout=PATIENCE * 1000)
    page.keyboard.press("Escape")  # the list of sets hides what is behind it
    follow(page, "Runs")
    page.wait_for_url(re.compile("/runs"))
    follow(page, "Accuracy")
    page.wait_for_url(re.compile(r"[?&]sets="))  # left and come back to


def test_a_run_brings_its_data_set_along_whatever_was_chosen_before(app, visit):
    run = record_run(app.runs_root, TINY.model_copy(update={"dataset": "fashion"}), "Of clothes")
    page = visit("accuracy")
    choice = page.get_by_role("combobox", name=re.compile("Data set"))
    choice.click()
    page.get_by_role("option", name="Digits").click()
    page.wait_for_url(re.compile(r"[?&]data=Digits"))
    follow(page, "Runs")
    page.locator(f".st-key-open_{run.id} button").first.click()
    page.get_by_role("button", name="Is it any good? Compare").click()
    page.wait_for_url(re.compile(r"/accuracy.*compare=my(\+|%20)runs"))
    expect(choice).to_have_value("Fashion-MNIST subset")  # the first of all, so not in the address
    expect(page.locator(LINE)).to_contain_text("not started")
    follow(page, "Runs")
    follow(page, "Accuracy")
    page.wait_for_url(re.compile(rf"/accuracy.*sets={run.id}"))
    expect(choice).to_have_value("Fashion-MNIST subset")
