"""The pull in Chromium: it plays, asks and reveals; formula and picture light each other; keys suffice."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from support.barriers import barriers
from support.servers import with_key
from support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
PULL = ".pull"
PAGE = "how_it_works?chapter=the-pull"
LIT = ".scene .part.lit"
PIXELS = "canvas => [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data]"


def stands(page, phase, iteration=0):
    place = page.locator(f"{PULL}[data-phase='{phase}'][data-iteration='{iteration}']")
    until(lambda: place.count(), f"phase {phase} of iteration {iteration}", interval=0.05)  # it may play on


def parameters(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items() if name != "key"}


def pictures(page, box):
    return page.locator(f"{box} canvas").evaluate_all(f"all => all.map({PIXELS})")


@pytest.fixture
def still(app, profile):
    """Open the chapter where less motion is preferred."""
    pages = []

    def open_link(query=""):
        page = profile.new_page()
        pages.append(page)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": 1280, "height": 720})
        page.goto(with_key(f"{app.address}/{PAGE}{query}"))
        expect(page.locator(f"{PULL}[data-phase]")).to_be_visible(timeout=PATIENCE)
        return page

    yield open_link
    for page in pages:
        page.close()


def test_it_plays_asks_and_after_a_guess_shows_gradient_and_step(visit):
    page = visit(PAGE, hurried=True)
    for phase in (3, 4, 5):
        stands(page, phase)
    expect(page.get_by_text("Guess first.")).to_be_visible()
    stands(page, 1)
    expect(page.locator(".gradient-images")).to_be_hidden()
    assert page.locator(".rail button").last.inner_text() == "7 ?"
    page.locator("body").press("2")
    expect(page.locator("strong", has_text="Right: ")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("The network is trained.")).to_be_visible()
    stands(page, 7)
    stands(page, 1, iteration=1)
    assert parameters(page) == {"chapter": "the-pull", "guess": "pixels"}


def test_a_link_shows_the_same_iteration_phase_class_and_image_again(still):
    query = "&guess=none&pull_iteration=3&pull_phase=6&pull_label=8&pull_image=2"
    seen = []
    for _ in range(2):
        page = still(query)
        stands(page, 6, iteration=3)
        expect(page.get_by_label("Class")).to_have_value("8")
        seen.append([pictures(page, box) for box in (".gradient-images", ".real-maps", ".synthetic-images")])
        expect(page.locator(".real-augmented button[aria-pressed=true]")).to_have_attribute("data-image", "2")
    assert seen[0] == seen[1]
    stands(other := still(query.replace("iteration=3", "iteration=2")), 6, iteration=2)
    assert pictures(other, ".gradient-images") != seen[0][0]


def test_keys_alone_go_through_phases_and_iterations(still):
    page = still("&guess=none")
    stands(page, 7)
    page.locator("body").press("5")
    stands(page, 5)
    expect(page).to_have_url(re.compile("pull_phase=5"), timeout=PATIENCE)
    page.locator("body").press("ArrowRight")
    stands(page, 6)
    page.locator("body").press("ArrowLeft")
    stands(page, 5)
    for _ in range(3):
        page.locator("body").press("ArrowRight")
    stands(page, 1, iteration=1)
    page.get_by_role("button", name="iteration 5").press("Enter")
    stands(page, 1, iteration=5)
    expect(page).to_have_url(re.compile("pull_iteration=5"), timeout=PATIENCE)
    page.locator(".real-images button").nth(3).press("Enter")
    stands(page, 4, iteration=5)
    expect(page).to_have_url(re.compile("pull_image=3"), timeout=PATIENCE)
    page.get_by_label("Class").select_option("Trouser")
    expect(page).to_have_url(re.compile("pull_label=1"), timeout=PATIENCE)
    expect(page.locator(".say p")).to_contain_text("512 numbers", timeout=PATIENCE)
    stands(page, 4, iteration=5)


def test_space_pauses_and_plays(visit):
    page = visit(f"{PAGE}&guess=none", hurried=True)
    stands(page, 3)
    page.locator("body").press("Space")
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile("pull_phase="), timeout=PATIENCE)
    phase = page.locator(PULL).get_attribute("data-phase")
    page.wait_for_timeout(1500)
    assert page.locator(PULL).get_attribute("data-phase") == phase
    page.locator("body").press("Space")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(page.locator(PULL)).not_to_have_attribute("data-phase", phase, timeout=PATIENCE)


def test_less_motion_gives_stills_and_steps(still):
    page = still()
    stands(page, 5)
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_hidden()
    page.wait_for_timeout(1500)
    stands(page, 5)
    page.get_by_role("button", name="One phase on").click()
    stands(page, 1)
    page.get_by_role("button", name="One phase back").click()
    stands(page, 5)


def test_formula_and_picture_light_each_other_and_a_click_goes_to_the_phase(still):
    page = still("&guess=none&pull_phase=2")
    stands(page, 2)
    expect(page.locator(".lines")).to_be_hidden()
    page.get_by_text("The formula", exact=True).click()
    expect(page).to_have_url(re.compile("pull_formula=1"), timeout=PATIENCE)
    expect(page.locator(".in-words")).to_be_hidden()
    page.get_by_title("how the loss would change with each pixel").hover()
    expect(page.locator(LIT)).to_have_class(re.compile(r"\bgradient\b"))
    page.locator(".filters").hover()
    expect(page.locator(".lines button.lit")).to_have_text(["θ", "P"])
    page.locator("h2", has_text="One step").hover()
    expect(page.locator(".lit")).to_have_count(0)
    symbol = page.locator(".lines button[data-term=omega]")
    symbol.focus()
    expect(page.locator(LIT)).to_have_count(3)
    symbol.press("Enter")
    stands(page, 3)


def test_an_image_goes_through_the_network_and_its_maps_change(still):
    page = still("&guess=none&pull_phase=4")
    before = pictures(page, ".real-maps")
    assert len(before) == 9
    page.locator(".real-augmented button").nth(4).click()
    expect(page.locator(".real-images button").nth(4)).to_have_attribute("aria-pressed", "true")
    assert pictures(page, ".real-maps") != before


def test_nothing_is_wider_than_the_screen(still):
    page = still("&guess=none&pull_phase=6")
    for width, height in ((1440, 900), (1280, 720), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator(PULL).evaluate("node => node.scrollWidth <= node.clientWidth"), width


@pytest.mark.parametrize("query", ["", "&guess=pixels&pull_phase=6"])
def test_axe_finds_nothing(still, query):
    page = still(query)
    stands(page, 6 if query else 5)
    assert barriers(page) == []


def test_a_remote_goes_through_the_phases_and_then_to_the_next_chapter(still):
    page = still("&guess=pixels&presenter=true&pull_phase=5")
    expect(page.locator("[data-keys~=PageDown]")).to_be_attached(timeout=PATIENCE)
    stands(page, 5)
    for phase in (6, 7):
        page.keyboard.press("PageDown")
        stands(page, phase)
    page.keyboard.press("PageUp")
    stands(page, 6)
    expect(page.locator(".page-title")).to_have_text("The pull")
    for _ in range(2):
        page.keyboard.press("PageDown")
    expect(page.locator(".page-title")).not_to_have_text("The pull", timeout=PATIENCE)
