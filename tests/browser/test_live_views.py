"""The two live views in a real Chromium: the same nodes over many ticks, never blank, zoom, pick and keys."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.steadiness import FIND_IMAGE, assert_steady, drawn_often

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SCRIPT = Path(__file__).with_name("live_views_script.py")
CANVAS = "canvas[data-iteration]"
FIGURE = ".live-figure[data-revision]"


@pytest.fixture(scope="session")
def address(serve_figures):
    return serve_figures(SCRIPT)


def ready(page):
    page.wait_for_selector(CANVAS, timeout=30_000)
    page.wait_for_selector(FIGURE, timeout=30_000)
    return page.locator(CANVAS), page.locator(FIGURE)


def wait_ticks(page, count):
    now = int(page.locator(CANVAS).get_attribute("data-iteration"))
    for _ in range(count):
        page.wait_for_selector(f"{CANVAS}:not([data-iteration='{now}'])", timeout=20_000)
        now = int(page.locator(CANVAS).get_attribute("data-iteration"))


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def first_image(page, canvas):
    """The centre of the first image, in CSS pixels inside the canvas."""
    at = canvas.evaluate(FIND_IMAGE)
    ratio = page.evaluate("devicePixelRatio")
    return {"x": at["x"] / ratio, "y": at["y"] / ratio}


def test_over_fifty_ticks_nodes_stay_nothing_is_blank_and_zoom_survives(address, open_page, capsys):
    page = drawn_often(open_page(address))
    canvas, figure = ready(page)
    assert_steady(page, canvas, figure, 60, capsys)


def test_a_figure_whose_script_does_not_come_says_so_and_a_button_draws_it(address, chromium):
    context = chromium.new_context()
    page = context.new_page()
    page.route("**/scripts/plotly-*", lambda route: route.abort())
    page.goto(address)
    waiting = page.locator(".live-figure-wait")
    expect(waiting).to_contain_text("This figure cannot be drawn")
    page.wait_for_timeout(1000)  # states that come meanwhile request it again
    expect(waiting).to_contain_text("This figure cannot be drawn")
    page.unroute("**/scripts/plotly-*")
    waiting.get_by_role("button", name="Try again").click()
    expect(page.locator(FIGURE)).to_be_visible()
    expect(waiting).to_be_hidden()
    context.close()


def test_a_browser_asks_for_plotly_once_and_not_again_after_a_reload(address, chromium):
    context = chromium.new_context()
    page = context.new_page()
    for kept in (False, True):
        with page.expect_response("**/scripts/plotly-*") as answer:
            page.goto(address)
        ready(page)
        timing = page.evaluate(
            "performance.getEntriesByType('resource').filter(({name}) => name.includes('/scripts/plotly-'))"
            ".map(({transferSize}) => transferSize)"
        )
        assert len(timing) == 1
        assert (timing[0] == 0) == kept, timing
        assert answer.value.ok
    context.close()


def test_a_click_reaches_python_and_the_outline_stays_over_ticks(address, open_page):
    page = open_page(address + "/?layout=ten")
    canvas, _ = ready(page)
    canvas.click(position=first_image(page, canvas))
    page.get_by_text("picked Pick(lane='lane-0', label=0, image=0)").wait_for()
    wait_ticks(page, 3)
    assert page.get_by_text("picked Pick(lane='lane-0', label=0, image=0)").is_visible()


def test_arrow_keys_and_enter_pick_and_focus_survives_ticks(address, open_page):
    page = open_page(address + "/?layout=ten")
    canvas, _ = ready(page)
    canvas.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowDown"):
        canvas.press(key)
        wait_ticks(page, 1)
    status = page.locator("p.announcement")
    assert status.text_content() == "T-shirt, image 7 of 10"  # below the second: a class is two lines of five
    canvas.press("Enter")
    page.get_by_text("picked Pick(lane='lane-0', label=0, image=6)").wait_for()
    assert page.evaluate("document.activeElement.shadowRoot.activeElement.tagName") == "CANVAS"


def test_a_click_on_a_point_of_the_figure_reaches_python(address, open_page):
    page = open_page(address)
    _, figure = ready(page)
    wait_ticks(page, 8)
    figure.scroll_into_view_if_needed()
    for _ in range(20):  # the points move under the mouse
        box = figure.locator(".scatterlayer .trace .point").nth(3).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        if page.get_by_text("point ClickedPoint(trace=").is_visible():
            break
        wait_ticks(page, 1)
    page.get_by_text("point ClickedPoint(trace=").wait_for()


@pytest.mark.parametrize(
    ("layout", "widths"),  # each width is opened at by one layout or more, and come to by others
    [
        ("lanes", (390, 900, 1440)),
        ("ten", (900, 1440, 390)),
        ("fifty", (1440, 390, 900)),
        ("mixed", (390, 1440, 900)),
        ("one", (900, 390, 1440)),
    ],
)
def test_every_layout_fits_sideways_with_whole_names_and_large_images(address, open_page, layout, widths):
    page = open_page(f"{address}/?layout={layout}", width=widths[0], height=844)
    ready(page)
    for width in widths:
        page.set_viewport_size({"width": width, "height": 844})
        wait_ticks(page, 2)  # by then it is laid out anew
        assert_fits(page, width, smallest=0 if layout == "fifty" else 40)


def assert_fits(page, width, smallest):
    assert sideways(page) <= 0, width
    grid = page.locator(".grid")
    texts = grid.evaluate(
        """grid => {
          const outer = grid.getBoundingClientRect();
          return [...grid.querySelectorAll('.name, .title')].filter(node => node.textContent).map(node => {
            const range = document.createRange(); range.selectNodeContents(node);
            const text = range.getBoundingClientRect();
            return {text: node.textContent, size: parseFloat(getComputedStyle(node).fontSize),
                    inside: text.left >= outer.left - 1 && text.right <= outer.right + 1};
          });
        }"""
    )
    assert {"T-shirt", "Ankle <b>"} <= {text["text"] for text in texts}, width  # a name is text, never HTML
    assert all(text["size"] >= 14 and text["inside"] for text in texts), (width, texts)
    assert grid.locator("div[style*='flex']").first.bounding_box()["height"] >= smallest, width
    canvas = page.locator(CANVAS)
    assert canvas.get_attribute("aria-label").startswith("10 classes of test images at iteration")
    assert canvas.get_attribute("role") == "img"


def test_switching_the_theme_recolours_the_figure_in_place_and_never_empties_it(address, open_page):
    page = open_page(address)
    ready(page)
    page.evaluate(
        """() => {
          window.figureNode = document.querySelector('.live-figure');
          window.empty = 0;
          const look = () => {
            if (!window.figureNode.isConnected || !window.figureNode.layout) window.empty++;
            requestAnimationFrame(look);
          };
          look();
        }"""
    )
    for scheme, text, first in [("dark", "#F2F4F7", "#FF9A52"), ("light", "#14171C", "#B84300")] * 4:
        page.emulate_media(color_scheme=scheme)  # updates overtake each other here
        page.wait_for_function(
            "text => window.figureNode.layout?.font.color.toUpperCase() === text", arg=text
        )
        page.wait_for_function(
            "first => window.figureNode.data[0].marker.color.toUpperCase() === first", arg=first
        )
    wait_ticks(page, 3)
    assert page.evaluate("window.empty") == 0
