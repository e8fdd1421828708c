"""Presenter mode in a browser: it outlasts the start of a run, works on every page, has a large stage."""

import re

import pytest
from playwright.sync_api import expect
from support.small_runs import record_runs
from support.waiting import PATIENCE, until
from support.watching import LOSS_FIGURE, STAGE, START_HERE, iteration, says, stage, standing

from app.views.how_it_works.chapters import CHAPTERS
from dmcore.config import CondenseConfig, SetChange

LEAVE, HEADER = ".st-key-app_presenter_leave", "[data-testid='stHeader']"
LISTENS = ".st-key-app_top [data-testid='stElementContainer'][style*='absolute']"
"""The keys' element, once it listens."""
TIMELINE = ".st-key-watch_timeline"
PROJECTORS = ((1280, 720), (1920, 1080), (1024, 768))
SMALLEST_PRESENTED = 17
"""CSS pixels of text on a projector, at least."""
ONE_CLASS = CondenseConfig(
    dataset="digits", images_per_class=1, width=8, depth=1, real_batch=8, iterations=30
)
STARTS = tuple(SetChange(init=init) for init in ("real", "noise", "wrong_class"))
SETS = {
    "10 x 1": ONE_CLASS,
    "10 x 10": ONE_CLASS.model_copy(update={"images_per_class": 10}),
    "three of 10 x 1": ONE_CLASS.model_copy(update={"sets": STARTS}),
    "clothes": ONE_CLASS.model_copy(update={"dataset": "fashion", "sets": STARTS}),
}
# Side of an image, smallest text, where stage, loss, its panel and the timeline end or begin; null while they
# still move.
MEASURE = """
([canvas, figure, rail]) => {
  const drawing = figure.querySelector('.main-svg');
  if (!drawing) return null;
  const bottom = node => node.getBoundingClientRect().bottom;
  const grid = [...canvas.parentElement.querySelectorAll('*')];
  const texts = [...document.querySelectorAll('.stMainBlockContainer *'), ...grid]
    .filter(node => node.checkVisibility() && node.getBoundingClientRect().top < innerHeight)
    .filter(node => !node.closest('sub, sup, .modebar, [data-testid="stIconMaterial"]'))
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()));
  const images = grid.filter(node => node.matches('div[style*="flex: 0 0"]'));
  const now = {
    image: Math.min(...images.map(box => box.clientHeight)),
    stage: bottom(canvas),
    loss: Math.max(bottom(figure), ...[...figure.querySelectorAll('text')].map(bottom)),
    side: bottom(document.querySelector('.st-key-watch_side')),
    timeline: rail.getBoundingClientRect().top,
    end: bottom(rail),
    text: Math.min(...texts.map(node => parseFloat(getComputedStyle(node).fontSize))),
    drawn: drawing.getBoundingClientRect().width - figure.clientWidth,
  };
  const same = JSON.stringify(now) === JSON.stringify(window.measured);
  window.stood = same ? (window.stood ?? 0) + 1 : 0;
  window.measured = now;
  return window.stood > 3 && Math.abs(now.drawn) <= 1 ? now : null;
}
"""
OBSERVE = """
window.seen = [];
window.watching = setInterval(() => {
  const frames = document.querySelectorAll('LEAVE button').length;
  const header = document.querySelector("HEADER");
  window.seen.push([frames, header !== null && getComputedStyle(header).display !== 'none']);
}, 50);
""".replace("LEAVE", LEAVE).replace("HEADER", HEADER)


def test_it_stays_while_a_run_starts_from_the_start_page_and_has_one_frame(visit):
    page = visit("?presenter=true")
    start = page.get_by_role("button", name=START_HERE)
    expect(start).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator(LEAVE)).to_be_visible()
    page.evaluate(OBSERVE)
    start.click()
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    says(page, "iteration", seconds=PATIENCE)
    page.wait_for_function("window.seen.length > 100")
    seen = page.evaluate("window.seen")
    assert max(frames for frames, _ in seen) == 1
    assert min(frames for frames, _ in seen[-40:]) == 1
    assert not any(header for _, header in seen), "the navigation never came back"
    assert "presenter=true" in page.url
    frame = page.locator(".st-key-app_presenter_frame")
    frame.get_by_role("button", name="Pause").click()
    expect(frame.get_by_role("button", name="Go on")).to_be_visible()
    step = frame.get_by_role("button", name="One iteration")
    expect(step).to_be_visible()
    before = standing(page)
    step.click()
    until(lambda: iteration(page) == before + 1, "one iteration is done")
    page.get_by_role("button", name="Leave (P)").click()
    expect(page.locator(HEADER)).to_be_visible()
    assert "presenter" not in page.url


