"""Race in a real Chromium: it runs, is paused and reloaded, goes on after a stop, and ends with an answer."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 120_000
SIZES = "race_images=1&race_seconds=6&race_seeds=1&race_repeats=1&race_epochs=2&race_width=4&race_real=4"
ADDRESS = f"race?race_data=Digits&{SIZES}"
STATUS, FIGURE = ".st-key-race_status", ".st-key-race_curves .live-figure[data-revision]"


@pytest.fixture
def app(start_without_recorded):
    return start_without_recorded()


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def test_a_race_is_paused_reloaded_stopped_continued_and_ends(app, visit):
    page = visit(ADDRESS)
    expect(page.get_by_text("Nothing ran here yet")).to_be_visible(timeout=PATIENCE)
    press(page, "Run it here")
    press(page, "Pause")
    expect(page.locator(STATUS)).to_contain_text("paused", timeout=PATIENCE)
    page.reload()
    expect(page.locator(STATUS)).to_contain_text("paused", timeout=PATIENCE)
    press(page, "Go on")
    expect(page.locator(FIGURE)).to_be_visible(timeout=PATIENCE)
    press(page, "Stop")
    expect(page.locator(STATUS)).to_contain_text("stopped", timeout=PATIENCE)
    press(page, "Continue")
    expect(page.locator(STATUS)).to_contain_text("finished", timeout=PATIENCE)
    expect(page.locator(STATUS)).to_contain_text("27 of 27 tests")
    expect(page.locator(".st-key-race_answer")).to_contain_text("%", timeout=PATIENCE)
    expect(page.locator(".st-key-race_grid canvas")).to_be_visible(timeout=PATIENCE)
