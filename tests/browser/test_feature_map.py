"""The feature map in a real Chromium: still points, gliding stars, zoom, picks, legend, what it follows."""

import base64
import io
import json
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from app import ROOT
from app.components.packed_frame import pack_frames
from app.components.star_map.values import Panel, pack_projection, pack_thumbs

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCRIPT = Path(__file__).with_name("feature_map_script.py")
CANVAS = "canvas[data-zoom]"
TIP = ".tip"
# the next moment at which all stars stand: where they are, and the picture of the same frame
NEXT_REST = """before => {
  const canvas = window.mapCanvas, {stars, ticks, zoom} = canvas.dataset;
  return stars !== before && {stars, ticks: +ticks, zoom, picture: canvas.toDataURL()};
}"""
# what can be read in the map, how large it is, and whether it is on the screen
TEXTS = """() => {
  const walker = document.createTreeWalker(window.mapCanvas.getRootNode(), NodeFilter.SHOW_TEXT), told = [];
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement, range = document.createRange();
    if (!text.data.trim() || parent.closest('style') || !parent.checkVisibility()) continue;
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect(), width = document.documentElement.clientWidth;
    told.push({text: text.data.trim(), size: parseFloat(getComputedStyle(parent).fontSize),
               inside: box.left >= 0 && box.right <= width});
  }
  return told;
}"""
SCRUB = "detail => window.dispatchEvent(new CustomEvent('dm-scrub', { detail }))"
NEWS = "() => window.dispatchEvent(new CustomEvent('dm-news', { detail: { subject: 'run-1', waits: [] } }))"


@pytest.fixture(scope="session")
def address(serve_script):
    return serve_script(SCRIPT)


@pytest.fixture
def open_map(address, open_page):
    """The page and the first panel's canvas, tagged."""

    def opened(query, **how):
        page = open_page(f"{address}/?{query}", **how)
        page.wait_for_selector(CANVAS, timeout=30_000)
        canvas = page.locator(CANVAS).first
        canvas.evaluate("node => { window.mapCanvas = node; node.tag = 1; }")
        return page, canvas

    return opened


def stars_of(canvas):
    """(class, image) -> where it is in the canvas."""
    return {
        (label, image): {"x": x, "y": y}
        for label, image, x, y in json.loads(canvas.get_attribute("data-stars"))
    }


def picture_of(url):
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))))


def inked(canvas):
    """How many pixels are drawn on."""
    return int((picture_of(canvas.evaluate("node => node.toDataURL()"))[..., 3] > 0).sum())


def hexadecimal(colour):
    return "#" + "".join(f"{int(part):02X}" for part in re.findall(r"\d+", colour)[:3])


def test_stars_move_over_still_points_while_the_canvas_and_the_zoom_stay(open_map):
    page, canvas = open_map("case=ten&moving=1&trails=0")
    canvas.press("+")
    page.wait_for_selector("canvas[data-zoom='1.60']")
    rests = []
    for _ in range(3):
        before = rests[-1]["stars"] if rests else canvas.get_attribute("data-stars")
        rests.append(page.wait_for_function(NEXT_REST, arg=before).json_value())
    ticks = [rest["ticks"] for rest in rests]
    assert ticks == sorted(set(ticks))
    assert canvas.evaluate("node => node.isConnected && node.tag") == 1
    assert {rest["zoom"] for rest in rests} == {"1.60"}
    places = np.array([json.loads(rest["stars"]) for rest in rests])[:, :, 2:]
    assert (np.abs(np.diff(places, axis=0)).max(axis=(1, 2)) > 2).all()
    pictures = [picture_of(rest["picture"]) for rest in rests]
    rows, columns = np.mgrid[: pictures[0].shape[0], : pictures[0].shape[1]]
    near = sum(((columns - x) ** 2 + (rows - y) ** 2 < 20**2 for x, y in places.reshape(-1, 2)), np.False_)
    assert (pictures[0][~near][:, 3] > 0).sum() > 2000  # there are points to compare
    for picture in pictures[1:]:
        np.testing.assert_array_equal(picture[~near], pictures[0][~near])


