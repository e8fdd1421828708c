"""The front page in a real Chromium: it moves by itself, fits, stands still where wanted, and leads on."""

import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support.servers import with_key
from support.waiting import PATIENCE
from support.watching import MOVED, START_HERE, follow, press, run_of, stage

from app.jobs.run_presets import FROM_NOISE
from app.views.watch.front_recording import SENTENCE, TITLE, front_recording

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TEN, REAL, FRONT = "canvas.ten[data-iteration]", "canvas.real", ".st-key-watch_front"
FIRST = "#dm-first"
"""Title and sentence in the HTML that the server sends."""
PIXELS = """
canvas => {
  const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return Array.from(data).filter((_, index) => index % 4 === 0);
}"""
TALL = "document.querySelector('[data-testid=\"stMain\"]').scrollHeight"
WIDE = "document.scrollingElement.scrollWidth"


@pytest.fixture
def still(app, profile):
    """The front page where less motion is preferred."""
    page = profile.new_page()
    page.emulate_media(reduced_motion="reduce")
    page.goto(with_key(app.address))
    expect(page.locator(TEN)).to_be_visible(timeout=PATIENCE * 1000)
    yield page
    page.close()


def red(page, canvas):
    return np.array(page.locator(canvas).evaluate(PIXELS), dtype=float)


def test_noise_becomes_clothes_by_itself_and_again(visit):
    page = visit(hurried=True)
    page.locator(MOVED).wait_for(timeout=PATIENCE * 1000)
    early = red(page, TEN)
    end = front_recording().iterations[-1]
    expect(page.locator(TEN)).to_have_attribute("data-iteration", str(end), timeout=PATIENCE * 1000)
    late = red(page, TEN)
    assert early.std() > 20
    assert np.abs(early - late).mean() > 10
    assert red(page, REAL).std() > 20
    expect(page.locator(TEN)).to_have_attribute("data-iteration", "0", timeout=PATIENCE * 1000)
    expect(page.locator(TEN)).not_to_have_attribute("data-iteration", "0", timeout=PATIENCE * 1000)


def test_pause_stands_still_and_keys_go_through_time(visit):
    page = visit()
    page.locator(MOVED).wait_for(timeout=PATIENCE * 1000)
    page.get_by_role("button", name="Pause").press("Enter")
    expect(page.get_by_role("button", name="Play")).to_be_focused()
    stands = page.locator(TEN).get_attribute("data-iteration")
    page.wait_for_timeout(1500)  # three moments
    assert page.locator(TEN).get_attribute("data-iteration") == stands
    slider = page.get_by_role("slider", name="Iteration")
    slider.press("Home")
    expect(page.locator(TEN)).to_have_attribute("data-iteration", "0")
    slider.press("ArrowRight")
    second = front_recording().iterations[1]
    expect(page.locator(TEN)).to_have_attribute("data-iteration", str(second))
    expect(slider).to_have_attribute("aria-valuetext", re.compile(rf"^iteration {second} of 500"))


