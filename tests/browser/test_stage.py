"""The stage in a small laptop's window and on a phone: everything in sight, many classes in pages."""

import re

import numpy as np
import pytest
import torch
from playwright.sync_api import expect
from support.small_runs import record_runs

from dmcore.config import CondenseConfig, SetChange
from dmcore.data.images import DataSet, LabelledImages, Statistics

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60_000
CLASSES = 100
STAGE = "canvas[aria-label^='Synthetic images']"
IMAGES = f"{STAGE} ~ .labels div[style*='flex: 0 0']"
"""The room of a class's images."""
PAGER = ".pager span:not(:empty)"
TIMELINE = ".st-key-watch_timeline"
SHOWN = re.compile(rf"classes (\d+)\W(\d+) of {CLASSES}")
PANELS = ("loss", "accuracy", "features", "image")
"""Those that stand beside the images; step by step takes their place."""
FITS = """side =>
    side.lastElementChild.getBoundingClientRect().bottom <= side.getBoundingClientRect().bottom + 1"""
"""Whether all that stands in the side panel is in sight without scrolling."""
SMALL = CondenseConfig(dataset="digits", images_per_class=1, width=8, depth=1, real_batch=2, iterations=6)


def things() -> DataSet:
    """A hundred classes of coloured noise."""
    random, each = np.random.default_rng(0), 11
    pixels = torch.from_numpy(random.integers(0, 256, (CLASSES * each, 3, 16, 16), np.uint8))
    label = torch.arange(CLASSES).repeat_interleave(each)
    names = tuple(f"thing {index}" for index in range(CLASSES))
    part = LabelledImages(pixels, label, names, Statistics((0.5,) * 3, (0.25,) * 3))
    return DataSet("things", "A hundred things", part, part)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A runs root: a hundred classes; sets of 1, 10 and 50 images per class; ten of ten and of one."""
    root = tmp_path_factory.mktemp("stage") / "runs"
    tens = SMALL.model_copy(update={"images_per_class": 10})
    sizes = tuple(SetChange(images_per_class=size) for size in (1, 10, 50))
    configs = {"hundred": tens, "sizes": SMALL.model_copy(update={"sets": sizes}), "tens": tens}
    configs |= {"ones": SMALL}
    return root, record_runs(root, configs, {"hundred": things()})


@pytest.fixture(scope="module")
def app(start_app, runs):
    return start_app(runs[0])


@pytest.fixture
def watch(app, runs, open_page):
    """`watch(name, following="", **window)`: the Watch page with a run on its stage."""

    def open_run(name, following="", **window):
        page = open_page(f"{app.address}/?run={runs[1][name]}{following}", **window)
        expect(page.locator(STAGE)).to_be_visible(timeout=PATIENCE)
        expect(page.locator(f"{TIMELINE} input")).to_be_visible(timeout=PATIENCE)
        return page

    return open_run


def bottom_of(page, selector):
    box = page.locator(selector).first.bounding_box()
    return box["y"] + box["height"]


def shown_classes(page):
    """First and last class on the page of classes, from 1."""
    first, last = SHOWN.search(page.locator(PAGER).inner_text()).groups()
    return int(first), int(last)


def test_a_hundred_classes_are_paged_with_the_timeline_in_sight_and_the_address_keeps_the_page(watch):
    page = watch("hundred")
    expect(page.locator(PAGER)).to_have_text(SHOWN, timeout=PATIENCE)
    first, last = shown_classes(page)
    assert first == 1
    assert 10 <= last < CLASSES
    assert bottom_of(page, STAGE) <= page.locator(TIMELINE).bounding_box()["y"]
    assert bottom_of(page, TIMELINE) <= 720
    page.locator(STAGE).focus()
    page.keyboard.press("PageDown")
    expect(page.locator(PAGER)).to_have_text(re.compile(rf"classes {last + 1}\W"))
    expect(page).to_have_url(re.compile(rf"first_class={last}(&|$)"), timeout=PATIENCE)
    assert f"classes {last + 1}" in page.locator(STAGE).get_attribute("aria-label")
    page.reload()
    expect(page.locator(PAGER)).to_have_text(re.compile(rf"classes {last + 1}\W"), timeout=PATIENCE)
    page.get_by_role("button", name="Previous classes").click()
    expect(page.locator(PAGER)).to_have_text(re.compile(r"classes 1\W"))
    expect(page.get_by_role("button", name="Previous classes")).to_be_disabled()


def test_the_time_machine_and_a_click_keep_the_page_of_classes(watch):
    page = watch("hundred", "&first_class=60")
    expect(page.locator(PAGER)).to_have_text(SHOWN, timeout=PATIENCE)
    before = page.locator(PAGER).inner_text()
    first, last = shown_classes(page)
    assert first <= 61 <= last
    scrubber = page.locator(f"{TIMELINE} input")
    scrubber.focus()
    page.keyboard.press("Home")
    expect(page.locator(f"{STAGE}[data-iteration='0']")).to_be_visible(timeout=PATIENCE)
    assert page.locator(PAGER).inner_text() == before
    stage, image = (page.locator(part).first.bounding_box() for part in (STAGE, IMAGES))
    inside = {axis: image[axis] - stage[axis] + 4 for axis in ("x", "y")}
    page.locator(STAGE).click(position=inside)
    expect(page).to_have_url(re.compile(rf"image=[^&]*\.{first - 1}\.0"), timeout=PATIENCE)
    assert page.locator(PAGER).inner_text() == before


def test_every_panel_beside_the_stage_leaves_the_timeline_in_sight(watch):
    page = watch("sizes")
    for panel in PANELS:
        page.get_by_role("radio", name=panel, exact=True).click()
        expect(page.get_by_role("radio", name=panel, exact=True)).to_be_checked(timeout=PATIENCE)
        expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE)
        assert bottom_of(page, ".st-key-watch_side") <= page.locator(TIMELINE).bounding_box()["y"] + 1, panel
        assert bottom_of(page, TIMELINE) <= 720, panel


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (1366, 768)])
def test_a_changed_set_up_takes_one_line_and_leaves_images_large_and_the_chart_whole(watch, width, height):
    page = watch("ones", "&iterations=9&seed=4", width=width, height=height)
    bar, figure = page.locator(".st-key-watch_form_differs"), page.locator(".st-key-watch_side .live-figure")
    expect(bar).to_contain_text("iterations 9 instead of 6", timeout=PATIENCE)
    expect(figure.locator(".xtitle")).to_have_text("iteration", timeout=PATIENCE)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE)
    assert bar.bounding_box()["height"] < 60
    assert page.locator(IMAGES).first.bounding_box()["width"] >= 56
    side = page.locator(".st-key-watch_side")
    page.wait_for_function(FITS, arg=side.element_handle())
    bottom = page.locator(TIMELINE).bounding_box()["y"]
    for selector in (".st-key-watch_side .xtitle", STAGE):
        assert bottom_of(page, selector) <= bottom, selector


def test_on_a_phone_sets_of_several_sizes_stand_side_by_side_within_the_width(watch):
    page = watch("sizes", width=390, height=844)
    titles = page.locator(".lanes .title")
    expect(titles).to_have_count(3, timeout=PATIENCE)
    tops = {round(title.bounding_box()["y"] + title.bounding_box()["height"]) for title in titles.all()}
    assert len(tops) == 1, "beside each other"
    lanes = page.locator(".lanes")
    assert lanes.evaluate("node => node.scrollWidth <= node.clientWidth")
    boxes = page.locator(".lanes .class > div").all()
    assert max(box.bounding_box()["x"] + box.bounding_box()["width"] for box in boxes) <= 390 - 16
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_no_button_of_the_stage_has_a_row_of_its_own_above_it(watch):
    page = watch("sizes")
    compare = page.get_by_role("button", name="Is it any good? Compare")
    expect(compare).to_be_visible(timeout=PATIENCE)
    assert compare.bounding_box()["y"] == page.get_by_role("button", name="New run").bounding_box()["y"]
    head = bottom_of(page, ".st-key-watch_status")
    assert page.locator(STAGE).bounding_box()["y"] - head <= 24


@pytest.mark.parametrize("width", [1280, 1024, 390])
def test_the_buttons_of_a_chart_stand_beside_the_title_of_its_axis_and_send_nothing_away(watch, width):
    page = watch("sizes", "&beside=accuracy", width=width)
    figure = page.locator(".live-figure[data-revision]")
    expect(figure).to_be_visible(timeout=PATIENCE)
    figure.hover()
    buttons, title = figure.locator(".modebar"), figure.locator(".xtitle")
    expect(buttons).to_be_visible()
    bar, text = buttons.bounding_box(), title.bounding_box()
    beside = bar["x"] >= text["x"] + text["width"]
    above = bar["y"] + bar["height"] <= text["y"]
    assert beside or above
    names = figure.locator(".modebar-btn").evaluate_all("nodes => nodes.map(node => node.dataset.title)")
    assert names
    assert not any("cloud" in name.lower() or "share" in name.lower() for name in names), names


def test_on_a_phone_ten_classes_of_ten_images_are_on_the_first_screen(watch):
    page = watch("tens", width=390, height=844)
    names = page.locator(f"{STAGE} ~ .labels .name")
    expect(names).to_have_count(10, timeout=PATIENCE)
    expect(page.locator(PAGER)).to_be_hidden()
    assert bottom_of(page, STAGE) <= page.locator(TIMELINE).bounding_box()["y"]