def test_a_star_is_picked_by_a_click_and_by_keys(open_map):
    page, canvas = open_map("case=ten")
    canvas.click(position=stars_of(canvas)[4, 1])
    page.get_by_text("picked Pick(lane='random', label=4, image=1)").wait_for()
    other, status = page.locator(CANVAS).nth(1), page.locator("p[role=status]")
    for key in ("ArrowRight", "ArrowUp", "ArrowRight"):
        other.press(key)
    match = re.fullmatch(r"synthetic, (.+), image (\d), Condensed, from noise", status.text_content())
    names = ["T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag"]
    label, image = [*names, "Ankle <b>"].index(match[1]), int(match[2]) - 1
    other.press("Enter")
    page.get_by_text(f"picked Pick(lane='noise', label={label}, image={image})").wait_for()
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.tagName") == "CANVAS"
    assert canvas.evaluate("node => node.isConnected && node.tag") == 1


def test_buttons_drag_and_double_click_move_all_panels_and_a_plain_wheel_none(open_map):
    page, canvas = open_map("case=ten")
    panels, whole = page.locator(CANVAS), stars_of(canvas)
    page.get_by_role("button", name="Zoom in").click()
    canvas.dblclick(position={"x": 20, "y": 20})
    expect(page.locator("canvas[data-zoom='3.20']")).to_have_count(2)
    box, before = canvas.bounding_box(), [stars_of(panel) for panel in panels.all()]
    text = canvas.get_attribute("data-stars")
    page.mouse.move(box["x"] + 100, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 290, steps=4)
    page.mouse.up()
    page.wait_for_function("text => mapCanvas.dataset.stars !== text", arg=text)
    for panel, was in zip(panels.all(), before, strict=True):
        now = stars_of(panel)
        assert {
            (round(at["x"] - was[star]["x"]), round(at["y"] - was[star]["y"])) for star, at in now.items()
        } == {(30, -10)}
    page.keyboard.down("Control")
    page.mouse.wheel(0, -50)
    page.keyboard.up("Control")
    page.wait_for_selector(f"canvas[data-zoom='{3.2 * np.exp(0.5):.2f}']")
    page.mouse.wheel(0, 100)
    page.wait_for_function("y => mapCanvas.getBoundingClientRect().y < y", arg=box["y"])  # the page scrolls
    expect(canvas).to_have_attribute("data-zoom", f"{3.2 * np.exp(0.5):.2f}")
    page.get_by_role("button", name="Whole map").click()
    page.wait_for_selector("canvas[data-zoom='1.00']")
    assert stars_of(canvas) == whole


def test_the_legend_hides_and_shows_classes_in_all_panels_and_over_updates(open_map):
    page, canvas = open_map("case=ten")
    trouser = page.get_by_role("button", name="Trouser")
    expect(trouser).to_have_attribute("aria-pressed", "true")
    before = inked(canvas)
    trouser.click()
    expect(trouser).to_have_attribute("aria-pressed", "false")
    canvas.click(position=stars_of(canvas)[4, 1])
    page.get_by_text("picked Pick(lane='random', label=4, image=1)").wait_for()  # an update
    for panel in page.locator(CANVAS).all():
        assert {label for label, _ in stars_of(panel)} == {0, *range(2, 10)}
    assert inked(canvas) < 0.97 * before
    trouser.click()
    assert len(stars_of(canvas)) == 30


def test_beyond_the_coloured_classes_all_others_have_one_button(open_map):
    page, canvas = open_map("case=forty")
    names = page.locator(".classes button").all_inner_texts()
    assert names == ["class 3", "class 8", "class 1", "class 30", "class 12", "other classes"]
    before = inked(canvas)
    page.get_by_role("button", name="other classes").click()
    assert 0 < inked(canvas) < 0.35 * before  # 5 of 40 are left, and overlap less


def test_pointing_tells_of_stars_and_of_real_images_with_their_pictures(open_map):
    page, canvas = open_map("case=ten&follow=1")
    requests = []
    thumbs = pack_thumbs(np.full((2000, 3, 8, 8), 200, np.uint8))

    def answer(route):
        requests.append(route.request.url)
        route.fulfill(body=thumbs, content_type="application/octet-stream")

    page.route("**/map/thumbs", answer)
    tip = page.locator(TIP)
    expect(tip).to_be_hidden()
    canvas.hover(position=stars_of(canvas)[9, 2])
    expect(tip).to_have_text("synthetic, Ankle <b>, image 3")
    expect(tip.locator("canvas")).to_be_visible()
    assert tip.locator("b").count() == 0  # a name is text, never HTML
    assert requests == []
    box = canvas.bounding_box()
    for x in np.linspace(30, box["width"] - 30, 40):
        page.mouse.move(box["x"] + x, box["y"] + 150)
        if tip.inner_text().startswith("real, "):
            break
    expect(tip).to_have_text(re.compile(r"^\s*real, .+"))
    expect(tip.locator("canvas")).to_have_js_property("width", 8)
    assert len(requests) == 1
    canvas.press("Escape")
    expect(tip).to_be_hidden()


