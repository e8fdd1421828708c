"""Presenter mode in a browser: it outlasts the start of a run, and its key works on every page."""

import pytest
from playwright.sync_api import expect
from support.waiting import PATIENCE, until
from support.watching import START_HERE, says, stage

LEAVE, HEADER = ".st-key-app_presenter_leave", "[data-testid='stHeader']"
LISTENS = ".st-key-app_top [data-testid='stElementContainer'][style*='absolute']"
"""The keys' element, once it listens."""
OBSERVE = """
window.seen = [];
window.watching = setInterval(() => {
  const frames = document.querySelectorAll('LEAVE button').length;
  const header = document.querySelector("HEADER");
  window.seen.push([frames, header !== null && getComputedStyle(header).display !== 'none']);
}, 50);
""".replace("LEAVE", LEAVE).replace("HEADER", HEADER)


def test_it_stays_while_a_run_starts_from_the_start_page_and_has_one_frame(visit):
    page = visit("?presenter=true")
    start = page.get_by_role("button", name=START_HERE)
    expect(start).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator(LEAVE)).to_be_visible()
    page.evaluate(OBSERVE)
    start.click()
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    says(page, "iteration", seconds=PATIENCE)
    page.wait_for_function("window.seen.length > 100")
    seen = page.evaluate("window.seen")
    assert max(frames for frames, _ in seen) == 1
    assert min(frames for frames, _ in seen[-40:]) == 1
    assert not any(header for _, header in seen), "the navigation never came back"
    assert "presenter=true" in page.url
    frame = page.locator(".st-key-app_presenter_frame")
    frame.get_by_role("button", name="Pause").click()
    expect(frame.get_by_role("button", name="Go on")).to_be_visible()
    page.get_by_role("button", name="Leave (P)").click()
    expect(page.locator(HEADER)).to_be_visible()
    assert "presenter" not in page.url


@pytest.mark.parametrize("path", ["how_it_works", "paper", "accuracy", "runs", "watch?setup=open"])
def test_its_key_turns_it_on_and_off_on_every_page(visit, path):
    page = visit(path)
    expect(page.locator(LISTENS)).to_have_count(1, timeout=PATIENCE * 1000)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    page.keyboard.press("p")
    expect(page.locator(LEAVE)).to_be_visible()
    expect(page.locator(HEADER)).to_be_hidden()
    page.keyboard.press("p")
    expect(page.locator(LEAVE)).to_have_count(0)
    expect(page.locator(HEADER)).to_be_visible()


@pytest.mark.parametrize("path", ["", "watch?setup=open", "how_it_works", "runs"])
def test_the_name_stands_at_one_place_on_every_page_and_leads_to_the_start_page(visit, path):
    page = visit(path)
    item = page.get_by_role("link", name="Start page", exact=True)
    expect(item).to_be_visible(timeout=PATIENCE * 1000)
    logo = page.locator("[data-testid='stHeader'] :has(> .stLogo)").first
    named = "node => getComputedStyle(node, '::after').content === '\"dm-explorer\"'"
    until(lambda: logo.evaluate(named), "the name stands beside the mark")
    assert item.bounding_box()["x"] == pytest.approx(151, abs=25), "right of mark and name"
    if path:
        page.get_by_test_id("stLogoLink").click()
        expect(page.get_by_role("button", name=START_HERE)).to_be_visible(timeout=PATIENCE * 1000)
