"""Feature map of a run in progress in a real Chromium: stars move, zoom stays, a star opens, time returns."""

import json
import re
from contextlib import suppress
from itertools import pairwise

import pytest
from playwright.sync_api import TimeoutError, expect
from support.waiting import PATIENCE, until
from support.watching import LONG, at_work, follow, press, start

pytestmark = [pytest.mark.browser, pytest.mark.slow]
CANVAS = ".panel canvas"
# the same set at a pace at which it still moves when the map is there
SETUP = LONG.replace("init=real", "init=noise")


def test_stars_move_while_a_run_is_on_zoom_stays_a_star_opens_and_time_goes_back_to_the_start(app, visit):
    page = visit(f"?{SETUP}")
    run = start(app, page)
    follow(page, "Feature space")
    canvas = page.locator(CANVAS).first
    expect(canvas).to_be_visible(timeout=PATIENCE * 1000)  # by now the fixed t-SNE is fitted
    page.get_by_role("button", name="Zoom in").click()
    expect(canvas).not_to_have_attribute("data-zoom", "1.00")
    zoom = canvas.get_attribute("data-zoom")
    canvas.evaluate("node => { node.tag = 1; }")
    positions = []
    for _ in range(4):
        seen = canvas.get_attribute("data-iteration")
        page.wait_for_function(
            "([node, seen]) => node.dataset.iteration !== seen",
            arg=[canvas.element_handle(), seen],
            timeout=PATIENCE * 1000,
        )
        page.wait_for_timeout(900)  # a glide takes 0.6 s
        positions.append(json.loads(canvas.get_attribute("data-stars")))
    moved = [
        max(abs(a[2] - b[2]) + abs(a[3] - b[3]) for a, b in zip(before, after, strict=True))
        for before, after in pairwise(positions)
    ]
    assert sum(far > 0.5 for far in moved) >= 2, moved  # late in a run a tick may show no move
    assert canvas.get_attribute("data-zoom") == zoom
    assert canvas.evaluate("node => node.tag") == 1
    press(page, "Whole map")
    expect(canvas).to_have_attribute("data-zoom", "1.00")
    label = json.loads(canvas.get_attribute("data-stars"))[3][0]
    inspector = page.locator(".st-key-inspector").filter(has_text=re.compile(rf"^\s*{label}\b"))

    def opens():
        """Click where the star stands; one that set out meanwhile is clicked again, as a person would."""
        _, _, x, y = json.loads(canvas.get_attribute("data-stars"))[3]
        canvas.click(position={"x": x, "y": y})
        with suppress(TimeoutError):
            inspector.wait_for(timeout=5000)
        return inspector.is_visible()

    until(opens, "the star that is clicked is opened")
    expect(inspector.locator("canvas[aria-label*='nearest real images']").first).to_be_visible(
        timeout=PATIENCE * 1000
    )
    page.locator("input[type=range][aria-label='Iteration looked at']").press("Home")
    page.wait_for_url(re.compile(r"[?&]at=0\b"))
    expect(canvas).to_have_attribute("data-iteration", "0", timeout=PATIENCE * 1000)
    expect(page.locator(".st-key-watch_status")).to_contain_text(re.compile(r"on.screen:.iteration.0\b"))
    press(page, "Live")
    until(lambda: run.iteration() > 0 and canvas.get_attribute("data-iteration") != "0", "live again")
    page.get_by_role("link", name="Watch").click()
    expect(
        page.get_by_role("button", name="Resume").or_(page.get_by_role("button", name="Stop"))
    ).to_be_visible(timeout=PATIENCE * 1000)
    press(page, "Stop")
    until(lambda: not at_work(app), "the run stops")
