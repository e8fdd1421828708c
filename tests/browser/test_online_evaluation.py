"""The accuracy curve in a real browser: it grows in place while a run condenses, and survives a reload."""

import pytest
from playwright.sync_api import expect
from support.waiting import PATIENCE, until
from support.watching import SMALL, press, run_of, says, stage, start

from app.data.stored_results import stored_results
from dmcore.runs.results.accuracy_curves import accuracy_curves
from dmcore.runs.results.online_evaluation_time import read_online_evaluation_time

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WAIT = 2 * PATIENCE * 1000
# by its key: while the loss gives way to it, both figures stand on the page
FIGURE = ".st-key-watch_online_evaluation .live-figure[data-revision]"


def revision(page):
    return int(page.locator(FIGURE).get_attribute("data-revision"))


def beyond(page, points):
    page.wait_for_function(
        "([node, points]) => +node.dataset.revision > points",
        arg=[page.locator(FIGURE).element_handle(), points],
        timeout=WAIT,
    )


def test_the_curve_grows_without_a_reload_and_stands_there_after_one(app, visit):
    page = visit(f"?{SMALL}&iterations=20000")
    run = start(app, page)
    page.get_by_text("accuracy", exact=True).click()
    page.get_by_text("40 %", exact=True).click()
    figure = page.locator(FIGURE)
    expect(figure).to_be_visible(timeout=WAIT)
    expect(figure).to_contain_text("test accuracy (%)")
    figure.evaluate("node => { node.tag = 1; }")
    beyond(page, 0)
    drawn = revision(page)
    beyond(page, drawn)
    assert figure.evaluate("node => node.tag") == 1  # the same node: never drawn anew
    expect(figure).to_contain_text("of the time (at most 40 %)")
    assert "% (2 networks)" in figure.get_attribute("aria-label").replace("\u00a0", " ")
    assert stage(page).is_visible()

    press(page, "Pause")
    says(page, "paused")
    stored = accuracy_curves(run, stored_results(run)).count
    assert stored >= 2
    page.reload()
    expect(figure).to_be_visible(timeout=WAIT)
    page.wait_for_function(
        "([node, points]) => +node.dataset.revision === points",
        arg=[figure.element_handle(), stored],
        timeout=WAIT,
    )
    press(page, "Go on")
    beyond(page, stored)

    press(page, "Stop")
    says(page, "stopped")
    run = run_of(app, page)
    until(lambda: read_online_evaluation_time(run) is not None, "what it cost is kept")
    taken = read_online_evaluation_time(run)
    assert 0 < taken.used < 0.45
    assert len(accuracy_curves(run, stored_results(run)).by_set["real-1"]) >= 2
