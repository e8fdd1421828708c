"""Chapters with a random network in a real Chromium: they move, ask, reveal; links, keys, stills, drawing."""

import re

import pytest
from playwright.sync_api import expect
from support.barriers import barriers
from support.servers import with_key

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000
PAGE = "how_it_works"
EMBEDDING, AUGMENTATION = ".embedding", ".augmentation"


@pytest.fixture
def still(app, profile):
    """Open a link where less motion is preferred."""
    pages = []

    def open_link(query, width=1280):
        page = profile.new_page()
        pages.append(page)
        page.emulate_media(reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 720})
        page.goto(with_key(f"{app.address}/{PAGE}?{query}"))
        expect(page.locator(f"{EMBEDDING}, {AUGMENTATION}").first).to_be_visible(timeout=PATIENCE)
        return page

    yield open_link
    for page in pages:
        page.close()


def has(page, root, name, value):
    expect(page.locator(root)).to_have_attribute(f"data-{name}", str(value), timeout=PATIENCE)


def test_an_image_moves_through_the_network_and_two_classes_part_after_the_guess(visit):
    page = visit(f"{PAGE}?chapter=embedding", hurried=True)
    expect(page.locator(EMBEDDING)).to_have_attribute("data-beat", re.compile("[1-9]"), timeout=PATIENCE)
    has(page, EMBEDDING, "own", 20)
    has(page, EMBEDDING, "others", 0)
    expect(page.locator(".share-text")).to_have_text("")
    page.locator("body").press("1")
    expect(page.locator("strong", has_text="Right: ")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Pause")).to_be_focused()
    has(page, EMBEDDING, "others", 20)
    has(page, EMBEDDING, "networks", 8)
    share = re.match(r"(\d+)\s%", page.locator(".share-text").inner_text())
    assert share is not None
    assert 75 < int(share[1]) < 100
    assert float(page.locator(".to-own").inner_text().split()[0]) < float(
        page.locator(".to-other").inner_text().split()[0]
    )


def test_another_image_network_class_or_drawing_changes_everything_at_once_and_the_link_names_it(still):
    page = still("chapter=embedding&guess=none")
    has(page, EMBEDDING, "networks", 8)
    away = page.locator(".to-own")
    seen = [away.inner_text()]

    def changed():
        expect(away).not_to_have_text(seen[-1])
        seen.append(away.inner_text())

    page.get_by_role("radio", name="Ankle boot 1").focus()
    page.keyboard.press("ArrowRight")
    changed()
    page.locator("body").press("n")
    changed()
    page.get_by_role("combobox", name="Class").select_option("Shirt")
    changed()
    page.get_by_role("combobox", name="Compared with").select_option("Coat")
    page.locator("canvas.image").focus()
    page.keyboard.press("Enter")
    changed()
    expect(page.locator(".image-name")).to_have_text("your drawing")
    expect(page).to_have_url(re.compile("embed_drawing="), timeout=PATIENCE)
    has(page, EMBEDDING, "networks", 8)
    sentence = page.locator(".share-text").inner_text()
    query = page.url.split("?")[1]
    again = still(query)
    has(again, EMBEDDING, "networks", 8)
    expect(again.locator(".to-own")).to_have_text(seen[-1])
    expect(again.locator(".share-text")).to_have_text(sentence)
    again.get_by_role("button", name="Back to the image").press("Enter")
    expect(again.locator(".image-name")).to_have_text("Shirt")


def test_a_pointer_draws_into_the_image(still):
    page = still("chapter=embedding&guess=none")
    has(page, EMBEDDING, "others", 20)
    page.get_by_role("button", name="Draw your own").click()
    expect(page.locator(".image-name")).to_have_text("your drawing")
    expect(page.locator("canvas.image")).to_be_focused()
    area = page.locator("canvas.image").bounding_box()
    middle = area["y"] + area["height"] / 2
    page.mouse.move(area["x"] + 20, middle)
    page.mouse.down()
    page.mouse.move(area["x"] + area["width"] - 20, middle, steps=20)
    page.mouse.up()
    white = page.locator("canvas.image").evaluate(
        "node => node.getContext('2d').getImageData(0, 0, 28, 28).data.filter((value, at) =>"
        " at % 4 === 0 && value === 255).length"
    )
    assert 12 < white < 80
    expect(page).to_have_url(re.compile("embed_drawing="), timeout=PATIENCE)


def test_less_motion_gives_stills_and_single_steps(still):
    page = still("chapter=embedding&guess=none")
    has(page, EMBEDDING, "beat", 45)
    page.locator("body").press("s")
    has(page, EMBEDDING, "beat", 0)
    page.get_by_role("button", name="One step").click()
    has(page, EMBEDDING, "beat", 1)
    page.wait_for_timeout(800)
    has(page, EMBEDDING, "beat", 1)


def test_a_term_of_the_formula_lights_its_part_of_the_picture_and_back(still):
    page = still("chapter=embedding&guess=none")
    expect(page.locator(".dm-formula")).to_be_hidden()
    page.get_by_text("The formula", exact=True).click()
    expect(page).to_have_url(re.compile("embed_formula=open"), timeout=PATIENCE)
    page.locator(".dm-term[data-term=psi]").focus()
    expect(page.locator(".strip[data-term=psi]")).to_have_class(re.compile("lit"))
    page.locator(".strip[data-term=psi]").hover()
    expect(page.locator(".dm-term[data-term=psi]")).to_have_class(re.compile("lit"))


def test_the_same_augmentation_leaves_no_distance_separate_ones_do(visit):
    page = visit(f"{PAGE}?chapter=augmentation", hurried=True)
    has(page, AUGMENTATION, "shown", 6)
    expect(page.locator(".distance-text")).to_have_text("")
    page.locator("body").press("1")
    expect(page.locator("strong", has_text="No: they lie apart.")).to_be_visible(timeout=PATIENCE)
    has(page, AUGMENTATION, "shown", 40)
    has(page, AUGMENTATION, "same", 0)
    text = page.locator(".distance-text").inner_text()
    assert "Each of 40 draws" in text
    assert "The same change: 0 in every draw" in text
    median = re.search(r"median ([\d.]+)", text)
    others = re.search(r"“Ankle boot” are ([\d.]+)", text)
    assert median is not None
    assert others is not None
    assert float(median[1]) > float(others[1])


def test_equal_sliders_leave_no_distance_and_a_link_sets_them(still):
    page = still("chapter=augmentation&guess=none&augmentation_operation=rotate")
    has(page, AUGMENTATION, "shown", 40)
    real = page.get_by_role("slider", name="degrees: real")
    copies = page.get_by_role("slider", name="degrees: copies, right side")
    copies.focus()
    copies.press("End")
    expect(page).to_have_url(re.compile("augmentation_copies=15"), timeout=PATIENCE)
    expect(page.locator(".separate-distance")).not_to_have_text("0")
    real.focus()
    real.press("End")
    has(page, AUGMENTATION, "separate", 0)
    expect(page).to_have_url(re.compile("augmentation_real=15"), timeout=PATIENCE)
    again = still(page.url.split("?")[1])
    has(again, AUGMENTATION, "separate", 0)
    again.get_by_role("button", name="Back to the draws").click()
    expect(again.locator(".separate-distance")).not_to_have_text("0")


def test_keys_choose_an_operation_and_go_from_draw_to_draw(still):
    page = still("chapter=augmentation&guess=none")
    has(page, AUGMENTATION, "shown", 40)
    page.locator("body").press("s")
    has(page, AUGMENTATION, "shown", 1)
    page.locator("body").press("s")
    has(page, AUGMENTATION, "shown", 2)
    page.get_by_role("radio", name="one of the six").focus()
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("augmentation_operation=color"), timeout=PATIENCE)


@pytest.mark.parametrize(
    ("root", "query"),
    [
        (EMBEDDING, "chapter=embedding"),
        (EMBEDDING, "chapter=embedding&guess=chance"),
        (AUGMENTATION, "chapter=augmentation"),
        (AUGMENTATION, "chapter=augmentation&guess=zero&augmentation_operation=rotate"),
    ],
)
def test_axe_finds_nothing(still, root, query):
    page = still(query)
    if "guess" in query:
        name, value = ("networks", 8) if root == EMBEDDING else ("shown", 40)
        has(page, root, name, value)
    assert barriers(page) == []


@pytest.mark.parametrize("query", ["chapter=embedding&guess=none", "chapter=augmentation&guess=none"])
def test_a_phone_needs_no_sideways_scrolling(still, query):
    page = still(query, width=390)
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
