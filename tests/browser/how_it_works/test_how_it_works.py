"""How it works in a real Chromium: it moves, asks, reveals; keys suffice; less motion gives stills."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from support.barriers import barriers
from support.servers import with_key
from support.watching import follow

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
PLANES, CANVASES = ".planes", ".panel:not([hidden]) canvas"
PAGE = "how_it_works"
CHAPTER = "?chapter=ever-new-networks"
STARS = "nodes => nodes.map(node => JSON.parse(node.dataset.stars))"


@pytest.fixture
def still(app, profile):
    """Open a link where less motion is preferred."""
    pages = []

    def open_link(query="", chapter="ever-new-networks"):
        page = profile.new_page()
        pages.append(page)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(with_key(f"{app.address}/{PAGE}?chapter={chapter}{query.replace('?', '&')}"))
        canvas = CANVASES if chapter == "ever-new-networks" else "canvas"
        expect(page.locator(canvas).first).to_be_visible(timeout=PATIENCE)
        return page

    yield open_link
    for page in pages:
        page.close()


def at_step(page, step):
    expect(page.locator(PLANES)).to_have_attribute("data-step", str(step), timeout=PATIENCE)


def parameters(page):
    return parse_qs(urlsplit(page.url).query)


def distances(page):
    return [float(text) for text in page.locator(".panel:not([hidden]) .result b").all_inner_texts()]


def test_it_moves_asks_and_shows_that_ever_new_networks_cover_the_cloud(visit):
    page = visit(f"{PAGE}{CHAPTER}", hurried=True)
    at_step(page, 8)
    expect(page.get_by_text("Guess first.")).to_be_visible()
    expect(page.get_by_role("button", name="Play")).to_be_disabled()
    page.locator("body").press("3")
    expect(page.locator("strong", has_text="Right: ")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("One good network is enough.")).to_be_visible()
    assert "guess=new" in page.url
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    expect(page.locator("[role=status]").filter(has_text="Right: ")).to_have_count(1)
    at_step(page, 3000)
    one, four, sixteen, ever = distances(page)
    assert one > four > ever
    assert sixteen < 1.4 * ever < 0.5
    marks = page.locator(".panel:has(.guessed:not([hidden])) h2")
    expect(marks).to_have_text(["new each step"])


def test_back_takes_back_a_choice_and_forward_brings_it_again(still):
    page = still()
    at_step(page, 8)
    page.get_by_role("button", name="Just show it").click()
    at_step(page, 3000)
    page.get_by_role("radio", name="moon").click()
    expect(page).to_have_url(re.compile("plane_cloud=moon"), timeout=PATIENCE)
    at_step(page, 0)
    page.go_back()
    expect(page.get_by_role("radio", name="ring")).to_be_checked(timeout=PATIENCE)
    page.go_forward()
    expect(page.get_by_role("radio", name="moon")).to_be_checked(timeout=PATIENCE)


def test_a_link_shows_the_same_stars_again_without_motion(still):
    query = "?guess=none&plane_stars=5&plane_features=4&plane_networks=1.new&plane_seed=7&plane_cloud=moon"
    seen = []
    for _ in range(2):
        page = still(query)
        at_step(page, 3000)
        assert page.locator(CANVASES).count() == 2
        seen.append(page.locator(CANVASES).evaluate_all(STARS))
    assert seen[0] == seen[1]
    assert [len(stars) for stars in seen[0]] == [10, 10]
    other = still(query.replace("seed=7", "seed=8"))
    at_step(other, 3000)
    assert other.locator(CANVASES).evaluate_all(STARS) != seen[0]


def test_less_motion_gives_stills_and_single_steps(still):
    page = still("?guess=none")
    at_step(page, 3000)
    page.get_by_role("button", name="Start again").click()
    at_step(page, 0)
    page.wait_for_timeout(300)
    at_step(page, 0)
    page.get_by_role("button", name="One step").click()
    at_step(page, 1)
    page.get_by_role("button", name="Next still").click()
    at_step(page, 251)


def test_keys_alone_play_step_choose_and_drag_the_cloud(still):
    page = still("?guess=none")
    at_step(page, 3000)
    page.locator("body").press("b")
    at_step(page, 0)
    page.locator("body").press("s")
    at_step(page, 1)
    page.locator("body").press("Space")
    at_step(page, 251)
    page.get_by_role("slider", name="Stars").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("plane_stars=13"), timeout=PATIENCE)
    page.get_by_role("radio", name="ring").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("plane_cloud=moon"), timeout=PATIENCE)
    page.locator(CANVASES).first.focus()
    for key in ("ArrowUp",) * 8 + ("Enter",) + ("ArrowUp",) * 4 + ("Enter",):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("plane_cloud=own.*plane_points="), timeout=PATIENCE)
    page.get_by_role("button", name="Clear the cloud").press("Enter")
    expect(page.get_by_text("Draw a cloud into a plane")).to_be_visible()
    page.locator(CANVASES).first.focus()
    for key in ("Enter", "ArrowRight", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.locator(CANVASES).first).to_have_attribute("aria-label", re.compile("Cloud of 9 points"))


def test_the_cloud_is_dragged_with_the_mouse_and_is_there_when_one_comes_back(visit):
    page = visit(f"{PAGE}{CHAPTER}&guess=none&plane_cloud=moon", hurried=True)
    at_step(page, 3000)
    area = page.locator(CANVASES).nth(3).bounding_box()
    unit = min(area["width"], area["height"]) / 4
    x, y = area["x"] + area["width"] / 2, area["y"] + area["height"] / 2
    page.mouse.move(x, y - 0.8 * unit)
    page.mouse.down()
    page.mouse.move(x, y - 1.4 * unit, steps=6)
    page.mouse.up()
    expect(page).to_have_url(re.compile("plane_cloud=own.*plane_points="), timeout=PATIENCE)
    expect(page.get_by_text("at rest after")).to_be_visible(timeout=PATIENCE)
    step = int(page.locator(PLANES).get_attribute("data-step"))
    assert step >= 6000, "the stars were pulled on from where they rested"
    link = parameters(page)
    follow(page, "Runs")
    expect(page.get_by_role("heading", name="Runs")).to_be_visible(timeout=PATIENCE)
    follow(page, "How it works")
    expect(page.get_by_role("radio", name="your own")).to_be_checked(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("plane_points="), timeout=PATIENCE)
    assert parameters(page) == link


@pytest.mark.parametrize("query", ["", "?guess=fixed&plane_behind=loss&plane_stars=1"])
def test_axe_finds_nothing(still, query):
    page = still(query)
    at_step(page, 3000 if query else 8)
    assert barriers(page) == []
