"""Chapter on limits in a real Chromium: keys alone, one screen, a phone, axe."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support.servers import with_key

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
FIGURES = ".figures svg"


@pytest.fixture
def limits(app, profile):
    """Open the chapter where less motion is preferred."""
    pages = []

    def open_link(query="", width=1280, theme="light"):
        page = profile.new_page()
        pages.append(page)
        page.emulate_media(reduced_motion="reduce", color_scheme=theme)
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(with_key(f"{app.address}/how_it_works?chapter=limits{query}"))
        expect(page.locator(FIGURES)).to_have_count(5, timeout=PATIENCE)
        return page

    yield open_link
    for page in pages:
        page.close()


def test_keys_alone_guess_and_all_cases_are_on_one_screen(limits):
    page = limits()
    expect(page.locator(FIGURES).nth(1)).to_have_attribute(
        "aria-label", "learned: ?; averages: ?; picked real: ?; random real: ?."
    )
    page.get_by_role("slider", name="Points that learned images are ahead").focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="That is my guess").focus()
    page.keyboard.press("Enter")
    expect(page.locator("strong", has_text="You guessed 15 points; it is")).to_be_visible(timeout=PATIENCE)
    assert "guess=15" in page.url
    expect(page.locator("p", has_text="It is no use where")).to_be_in_viewport()
    for figure in page.locator(FIGURES).all():
        expect(figure).to_be_in_viewport(ratio=0.99)
    page.get_by_role("button", name="Guess again").press("Enter")
    expect(page.get_by_text("Guess first.")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("query", ["", "&guess=15"])
def test_axe_finds_nothing(limits, query, theme):
    page = limits(query, theme=theme)
    page.wait_for_timeout(500)
    violations = Axe().run(page).response["violations"]
    found = [(each["id"], node["html"][:200]) for each in violations for node in each["nodes"]]
    assert found == [], json.dumps(found, indent=1)


def test_a_phone_needs_no_scrolling_sideways(limits):
    page = limits("&guess=15", width=390)
    wide = "nodes => nodes.filter(node => node.getBoundingClientRect().right > innerWidth + 1).length"
    assert page.locator(".stMainBlockContainer :visible").evaluate_all(wide) == 0