@pytest.mark.parametrize("path", ["how_it_works", "paper", "accuracy", "runs", "watch?setup=open"])
def test_its_key_turns_it_on_and_off_on_every_page(visit, path):
    page = visit(path)
    expect(page.locator(LISTENS)).to_have_count(1, timeout=PATIENCE * 1000)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    page.keyboard.press("p")
    expect(page.locator(LEAVE)).to_be_visible()
    expect(page.locator(HEADER)).to_be_hidden()
    page.keyboard.press("p")
    expect(page.locator(LEAVE)).to_have_count(0)
    expect(page.locator(HEADER)).to_be_visible()


@pytest.mark.parametrize("path", ["", "watch?setup=open", "how_it_works", "runs"])
def test_the_name_stands_at_one_place_on_every_page_and_leads_to_the_start_page(visit, path):
    page = visit(path)
    item = page.get_by_role("link", name="Start page", exact=True)
    expect(item).to_be_visible(timeout=PATIENCE * 1000)
    logo = page.locator("[data-testid='stHeader'] :has(> .stLogo)").first
    named = "node => getComputedStyle(node, '::after').content === '\"dm-explorer\"'"
    until(lambda: logo.evaluate(named), "the name stands beside the mark")
    assert item.bounding_box()["x"] == pytest.approx(151, abs=25), "right of mark and name"
    if path:
        page.get_by_test_id("stLogoLink").click()
        expect(page.get_by_role("button", name=START_HERE)).to_be_visible(timeout=PATIENCE * 1000)


@pytest.fixture(scope="module")
def set_runs(tmp_path_factory):
    """A runs root with a run of each of `SETS`, and their ids."""
    root = tmp_path_factory.mktemp("presented") / "runs"
    return root, record_runs(root, SETS)


@pytest.fixture(scope="module")
def stage_app(start_app, set_runs):
    return start_app(set_runs[0])


