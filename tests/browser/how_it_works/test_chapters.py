"""Chapters on what is asked for and on averaging in a real Chromium: motion, keys alone, a phone, axe."""

import json
import re

import pytest
from playwright.sync_api import expect
from support.barriers import barriers
from support.page_clock import hurry
from support.servers import with_key

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
FEW, MEAN = "what-is-asked-for", "averaging"
STREAM, PICTURES = ".stream", ".averaging"


@pytest.fixture
def still(app, profile):
    """Open a chapter where less motion is preferred."""
    pages = []

    def open_link(chapter, query="", width=1280, hurried=False):
        page = profile.new_page()
        if hurried:
            hurry(page)
        pages.append(page)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(with_key(f"{app.address}/how_it_works?chapter={chapter}{query}"))
        expect(page.locator(".dm-accuracies")).to_be_visible(timeout=PATIENCE)
        expect(page.locator(f"{STREAM}, {PICTURES}").locator("canvas").first).to_be_visible(timeout=PATIENCE)
        return page

    yield open_link
    for page in pages:
        page.close()


def test_ten_images_form_and_test_images_pass_without_a_click(visit):
    page = visit(f"how_it_works?chapter={FEW}", hurried=True)
    expect(page.locator(STREAM)).to_have_attribute("data-passed", re.compile(r"[1-9]\d*"), timeout=PATIENCE)
    expect(page.get_by_text("Guess first.")).to_be_visible()
    expect(page.locator(".dm-accuracies .mark")).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    passed = page.locator(STREAM).get_attribute("data-passed")
    page.wait_for_timeout(1500)
    assert page.locator(STREAM).get_attribute("data-passed") == passed


def test_keys_alone_guess_and_train_two_networks(still):
    page = still(FEW, hurried=True)
    page.locator("body").press("1")
    expect(page.locator("strong", has_text="Far more than you guessed: about")).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.locator(".dm-accuracies .mark")).to_have_count(4)
    expect(page.locator(".count b")).to_have_text([re.compile("Recorded: .* right")] * 2)
    assert "guess=10" in page.url
    lowest = page.locator(".dm-accuracies").bounding_box()
    assert lowest["y"] + lowest["height"] < 720, "question, images and results are on one screen"
    page.get_by_role("button", name="Train both here").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("trained here:")).to_have_count(2, timeout=3 * PATIENCE)
    right = [int(re.match(r"\d+", text)[0]) for text in page.locator(".count b").all_inner_texts()]
    assert all(0 <= number <= 6 for number in right)
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("Enter")
    expect(page.locator(STREAM)).to_have_attribute("data-passed", "40", timeout=PATIENCE)
    learned, random = (int(re.match(r"\d+", text)[0]) for text in page.locator(".count b").all_inner_texts())
    assert learned > random, "ten learned images teach more than ten random ones"


def test_real_images_are_laid_on_each_other_until_their_mean_is_there(visit):
    page = visit(f"how_it_works?chapter={MEAN}", hurried=True)
    expect(page.locator(PICTURES)).to_have_attribute("data-laid", re.compile("[2-9]"), timeout=PATIENCE)
    expect(page.locator(".difference canvas")).to_be_hidden()
    page.locator("body").press("4")
    expect(page.locator("strong", has_text="Right: ")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".difference canvas")).to_be_visible()
    expect(page.locator(".dm-accuracies .mark")).to_have_count(5)
    expect(page.locator(PICTURES)).to_have_attribute("data-laid", "61", timeout=PATIENCE)
    expect(page.get_by_text("mean of all 500 real images")).to_be_visible()


def test_keys_alone_choose_data_and_lay_images_on_each_other(still):
    page = still(MEAN, "&guess=much")
    page.get_by_role("slider", name="Images laid on each other").focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("1 real image: Sandal")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("mean of 2 real images: Sandal")).to_be_visible()
    page.get_by_role("radio", name="Digits").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("averaging_data=digits"), timeout=PATIENCE)
    expect(page.get_by_text("Changed: the data, from Clothes to Digits")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_text("learned image: 5")).to_be_visible()


