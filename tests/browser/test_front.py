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
from app.server.first_paint import EARLY_MOMENTS
from app.views.watch.front_recording import SENTENCE, TITLE, front_recording

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FRONT = ".st-key-watch_front"
TEN, REAL = f"{FRONT} canvas.ten[data-iteration]", "canvas.real"
FIRST = "#dm-first"
"""First paint: what is in the HTML that the server sends."""
EARLY = f"{FIRST} canvas.ten[data-iteration]"
SCRIPTS = "**/static/js/**"
"""Streamlit's."""
SHOWN = """
(() => {
  window.shown = [];
  const look = () => {
    const all = [...document.querySelectorAll('*')].flatMap(node =>
      node.shadowRoot ? [[node.id, node.shadowRoot.querySelector('canvas.ten')]] : []);
    for (const [id, ten] of all)
      if (ten?.dataset.iteration) window.shown.push([id === 'dm-first', +ten.dataset.iteration]);
    requestAnimationFrame(look);
  };
  look();
})();
"""
"""Notes in each frame which iteration is on screen, and whether in the first paint."""
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
    page.locator(f"{FRONT} {MOVED}").wait_for(timeout=PATIENCE * 1000)
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
    page.locator(f"{FRONT} {MOVED}").wait_for(timeout=PATIENCE * 1000)
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
def test_title_sentence_and_pictures_are_there_before_streamlit_and_stay_where_they_are(app, open_page, size):
    page = open_page(app.address, width=size[0], height=size[1], fresh=True)
    expect(page.locator(TEN)).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator(FIRST)).to_have_count(0)
    there = [page.locator(part).bounding_box() for part in (f"{FRONT} h1", f"{FRONT} h1 + p", TEN, REAL)]
    page.route(SCRIPTS, lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.reload(wait_until="commit")
    first = [page.locator(f"{FIRST} {name}") for name in ("b", "p", "canvas.ten", ".real")]
    expect(first[0]).to_have_text(TITLE)
    expect(first[1]).to_have_text(SENTENCE)
    page.evaluate("document.fonts.ready")
    boxes = [each.bounding_box() for each in first]
    for before, after in zip(boxes, there, strict=True):
        assert (before["x"], before["y"]) == pytest.approx((after["x"], after["y"]), abs=1)
    for before, after in zip(boxes[2:], there[2:], strict=True):
        assert (before["width"], before["height"]) == pytest.approx((after["width"], after["height"]), abs=1)
    early = page.locator(EARLY).element_handle(timeout=PATIENCE * 1000)
    noise = np.array(early.evaluate(PIXELS), dtype=float)
    page.wait_for_function("ten => +ten.dataset.iteration > 1", arg=early)
    assert np.abs(np.array(early.evaluate(PIXELS)) - noise).mean() > 5
    stands = list(front_recording().iterations)[EARLY_MOMENTS - 1]
    page.wait_for_function(f"ten => +ten.dataset.iteration === {stands}", arg=early)
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if FIRST in str(each["nodes"])] == []


def test_the_page_plays_on_where_the_first_paint_had_got_to(app, open_page):
    page = open_page("about:blank", fresh=True)
    page.add_init_script(SHOWN)
    held, holding = [], [True]
    page.route(SCRIPTS, lambda route: held.append(route) if holding else route.continue_())
    page.goto(with_key(app.address), wait_until="commit")
    page.locator(f"{FIRST} {MOVED}").wait_for(timeout=PATIENCE * 1000)
    holding.clear()
    for route in held:
        route.continue_()
    page.wait_for_function("shown.some(([first]) => !first)", timeout=PATIENCE * 1000)
    page.wait_for_timeout(1000)
    shown = page.evaluate("shown")
    taken = next(index for index, (first, _) in enumerate(shown) if not first)
    assert 0 < shown[taken][1] == shown[taken - 1][1], "nothing between the two"
    assert [first for first, _ in shown] == [True] * taken + [False] * (len(shown) - taken)
    iterations = [iteration for _, iteration in shown]
    assert iterations == sorted(iterations)
    page.get_by_role("button", name="How it works").click()
    page.wait_for_url("**/how_it_works")
    page.go_back()
    expect(page.locator(f"{FRONT} canvas.ten[data-iteration='0']")).to_be_visible(timeout=PATIENCE * 1000)


def test_with_less_motion_the_first_paint_is_finished_and_stands_still(still):
    still.route(SCRIPTS, lambda route: route.fulfill(body="", content_type="text/javascript"))
    still.reload(wait_until="commit")
    end = str(front_recording().iterations[-1])
    expect(still.locator(EARLY)).to_have_attribute("data-iteration", end)
    still.wait_for_timeout(1000)
    expect(still.locator(EARLY)).to_have_attribute("data-iteration", end)


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