@pytest.mark.parametrize("case", ["two", "ten"])
def test_on_a_phone_all_is_whole_readable_and_inside(open_map, case):
    page, canvas = open_map(f"case={case}&starts=1", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    drawn = page.evaluate(TEXTS)
    texts = {item["text"] for item in drawn}
    names = {"Ankle <b>", "Pullover"} if case == "ten" else {"Ankle <b>boot</b> of an unusually long name"}
    assert names | {"real image", "image of a set", "where it started"} <= texts
    assert "Axes have no meaning <i>here</i>." in texts
    assert all(item["size"] >= 14 and item["inside"] for item in drawn), drawn
    for button in page.locator(".zoom button").all():
        assert button.bounding_box()["height"] >= 36
    canvas.scroll_into_view_if_needed()
    positions = stars_of(canvas).values()
    for at in [
        choose(positions, key=lambda position: position[axis]) for choose in (min, max) for axis in "xy"
    ]:
        canvas.hover(position=at)
        box = page.locator(TIP).bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 844


def test_the_theme_recolours_it_in_place(open_map):
    page, canvas = open_map("case=ten")
    swatch, star = page.locator(".classes i").first, stars_of(canvas)[0, 0]
    themes = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
    for scheme in ("dark", "light"):
        colour = themes[scheme]["chartCategoricalColors"][0].upper()
        page.emulate_media(color_scheme=scheme)
        page.wait_for_function(
            "colour => mapCanvas.getRootNode().querySelector('.classes button').style"
            ".getPropertyValue('--swatch').toUpperCase() === colour",
            arg=colour,
        )
        assert hexadecimal(swatch.evaluate("node => getComputedStyle(node).backgroundColor")) == colour
        pixel = picture_of(canvas.evaluate("node => node.toDataURL()"))[round(star["y"]), round(star["x"])]
        assert hexadecimal(str(pixel)) == colour
    assert canvas.evaluate("node => node.isConnected && node.tag") == 1


def test_it_follows_news_of_its_run_and_the_time_machine(open_map):
    page, canvas = open_map("case=ten&follow=1")
    requests, given = [], stars_of(canvas)
    label, image = np.array(list(given)).T

    def placement(iteration):
        angle = np.linspace(0, 6, len(label)) + iteration
        panel = Panel("random", "", 40 * np.stack([np.cos(angle), np.sin(angle)], 1), label, image)
        return pack_projection(iteration, f"At {iteration}.", (f"Placed at {iteration}.",), [panel])

    def answer(route):
        requests.append(route.request.url.partition("/map/")[2])
        after = re.search(r"film.*after=(-?\d+)$", requests[-1])
        frames = [placement(at) for at in (0, 20, 40) if after and at > int(after[1])]
        body = pack_frames(frames) if after else placement(100 + min(2, requests.count("newest")))
        route.fulfill(body=body, content_type="application/octet-stream")

    page.route("**/map/*", answer)
    for _ in range(3):
        page.evaluate(NEWS)
    page.wait_for_selector("canvas[data-iteration='101']")
    expect(canvas).to_have_attribute("aria-label", "At 101. (Random real images)")
    page.wait_for_selector("canvas[data-iteration='102']")  # what came meanwhile, 2 s later, in one question
    assert requests == ["newest", "newest"]
    page.wait_for_selector("canvas[data-standing='102']")
    live = canvas.get_attribute("data-stars")
    page.evaluate(SCRUB, {"subject": "another", "iteration": 20})
    page.evaluate(SCRUB, {"subject": "run-1", "iteration": 20})
    page.wait_for_selector("canvas[data-iteration='20']")
    page.get_by_text("Placed at 20.").wait_for()
    page.evaluate(SCRUB, {"subject": "run-1", "iteration": 38})
    page.get_by_text("Iteration 38 is not on the map: it shows iteration 40.").wait_for()
    page.evaluate(SCRUB, {"subject": "run-1", "over": True})
    page.wait_for_selector("canvas[data-standing='102']")
    expect(canvas).to_have_attribute("data-stars", live)
    expect(page.get_by_text("is not on the map")).to_have_count(0)
    assert requests[2] == "film?network=one&after=-1"
    assert canvas.evaluate("node => node.isConnected && node.tag") == 1