def test_a_chapter_is_turned_by_its_contents_and_at_its_end(still):
    page = still(MEAN, "&guess=much")
    page.get_by_role("button", name=re.compile("^4 New networks")).press("Enter")
    expect(page.locator(".planes")).to_be_visible(timeout=PATIENCE)
    page.locator(".st-key-how_it_works_next button").press("Enter")
    expect(page.locator(PICTURES)).to_be_visible(timeout=PATIENCE)
    assert "guess=much" in page.url
    heights = page.locator(".st-key-how_it_works_contents button").evaluate_all(
        "nodes => nodes.map(node => node.getBoundingClientRect().height)"
    )
    assert len(heights) >= 5
    assert max(heights) - min(heights) < 1
    assert max(heights) < 50, "each title is one line"


def test_a_remote_turns_the_chapters_and_their_parts(still):
    page = still(MEAN, "&guess=much&presenter=true")
    shown = page.locator(".page-title")
    expect(page.locator("[data-keys~=PageDown]")).to_be_attached(timeout=PATIENCE)
    for key, title in (
        ("PageDown", "Why augment both sides alike?"),
        ("PageUp", "Isn't this just averaging?"),
        ("ArrowRight", "Why augment both sides alike?"),
        ("PageDown", "When is it no use?"),
    ):
        page.keyboard.press(key)
        expect(shown).to_have_text(title, timeout=PATIENCE)
        expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE)
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile("limits_part=last"), timeout=PATIENCE)
    page.get_by_role("slider").focus()
    page.keyboard.press("PageDown")
    page.wait_for_timeout(500)
    assert "limits_part=last" in page.url, "a slider has its own use for the key"


def test_on_a_phone_the_chapters_are_a_list_with_arrows_that_keys_use(still):
    page = still(MEAN, "&guess=much", width=390)
    expect(page.locator(".st-key-how_it_works_contents")).to_be_hidden()
    chapters = page.locator(".st-key-how_it_works_list input")
    expect(chapters).to_have_value("5 of 7: Just averaging?")
    page.get_by_role("button", name="Previous").press("Enter")
    expect(page.locator(".planes")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(PICTURES)).to_have_count(0)
    chapters.focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("option", name="5 of 7: Just averaging?").click()
    expect(page.locator(PICTURES)).to_be_visible(timeout=PATIENCE)


def test_what_stood_in_a_chapter_goes_as_the_next_one_opens(still):
    page = still(MEAN, "&guess=much")
    page.evaluate("""() => {
      window.both = [];
      new MutationObserver(() => {
        const title = document.querySelector('.page-title')?.textContent;
        if (title === 'The pull' && document.querySelector('.dm-accuracies')?.checkVisibility())
          window.both.push(title);
      }).observe(document.body, { childList: true, subtree: true, characterData: true });
    }""")
    page.get_by_role("button", name=re.compile("^3 The pull")).click()
    expect(page.locator(".pull[data-phase]")).to_be_visible(timeout=PATIENCE)
    assert page.evaluate("window.both") == []


def test_the_formula_and_the_planes_light_each_other(still, app):
    page = still(MEAN)
    page.goto(with_key(f"{app.address}/how_it_works?chapter=ever-new-networks&guess=none&plane_formula=open"))
    star = page.locator(".dm-term[data-term=star]")
    expect(star).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".planes")).to_have_attribute("data-step", "3000", timeout=PATIENCE)
    star.focus()
    expect(page.locator(".legend [data-term=star]")).to_have_class("lit")
    star.blur()
    expect(page.locator(".legend [data-term=star]")).not_to_have_class("lit")
    canvas = page.locator(".panel canvas").last
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    x, y = json.loads(canvas.get_attribute("data-stars"))[:2]
    unit = min(box["width"], box["height"]) / 4
    page.mouse.move(box["x"] + box["width"] / 2 + x * unit, box["y"] + box["height"] / 2 - y * unit)
    expect(star).to_have_class(re.compile("lit"))


@pytest.mark.parametrize("query", ["", "&guess=100"])
@pytest.mark.parametrize("chapter", [FEW, MEAN])
def test_axe_finds_nothing(still, chapter, query):
    page = still(chapter, query.replace("100", "much") if chapter == MEAN else query)
    assert barriers(page) == []


@pytest.mark.parametrize("chapter", [FEW, MEAN])
def test_a_phone_needs_no_scrolling_sideways(still, chapter):
    page = still(chapter, "&guess=100" if chapter == FEW else "&guess=much", width=390)
    wide = "nodes => nodes.filter(node => node.getBoundingClientRect().right > innerWidth + 1).length"
    assert page.locator(".stMainBlockContainer :visible").evaluate_all(wide) == 0