def measured(page, size):
    """What `MEASURE` finds in a window of this size."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.evaluate("window.stood = 0")
    parts = [page.locator(part).element_handle() for part in (STAGE, LOSS_FIGURE, TIMELINE)]
    return page.wait_for_function(MEASURE, arg=parts, polling=100, timeout=PATIENCE * 1000).json_value()


def bring_chart(page):
    """While presenting, the images of several sets have the whole width until a chart is asked for."""
    expect(page.locator("[data-keys~=f]")).to_be_attached(timeout=PATIENCE * 1000)
    expect(page.locator(LOSS_FIGURE)).to_be_hidden()
    page.keyboard.press("f")
    expect(page.locator(LOSS_FIGURE)).to_be_visible(timeout=PATIENCE * 1000)


@pytest.mark.parametrize("name", SETS)
def test_images_are_at_least_as_large_as_without_it_and_chart_and_timeline_are_whole(
    name, stage_app, set_runs, open_page
):
    page = open_page(f"{stage_app.address}/?run={set_runs[1][name]}")
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    ordinary = {size: measured(page, size) for size in PROJECTORS}
    page.get_by_text("Presenter", exact=True).click()
    expect(page.locator(LEAVE)).to_be_visible()
    if len(SETS[name].all_sets()) > 1:
        bring_chart(page)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    for size in PROJECTORS:
        presented = measured(page, size)
        assert presented["image"] >= ordinary[size]["image"], size
        assert presented["stage"] <= presented["timeline"], size
        assert presented["loss"] <= min(presented["side"], presented["timeline"]), size
        assert presented["end"] <= size[1], size
        assert presented["text"] >= SMALLEST_PRESENTED, size


@pytest.mark.parametrize("presented", ["", "&presenter=true"])
@pytest.mark.parametrize("name", ["10 x 1", "three of 10 x 1"])
def test_the_map_of_every_set_is_whole_above_the_timeline(name, presented, stage_app, set_runs, open_page):
    page = open_page(f"{stage_app.address}/?run={set_runs[1][name]}&beside=features{presented}")
    maps = page.locator(".st-key-watch_side .panel canvas")
    expect(maps).to_have_count(3 if "three" in name else 1, timeout=PATIENCE * 1000)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)

    def in_sight():
        top = page.locator(TIMELINE).bounding_box()["y"]
        boxes = [drawn.bounding_box() for drawn in maps.all()]
        return all(box["y"] + box["height"] <= top and box["height"] >= 100 for box in boxes)

    until(in_sight, "each map ends above the timeline, at least 100 pixels high")


def test_the_steps_have_the_window_to_themselves(stage_app, set_runs, open_page):
    page = open_page(f"{stage_app.address}/?run={set_runs[1]['10 x 1']}&beside=step+by+step&presenter=true")
    image = page.locator(".real-images canvas").first
    for size, side in (((1280, 720), 44), ((1920, 1080), 76)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        expect(image).to_be_visible(timeout=PATIENCE * 1000)
        until(lambda side=side: image.bounding_box()["width"] >= side, f"images of {side} px in {size}")
        above = page.locator(".pull").bounding_box()
        timeline = page.locator(TIMELINE).bounding_box()
        assert above["y"] + above["height"] <= timeline["y"]
        assert timeline["y"] + timeline["height"] <= size[1]
    for hidden in (".st-key-watch_status", ".st-key-result_card"):
        expect(page.locator(hidden)).to_be_hidden()
    expect(page.get_by_text("Keys: S start")).to_be_hidden()
    page.keyboard.press("c")  # the keys still work
    expect(page.locator(".pull")).to_have_count(0, timeout=PATIENCE * 1000)


def test_in_the_steps_of_many_images_no_text_lies_on_pictures(stage_app, set_runs, open_page):
    page = open_page(f"{stage_app.address}/?run={set_runs[1]['10 x 10']}&beside=step+by+step")
    note = page.locator(".pull .after .title")
    expect(note).to_contain_text("one beyond the run", timeout=PATIENCE * 1000)
    text, gradient = note.bounding_box(), page.locator(".gradient-images").bounding_box()
    assert text["x"] + text["width"] <= gradient["x"]
    omega, images = page.locator(".omega").bounding_box(), page.locator(".real-augmented").bounding_box()
    assert omega["y"] >= images["y"] + images["height"] - 1
    assert omega["y"] + omega["height"] <= page.locator(".synthetic-augmented").bounding_box()["y"] + 1


def test_three_starts_are_named_briefly_beside_large_images_and_whole_in_the_chart(
    stage_app, set_runs, open_page
):
    page = open_page(f"{stage_app.address}/?run={set_runs[1]['clothes']}&presenter=true")
    expect(page.locator(STAGE)).to_be_visible(timeout=PATIENCE * 1000)
    bring_chart(page)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    assert measured(page, PROJECTORS[0])["image"] >= 64
    titles = page.locator(f"{STAGE} ~ .labels .title").all()
    assert max(title.bounding_box()["width"] for title in titles) <= 200
    names = " ".join(page.locator(f"{LOSS_FIGURE} .annotation-text").all_text_contents())
    assert "…" not in names
    assert all(start in names for start in ("from real images", "from noise", "from a wrong class"))


def test_nothing_of_the_set_up_stands_below_the_frame_in_the_corner(visit):
    page = visit("watch?setup=open&presenter=true")
    heading = page.get_by_role("heading", name="Real images of")
    expect(heading).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    frame = page.locator(LEAVE).bounding_box()
    first = page.locator(".st-key-watch_setup").bounding_box()
    assert frame["y"] + frame["height"] <= min(heading.bounding_box()["y"], first["y"])
    heading.hover()
    page.mouse.wheel(0, 200)
    until(
        lambda: page.locator(LEAVE).bounding_box()["y"] <= frame["y"] - 60,
        "the frame scrolls away with what it stands above",
    )


def test_the_front_page_keeps_the_size_of_its_picture_and_has_larger_type(visit):
    sizes = []
    for query in ("", "?presenter=true"):
        page = visit(query)
        expect(page.locator(".st-key-watch_front canvas.ten[data-iteration]")).to_be_visible(
            timeout=PATIENCE * 1000
        )
        expect(page.locator(".track .mark.whole text")).to_be_visible(timeout=PATIENCE * 1000)
        picture, named = (
            page.locator(part).first.bounding_box() for part in ("canvas.real", ".track .mark.whole text")
        )
        doors = page.locator(".st-key-front_doors").bounding_box()
        assert doors["y"] + doors["height"] <= 720
        sizes.append((picture["width"], named["height"]))
    (width, height), (presented_width, presented_height) = sizes
    assert presented_width >= width
    assert presented_height >= 1.2 * height


def test_while_presenting_the_timeline_says_the_iteration_alone(stage_app, set_runs, open_page):
    page = open_page(f"{stage_app.address}/?run={set_runs[1]['10 x 1']}&presenter=true")
    words = page.locator(f"{TIMELINE} p")
    expect(words).to_have_text("Iteration 30", timeout=PATIENCE * 1000)
    page.locator(f"{TIMELINE} input").focus()
    page.keyboard.press("Home")
    expect(words).to_have_text("Iteration 0")


# Smallest type of a chapter's own text, captions aside; null while nothing stands there.
CHAPTER_TEXT = """
() => {
  const texts = [...document.querySelectorAll('.stMainBlockContainer *')]
    .filter(node => node.checkVisibility() && node.getBoundingClientRect().width > 1)
    .filter(node => !node.closest(
      'sub, sup, kbd, [data-testid="stIconMaterial"], [data-testid="stCaptionContainer"], .katex'))
    .filter(node => [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()));
  return texts.length ? Math.min(...texts.map(node => parseFloat(getComputedStyle(node).fontSize))) : null;
}
"""


@pytest.mark.parametrize("chapter", [chapter.name for chapter in CHAPTERS])
def test_a_chapter_keeps_its_question_in_type_for_the_back_row(visit, chapter):
    page = visit(f"how_it_works?chapter={chapter}&guess=none&presenter=true")
    shown = page.locator(".st-key-how_it_works_question .stMarkdown em").first
    expect(shown).to_have_text(re.compile(r"\?$"), timeout=PATIENCE * 1000)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    for size, smallest in (((1280, 720), SMALLEST_PRESENTED), ((1920, 1080), 24)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        until(lambda least=smallest: page.evaluate(CHAPTER_TEXT) >= least, f"type of {smallest} px at {size}")
        assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_a_remote_leads_from_the_start_page_on_and_back(visit):
    page = visit("?presenter=true")
    expect(page.get_by_role("button", name=START_HERE)).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator("[data-keys~=PageDown]")).to_be_attached(timeout=PATIENCE * 1000)
    expect(page.get_by_text("Dataset condensation:")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.get_by_role("heading", name=CHAPTERS[0].title)).to_be_visible(timeout=PATIENCE * 1000)
    assert "presenter=true" in page.url
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    page.keyboard.press("PageUp")
    expect(page.get_by_role("button", name=START_HERE)).to_be_visible(timeout=PATIENCE * 1000)


def test_on_a_long_page_a_remote_scrolls_before_it_turns(visit):
    page = visit("paper?presenter=true")
    expect(page.locator("[data-keys~=PageDown]")).to_be_attached(timeout=PATIENCE * 1000)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE * 1000)
    page.keyboard.press("PageDown")
    page.wait_for_function("document.querySelector('[data-testid=stMain]').scrollTop > 300")
    assert "/paper" in page.url


def test_over_the_whole_width_no_button_lies_on_a_class(stage_app, set_runs, open_page):
    page = open_page(f"{stage_app.address}/?run={set_runs[1]['10 x 1']}&beside=step+by+step&presenter=true")
    expect(page.locator(".pull")).to_be_visible(timeout=PATIENCE * 1000)
    expect(page.locator("[data-keys~=f]")).to_be_attached(timeout=PATIENCE * 1000)
    page.keyboard.press("f")
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    corner = page.locator(".st-key-app_presenter_frame")
    for width, height in PROJECTORS:
        page.set_viewport_size({"width": width, "height": height})
        until(
            lambda: (
                corner.bounding_box()["y"] + corner.bounding_box()["height"]
                <= stage(page).bounding_box()["y"]
            ),
            "the corner's buttons end above the images",
        )
