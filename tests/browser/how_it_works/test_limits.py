"""Chapter on limits in a real Chromium: keys alone, one screen, a phone, axe."""

import re

import pytest
from playwright.sync_api import expect
from support.barriers import barriers
from support.servers import with_key

from app.views.how_it_works.limits.chapter import LIMITS

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
FIGURES = ".figures svg"


@pytest.fixture
def limits(app, profile):
    """Open the chapter where less motion is preferred."""
    pages = []

    def open_link(query="", width=1280):
        page = profile.new_page()
        pages.append(page)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(with_key(f"{app.address}/how_it_works?chapter=limits{query}"))
        expect(page.locator(FIGURES)).to_have_count(1, timeout=PATIENCE)
        return page

    yield open_link
    for page in pages:
        page.close()


def test_keys_alone_guess_and_go_from_question_to_question(limits):
    page = limits()
    page.get_by_role("slider", name="More of 100 right").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="That is my guess").focus()
    page.keyboard.press("Enter")
    expect(page.locator("strong", has_text="Less than you guessed: ")).to_be_visible(timeout=PATIENCE)
    assert "guess=15" in page.url
    expect(page.locator("p", has_text="The more images you can keep")).to_be_in_viewport(ratio=1)
    expect(page.locator(FIGURES)).to_be_in_viewport(ratio=1)
    size = "nodes => nodes.map(node => node.getBoundingClientRect().height)"
    letters = page.locator(f"{FIGURES} text").evaluate_all(size)
    (line,) = page.locator(".page-sentence").evaluate_all(
        "([node]) => [parseFloat(getComputedStyle(node).lineHeight)]"
    )
    assert max(letters) < line, "its letters are no larger than those of the text"
    page.get_by_role("button", name="Next question").press("Enter")
    expect(page.get_by_text("Guess first.")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("limits_part=last"), timeout=PATIENCE)
    page.go_back()
    expect(page.locator("strong", has_text="not 15 of 100.")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Guess again").press("Enter")
    expect(page.get_by_text("Guess first.")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("part", [part.part for part in LIMITS.parts if part.part != "privacy"])
def test_question_and_figure_of_each_part_are_on_one_screen(limits, part):
    page = limits(f"&limits_part={part}")
    expect(page.get_by_role("button", name="Just show it")).to_be_in_viewport(ratio=1)
    expect(page.locator(FIGURES)).to_be_in_viewport(ratio=1)
    page.get_by_role("button", name="Just show it").press("Enter")
    expect(page.get_by_role("button", name="Next question")).to_be_in_viewport(ratio=1, timeout=PATIENCE)
    expect(page.locator(FIGURES)).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("query", ["", "&guess=15", "&limits_part=once&guess=5"])
def test_axe_finds_nothing(limits, query):
    page = limits(query)
    assert barriers(page) == []


def test_a_phone_needs_no_scrolling_sideways(limits):
    page = limits("&guess=15", width=390)
    wide = "nodes => nodes.filter(node => node.getBoundingClientRect().right > innerWidth + 1).length"
    assert page.locator(".stMainBlockContainer :visible").evaluate_all(wide) == 0