def test_with_less_motion_the_picture_is_finished_and_a_button_steps(still):
    end = str(front_recording().iterations[-1])
    expect(still.locator(TEN)).to_have_attribute("data-iteration", end)
    still.wait_for_timeout(1500)
    expect(still.locator(TEN)).to_have_attribute("data-iteration", end)
    (learned,) = (mark for mark in front_recording().marks if mark.method == "learned")
    star = still.locator(".track .mark.learned")
    expect(star).to_contain_text(f"{learned.percent:.1f}\u00a0% after iteration {end}")
    press(still, "Next moment")
    expect(still.locator(TEN)).to_have_attribute("data-iteration", "0")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_all_of_it_is_on_one_screen_and_nothing_bars_the_way(app, open_page, theme):
    page = open_page(app.address, theme=theme, fresh=True)
    expect(page.locator(TEN)).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.get_by_role("button", name="Set up a run of your own")).to_be_in_viewport()
    page.evaluate("document.fonts.ready")
    assert page.evaluate(TALL) <= 720
    marks = page.locator(".track .mark")
    expect(marks).to_have_count(len(front_recording().marks))
    for mark in front_recording().marks:
        if mark.method != "learned":  # it moves
            expect(marks.filter(has_text=f"{mark.percent:.1f}")).to_have_count(1)
    expect(marks.filter(has_text="after iteration")).to_have_count(1)
    found = [
        each for each in Axe().run(page).response["violations"] if each["impact"] in ("serious", "critical")
    ]
    assert found == [], [(each["id"], [node["html"][:120] for node in each["nodes"]]) for each in found]


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (390, 844)])
def test_title_and_sentence_are_there_before_streamlit_is_and_stay_where_they_are(app, open_page, size):
    page = open_page(app.address, width=size[0], height=size[1], fresh=True)
    expect(page.locator(TEN)).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator(FIRST)).to_have_count(0)
    title, sentence = page.locator(f"{FRONT} h1"), page.locator(f"{FRONT} h1 + p")
    there = [each.bounding_box() for each in (title, sentence)]
    page.route("**/static/js/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload(wait_until="commit")
    first = [page.locator(f"{FIRST} {name}") for name in ("b", "p")]
    expect(first[0]).to_have_text(TITLE)
    expect(first[1]).to_have_text(SENTENCE)
    page.evaluate("document.fonts.ready")
    for before, after in zip((each.bounding_box() for each in first), there, strict=True):
        assert (before["x"], before["y"]) == pytest.approx((after["x"], after["y"]), abs=1)


def test_a_phone_shows_the_pictures_first_and_accuracies_as_rows(app, open_page):
    page = open_page(app.address, width=390, height=844, theme="dark", fresh=True)
    for canvas in (REAL, TEN):
        expect(page.locator(canvas)).to_be_in_viewport(ratio=1, timeout=PATIENCE * 1000)
    assert page.evaluate(WIDE) <= 390
    expect(page.locator(".rows dt")).to_have_count(len(front_recording().marks))
    page.get_by_role("button", name="Pause").press("Enter")
    page.get_by_role("slider", name="Iteration").press("End")  # the rows are in the order of the end
    end = str(front_recording().iterations[-1])
    expect(page.locator(TEN)).to_have_attribute("data-iteration", end)
    percents = [float(text.split()[0]) for text in page.locator(".rows .value").all_inner_texts()]
    assert percents == sorted(percents, reverse=True)


def test_how_it_was_recorded_is_said_with_the_command(visit):
    page = visit()
    page.get_by_text("recorded: how?").click()
    panel = page.locator(".how .panel")
    for source in front_recording().sources:
        expect(panel).to_contain_text(f"{source.command}{source.remarks}")  # what it needs is said after it
    expect(panel).to_contain_text("Recorded")
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_text("recorded: how?")).to_be_focused()


@pytest.mark.parametrize(("door", "path"), [("How it works", "/how_it_works"), ("The paper, live", "/paper")])
def test_a_door_leads_where_it_says_and_back(app, visit, door, path):
    page = visit()
    page.get_by_role("button", name=door).click(timeout=PATIENCE * 1000)
    page.wait_for_url(re.compile(rf"{path}(\?|$)"))
    expect(page.locator(FRONT)).to_have_count(0)
    page.go_back()
    expect(page.locator(TEN)).to_be_visible(timeout=PATIENCE * 1000)


def test_own_images_ask_for_a_path_and_the_navigation_leads_back(visit):
    page = visit()
    page.get_by_role("button", name="Own images").click(timeout=PATIENCE * 1000)
    expect(page.get_by_label("Folder or zip", exact=True)).to_be_visible(timeout=PATIENCE * 1000)
    follow(page, "Start page")
    expect(page.locator(TEN)).to_be_visible(timeout=PATIENCE * 1000)
    assert "?" not in page.url
    press(page, "Set up a run of your own")
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled(timeout=PATIENCE * 1000)
    page.reload()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled(timeout=PATIENCE * 1000)


def test_one_click_starts_the_first_preset_in_the_place_of_the_front(app, visit):
    page = visit()
    page.get_by_role("button", name=START_HERE).click(timeout=PATIENCE * 1000)
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator(FRONT)).to_have_count(0)
    assert run_of(app, page).config == FROM_NOISE.config
    press(page, "Stop")
    press(page, "New run")
    follow(page, "Start page")
    expect(page.get_by_role("button", name="Go on with your last run")).to_be_visible(timeout=PATIENCE * 1000)
