"""The pages in every state, light and dark, wide and narrow: contrast, sizes, nothing cut, what comes first.

A scene is opened once; theme and window are then changed on its page, as a person would. Each scene begins
with another look, so that every look is opened anew as well as come to.
`DM_SCREENSHOTS` names a folder for the screenshots; left out, they lie in pytest's temporary folder.
"""

import os
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from support.servers import with_key
from support.watching import STREAMLITS_OWN

from app.data.available import AvailableDataset
from app.jobs.speeds import start_timer
from app.views.accuracy.choices import paper_table
from dmcore.config import CondenseConfig, EvaluateConfig, SetChange
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.data.load import load_dataset
from dmcore.execution.cost import total_workload
from dmcore.execution.plan import evaluation_plan, make_plan
from dmcore.experiments.presets import DataFacts
from dmcore.experiments.results import CellResult, NetworkResult, Results, write_results
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table3 import Table3Config
from dmcore.experiments.table4 import Table4Config
from dmcore.runs.creation import create_run
from dmcore.runs.recorder import record
from dmcore.runs.results.evaluation_tasks import evaluate_tasks, evaluation_tasks

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PATIENCE = 60_000
WIDE, NARROW = (1280, 720), (390, 844)
LOOKS = [(theme, size) for theme in ("light", "dark") for size in (WIDE, NARROW)]
SCENES = [
    "watch-front",
    "watch-empty",
    "watch-running",
    "watch-finished",
    "watch-failed",
    "watch-stopped",
    "watch-image",
    "watch-steps",
    "runs-empty",
    "runs-filled",
    "compare-two",
    "features-map",
    "accuracy-empty",
    "accuracy-table",
    "architectures-table",
    "network_distribution-table",
    "how_it_works-asked",
    "how_it_works-revealed",
    "how_it_works-few",
    "how_it_works-embedding",
    "how_it_works-pull",
    "how_it_works-averaging",
    "how_it_works-augmentation",
    "how_it_works-limits",
    "paper-all",
    "paper-table1",
    "paper-figure4",
]
BESIDE = ("watch-image", "watch-steps", "accuracy-empty", "accuracy-table")
BESIDE += ("architectures-table", "network_distribution-table")
BESIDE += tuple(scene for scene in SCENES[-9:] if scene != "paper-all")
"""Scenes that share all but a panel with the others, or stand alike in both themes: two looks do."""
FILLED_TABLE = {
    "accuracy": "?data=Digits",
    "architectures": "",
    "network_distribution": "?table4_data=Digits",
}
"""Address of the table of a page that is filled in part."""
CHAPTERS = {
    "asked": ("ever-new-networks", ".planes[data-step='8']"),
    "revealed": ("ever-new-networks&guess=new", ".planes[data-step='3000']"),
    "few": ("what-is-asked-for&guess=100", ".stream[data-passed='6']"),
    "embedding": ("embedding&guess=none", ".embedding[data-others='20']"),
    "pull": ("the-pull&guess=none&pull_phase=6", ".pull[data-phase='6']"),
    "averaging": ("averaging&guess=much", ".averaging[data-laid='61']"),
    "augmentation": ("augmentation&guess=none", ".augmentation[data-shown='40']"),
    "limits": ("limits&guess=10", ".figures svg"),
}
"""Chapter of How it works with its guess, and its last still."""
TWO_LOOKS = [("light", WIDE), ("dark", NARROW)]
TEXT_COLOUR = {"light": "#14171c", "dark": "#f2f4f7"}
"""As .streamlit/config.toml names them."""
STAGE = "canvas[aria-label^='Synthetic images']"
REAL = "canvas[aria-label*='real images']"
RECORDED = ".st-key-watch_front canvas.ten[data-iteration]"
"""The learned images of the front page."""
RECORDED_LINE = re.compile(r"Recorded\s\d+\s\w+\s\d{4} on .+\snetworks?")
"""Provenance of the recorded results, which stand where a table has no number of one's own."""
FIGURE = ".live-figure[data-revision]"
LOSS_FIGURE = f".st-key-loss {FIGURE}"
RACE = "dataset=digits&init=real&init=noise&init=wrong+class"
"""Three starts in one run."""
STATUS = ".st-key-watch_status"
PAUSE, STOP = ".st-key-pause button", ".st-key-stop button"
QUERY_AND_LAST = {
    "image": ("&at=20&beside=image&image=noise-1.3.0", "text=Nearest in the features"),
    "steps": ("&at=20&beside=step+by+step", ".pull[data-phase]"),
    "presenter": ("&presenter=true", STAGE),
    "many": ("&layer=momentum", FIGURE),
}
"""What the address says beside the run, and what is drawn last."""
PROJECTOR, PRESENTED_TEXT = (1920, 1080), 24
SMALLEST_TEXT = 13
IMAGES = {
    "watch-running": (STAGE, 1, 30, 32),
    "watch-stopped": (STAGE, 10, 10, 12),
    "watch-empty": (REAL, 7, 10, 40),
}
"""Scenes of at most a hundred images: where they are, images in a block, blocks, least side in CSS pixels."""

# What stands on the page as a person sees it; open shadow roots are looked into as well.
SEE = """
smallest => {
  const small = [], cut = [], beyond = [];
  const named = node => `${node.tagName.toLowerCase()} "${(node.textContent || '').trim().slice(0, 60)}"`;
  const seen = node => {
    const box = node.getBoundingClientRect();
    const shown = node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    return shown && box.width > 1 && box.height > 1;
  };
  const look = parent => {
    for (const node of parent.querySelectorAll('*')) {
      if (node.shadowRoot) look(node.shadowRoot);
      if (!seen(node) || node.closest('.modebar, [data-testid="stSidebar"], #js-plotly-tester')) continue;
      const style = getComputedStyle(node), box = node.getBoundingClientRect();
      const hides = node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0;
      const ours = node.matches('p, td, th, button, img, canvas, label, .live-figure');
      if (ours && (box.right > innerWidth + 1 || box.left < -1)) beyond.push(named(node));
      if (hides && ['auto', 'scroll'].includes(style.overflowX)) beyond.push(`in ${named(node)}`);
      const whole = node.closest('[title]')?.title ?? '';  // of a long line the rest is there on hover
      const ends = hides && style.textOverflow === 'ellipsis' && style.overflowX !== 'visible';
      if (ends && !whole.includes(node.textContent.replace('●', '').trim())) cut.push(named(node));
      const says = [...node.childNodes].some(child => child.nodeType === 3 && child.textContent.trim());
      const icon = node.matches('[data-testid="stIconMaterial"], .katex *') || node.closest('sub, sup');
      const tiny = says && !icon && parseFloat(style.fontSize) < smallest;
      if (tiny) small.push(`${style.fontSize} ${named(node)}`);
    }
  };
  look(document.body);
  const sideways = document.scrollingElement.scrollWidth > innerWidth ? ['the whole page'] : [];
  return { 'too small': small, 'cut by an ellipsis': cut, 'beyond the side': [...beyond, ...sideways] };
}
"""
# The canvas's images: an empty box lies under each class's images, and boxes of 10 images are 5 x 2 or so.
MEASURE_IMAGES = """
([canvas, each]) => [...canvas.parentElement.querySelectorAll('div[style*="flex: 0 0"]')].map(box => {
  const width = box.clientWidth + 3, height = box.clientHeight + 3;
  for (let columns = 1; columns <= each; columns++)
    if (Math.abs(width / columns - height / Math.ceil(each / columns)) < 0.6) return width / columns - 3;
  return 0;
})
"""
# True once a change of theme or window is over: page and figures have the theme's colour of text, figures are
# as wide as their room, and no place or colour differs from the last two times.
STANDS_STILL = """
colour => {
  const hex = rgb => '#' + rgb.match(/\\d+/g).map(value => (+value).toString(16).padStart(2, '0')).join('');
  const places = [];
  let drawn = hex(getComputedStyle(document.querySelector('[data-testid="stApp"]')).color) === colour;
  const look = parent => {
    for (const node of parent.querySelectorAll('*')) {
      if (node.shadowRoot) look(node.shadowRoot);
      const { x, y, width, height } = node.getBoundingClientRect(), style = getComputedStyle(node);
      if (width) places.push([x, y, width, height, style.color, style.backgroundColor].join());
      if (!width || !node.matches('.live-figure[data-revision]')) continue;
      const room = node.querySelector('.main-svg')?.getBoundingClientRect().width;
      drawn &&= node.layout.font.color.toLowerCase() === colour && Math.abs(room - node.clientWidth) <= 1;
    }
  };
  look(document.body);
  const now = places.join(' ');
  window.stood = drawn && now === window.seenLast ? (window.stood ?? 0) + 1 : 0;
  window.seenLast = now;
  return window.stood >= 2;
}
"""


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A runs root with a finished and judged run, a failed one and a stopped one."""
    root = tmp_path_factory.mktemp("looks") / "runs"
    root.mkdir()
    dataset = load_dataset("digits")
    small = CondenseConfig(
        dataset="digits",
        images_per_class=1,
        width=8,
        depth=2,
        real_batch=16,
        iterations=40,
        sets=(SetChange(init="real"), SetChange(init="noise"), SetChange(init="wrong_class")),
    )

    def make(config, title):
        plan = make_plan(config, dataset.shape, len(dataset.class_names), "cpu")
        return create_run(root, config, dataset, plan, title)

    finished = make(small, "Three starts, one answer")
    for _ in record(finished, dataset):
        pass
    tasks = evaluation_tasks(finished, EvaluateConfig(repeats=2, epochs=3))
    plan, shape = evaluation_plan("cpu"), finished.description.data.data_shape
    workload = total_workload(task.workload(shape, plan.workers) for task in tasks)
    for _ in evaluate_tasks(tasks, dataset, plan, start_timer(workload, "cpu", lambda: 0.0)):
        pass
    failed = make(small.model_copy(update={"image_lr": 1e30, "sets": ()}), "digits, 1 per class")
    with pytest.raises(ValueError, match=r"finite|number"):
        for _ in record(failed, dataset):
            pass
    stopped = make(
        small.model_copy(update={"iterations": 500, "images_per_class": 10, "sets": ()}),
        "digits, 10 per class",
    )
    steps = record(stopped, dataset)
    while next(steps).iteration < 15:
        pass
    steps.close()
    tabled(root, finished)
    return {"root": root, "finished": finished, "failed": failed, "stopped": stopped, "many": many(root)}


def tabled(root, run):
    """Tables 1, 3 and 4 half filled, with numbers nobody measured: looks are all that is asked of them."""
    facts = DataFacts("digits", "Digits", (1, 8, 8), 1437)
    table1 = paper_table(Table1Config(), AvailableDataset(facts, "Digits", 10)).table
    for table in (table1, Table3Config().table(facts), Table4Config().table(facts)):
        assert table is not None
        filled = {
            index: CellResult(
                digest=f"{index}",
                run=run.id,
                set="real-1",
                iteration=40,
                images=10,
                network_results=tuple(
                    NetworkResult(repeat=repeat, accuracy=20 + (7 * index + repeat) % 70)
                    for repeat in range(2)
                ),
            )
            for index in range(len(table.cells) - 3)
        }
        broken = CellResult(
            failure="the run was deleted meanwhile: make it again, or take it out of the table"
        )
        write_results(root, Results(table=table, cell_results={**filled, len(table.cells) - 1: broken}))


def many(root):
    """A run of two hundred classes with names of every length, one image each."""
    random, count = np.random.default_rng(0), 200
    images = torch.from_numpy(random.integers(0, 256, (count * 3, 3, 16, 16), np.uint8))
    label = torch.arange(count).repeat_interleave(3)
    names = tuple(f"{'very ' * (index % 4)}small thing {index}" for index in range(count))
    part = LabelledImages(images, label, names, Statistics((0.5,) * 3, (0.25,) * 3))
    dataset = DataSet("two hundred", "Two hundred things", part, part)
    config = CondenseConfig(
        dataset="digits", images_per_class=1, width=8, depth=1, real_batch=2, iterations=3
    )
    run = create_run(root, config, dataset, make_plan(config, dataset.shape, count, "cpu"), "Many classes")
    for _ in record(run, dataset):
        pass
    return run


@pytest.fixture(scope="module")
def empty_app(start_app, tmp_path_factory):
    return start_app(tmp_path_factory.mktemp("looks-empty") / "runs")


@pytest.fixture(scope="module")
def app(start_app, prepared):
    return start_app(prepared["root"])


@pytest.fixture(scope="module")
def running(app, profile):
    """The address of a run that is at work, and stands still while it is measured: at a person's pace."""
    page = profile.new_page()
    page.goto(with_key(f"{app.address}/?{RACE}&width=8&depth=2&real_batch=16&iterations=20000"))
    page.get_by_role("button", name="Start", exact=True).click(timeout=PATIENCE)
    wait_for_iteration(page, 20)
    page.get_by_role("radio", name="step by click").click()
    expect(page.get_by_role("button", name="One iteration")).to_be_visible()
    address = f"{app.address}/?run={re.search(r'[?&]run=([a-z0-9-]+)', page.url)[1]}"
    page.close()
    yield address
    page = profile.new_page()
    page.goto(address)
    expect(page.locator(LOSS_FIGURE)).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("button", name="Stop", exact=True).click(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Resume")).to_be_visible(timeout=PATIENCE)
    page.close()


@pytest.fixture(scope="module")
def screenshots(tmp_path_factory):
    folder_name = os.environ.get("DM_SCREENSHOTS")
    folder = Path(folder_name) if folder_name else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def wait_for_iteration(page, least):
    expect(page.locator(STAGE)).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(
        "([node, least]) => +node.dataset.iteration >= least",
        arg=[page.locator(STAGE).element_handle(), least],
        timeout=PATIENCE,
    )


@pytest.fixture(scope="module")
def opened():
    """The scene that was opened last, with its page and what is wrong in its console."""
    scene_page = {"scene": None, "page": None, "complaints": []}
    yield scene_page
    if scene_page["page"]:
        scene_page["page"].close()


@pytest.fixture
def see(profile, opened, request):
    """`see(scene, theme, size)`: the page in that state, fully drawn; no error may be in its console."""

    def heard(message):
        where = message.location.get("url", "")
        if message.type == "error" and not STREAMLITS_OWN.search(where):
            opened["complaints"].append(f"{message.text} {where}")

    def show(scene, theme, size):
        page = opened["page"]
        if scene != opened["scene"]:
            if page:
                page.close()
            page = profile.new_page()
            opened.update(scene=None, page=page)
            page.on("console", heard)
            page.on("pageerror", lambda error: opened["complaints"].append(str(error)))
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.emulate_media(color_scheme=theme)
        if scene != opened["scene"]:
            open_scene(page, scene)
            opened["scene"] = scene  # one that did not open is opened anew
        page.mouse.move(0, 0)
        page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTo(0, 0)")
        stand_still(page, theme)
        return page

    def open_scene(page, scene):
        kind, state = scene.split("-", 1)
        server = request.getfixturevalue("empty_app" if state in ("empty", "front") else "app")
        if state in ("running", "filled"):
            running = request.getfixturevalue("running")
        if kind == "runs":
            page.goto(with_key(f"{server.address}/runs"))
            expect(page.get_by_role("heading", name="Runs")).to_be_visible(timeout=PATIENCE)
            last = page.get_by_text("Recorded" if state == "empty" else "created").last
            expect(last).to_be_visible(timeout=PATIENCE)
        elif kind == "compare":
            prepared = request.getfixturevalue("prepared")
            ids = prepared["finished"].id, prepared["stopped"].id
            page.goto(with_key(f"{server.address}/compare?a={ids[0]}&b={ids[1]}"))
            expect(page.locator(STAGE)).to_have_count(2, timeout=PATIENCE)
            expect(page.locator(FIGURE)).to_be_visible(timeout=PATIENCE)
        elif kind == "features":
            prepared = request.getfixturevalue("prepared")
            page.goto(with_key(f"{server.address}/feature_space?run={prepared['stopped'].id}&map=PCA"))
            expect(page.locator(".panel canvas")).to_have_count(2, timeout=PATIENCE)
            expect(page.get_by_text("Covered worst")).to_be_visible(timeout=PATIENCE)
            expect(page.locator("th", has_text="Fresh real images")).to_have_count(1, timeout=PATIENCE)
        elif kind == "how_it_works":
            page.emulate_media(reduced_motion="reduce")
            chapter, last = CHAPTERS[state]
            page.goto(with_key(f"{server.address}/how_it_works?chapter={chapter}"))
            expect(page.locator(last)).to_be_visible(timeout=PATIENCE)
        elif kind == "paper":
            page.goto(with_key(f"{server.address}/paper{'' if state == 'all' else f'?item={state}'}"))
            expect(page.locator(".figures svg").last).to_be_visible(timeout=PATIENCE)
            expect(page.locator(".paper-foot, .paper-costs").last).to_be_visible(timeout=PATIENCE)
        elif kind in ("accuracy", "architectures", "network_distribution"):
            page.goto(with_key(f"{server.address}/{kind}{'' if state == 'empty' else FILLED_TABLE[kind]}"))
            line = RECORDED_LINE if state == "empty" else "stopped"
            expect(page.get_by_text(line).first).to_be_visible(timeout=PATIENCE)
            expect(page.locator(FIGURE).first).to_be_visible(timeout=PATIENCE)
        elif state == "front":
            page.emulate_media(reduced_motion="reduce")
            page.goto(with_key(server.address))
            expect(page.locator(RECORDED)).to_be_visible(timeout=PATIENCE)
        elif state == "empty":
            page.goto(with_key(f"{server.address}/?setup=open"))
            expect(page.locator(REAL)).to_be_visible(timeout=PATIENCE)
        else:
            prepared = request.getfixturevalue("prepared")
            query, last = QUERY_AND_LAST.get(state, ("", FIGURE))
            run = prepared.get(state, prepared["finished"])
            page.goto(with_key(running if state == "running" else f"{server.address}/?run={run.id}{query}"))
            if state != "steps":  # the images have made room for them
                expect(page.locator(STAGE)).to_be_visible(timeout=PATIENCE)
            expect(page.locator(last).last).to_be_visible(timeout=PATIENCE)
        script_ended = page.locator("[data-test-script-state='notRunning']")
        expect(script_ended).to_be_visible(timeout=PATIENCE)
        expect(page.locator("[data-testid='stSkeleton']")).to_have_count(0, timeout=PATIENCE)
        page.evaluate("document.fonts.ready")

    yield show
    complaints, opened["complaints"] = opened["complaints"], []
    assert complaints == []


def stand_still(page, theme):
    """Wait until nothing of the page moves any more."""
    expect(page.locator("[data-test-script-state='notRunning']")).to_be_visible(timeout=PATIENCE)
    page.wait_for_function(STANDS_STILL, arg=TEXT_COLOUR[theme], polling=100, timeout=PATIENCE)


def turned(looks, start):
    """The same looks, beginning with another one."""
    return looks[start % len(looks) :] + looks[: start % len(looks)]


def box(page, selector):
    """Left, top, right, bottom in CSS pixels of the window."""
    rectangle = page.locator(selector).bounding_box()
    return (
        rectangle["x"],
        rectangle["y"],
        rectangle["x"] + rectangle["width"],
        rectangle["y"] + rectangle["height"],
    )


@pytest.mark.parametrize(
    ("scene", "theme", "size"),
    [
        (scene, *look)
        for start, scene in enumerate(SCENES)
        for look in turned(TWO_LOOKS if scene in BESIDE else LOOKS, start)
    ],
)
def test_text_can_be_read_and_nothing_is_cut_or_runs_off_the_side(scene, theme, size, see, screenshots):
    page = see(scene, theme, size)
    name = f"{scene}-{theme}-{size[0]}"
    page.screenshot(path=screenshots / f"{name}.png")
    if scene == "watch-empty":
        page.get_by_text("More settings").click()
        expect(page.get_by_label("Seed", exact=True)).to_be_visible()
        stand_still(page, theme)  # it unfolds
    problems = [
        f"{what}: {node}" for what, nodes in page.evaluate(SEE, SMALLEST_TEXT).items() for node in nodes
    ]
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in ("serious", "critical"):
            for node in violation["nodes"]:
                why = "; ".join(message["message"] for message in node["any"])
                problems.append(f"{violation['id']}: {node['target']} {node['html'][:160]} {why}")
    if scene in IMAGES:
        canvas, each, boxes, least = IMAGES[scene]
        sizes = page.evaluate(MEASURE_IMAGES, [page.locator(canvas).element_handle(), each])
        assert len(sizes) == boxes
        problems += [f"image of {side} px" for side in sizes if side < least]
    tall = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    if tall > size[1] and "DM_SCREENSHOTS" in os.environ:
        page.set_viewport_size({"width": size[0], "height": tall})
        page.wait_for_timeout(300)
        page.screenshot(path=screenshots / f"{name}-whole.png")
    if scene == "watch-empty":  # as the next look at it expects
        page.get_by_text("More settings").click()
        expect(page.get_by_label("Seed", exact=True)).to_be_hidden()
    assert problems == [], "\n".join(problems)


def test_on_a_phone_buttons_status_and_stage_come_first(see):
    page = see("watch-running", "light", NARROW)
    rows = [box(page, selector) for selector in (STOP, STATUS, STAGE, LOSS_FIGURE)]
    assert all(above[3] <= below[1] for above, below in pairwise(rows))
    assert rows[1][3] <= 0.4 * NARROW[1], "the status stands in the upper part of the window"
    assert rows[2][1] <= 0.45 * NARROW[1], "the images begin in it, too"
    one_row = (PAUSE, STOP, ".st-key-form_folded button", ".st-key-one_iteration button")
    assert len({box(page, selector)[1] for selector in one_row}) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_class_in_the_last_row_can_read_what_a_presenter_shows(theme, see, screenshots):
    page = see("watch-presenter", theme, PROJECTOR)
    expect(page.locator(LOSS_FIGURE)).to_be_hidden()

    def look(name):
        page.screenshot(path=screenshots / f"watch-presenter-{name}{theme}-{PROJECTOR[0]}.png")
        texts = page.evaluate(SEE, PRESENTED_TEXT)
        assert not texts["too small"]
        assert not texts["beyond the side"]
        return page.locator(STAGE).bounding_box()["width"]

    wide = look("wide-")
    page.keyboard.press("f")
    expect(page.locator(FIGURE)).to_be_visible(timeout=PATIENCE)
    stand_still(page, theme)
    assert look("") < wide, "before, the images of several sets had the whole width"
    timeline = box(page, ".st-key-watch_timeline")
    assert timeline[3] <= PROJECTOR[1], "images, chart and timeline are in sight together"
    assert box(page, STAGE)[3] <= timeline[1]
    assert box(page, LOSS_FIGURE)[3] <= timeline[1]
    assert box(page, STAGE)[2] <= box(page, LOSS_FIGURE)[0], "the loss stands beside the images"
    assert not page.locator(PAUSE).is_visible()
    assert not page.get_by_role("button", name="Set-up").is_visible()
    page.keyboard.press("f")  # as the next look at it expects
    expect(page.locator(LOSS_FIGURE)).to_be_hidden()


def test_a_presenter_who_looks_back_has_the_status_line_in_place_of_the_verdict(app, prepared, profile):
    address = with_key(f"{app.address}/?run={prepared['finished'].id}&presenter=true")
    page = profile.new_page()
    page.goto(address)
    expect(page.get_by_text("guessing 10 %")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(STATUS)).to_be_hidden()
    page.goto(f"{address}&at=20")
    expect(page.locator(STATUS)).to_contain_text("on screen: iteration 20", timeout=PATIENCE)
    expect(page.get_by_text("guessing 10 %")).to_be_hidden()
    page.close()


def test_two_hundred_classes_stand_with_whole_names_on_pages_that_reach_them_all(see, screenshots):
    page = see("watch-many", "light", WIDE)
    page.screenshot(path=screenshots / "watch-many-light-1280.png")
    names, forwards = [], page.get_by_role("button", name="Next classes")
    while True:
        texts = page.evaluate(SEE, SMALLEST_TEXT)
        assert texts == {name: [] for name in texts}
        assert box(page, STAGE)[3] <= box(page, ".st-key-watch_timeline")[1], "no class is out of sight"
        names += page.locator(STAGE).evaluate(
            "canvas => [...canvas.parentElement.querySelectorAll('.name')].map(name => name.textContent)"
        )
        if forwards.is_disabled():
            break
        forwards.click()
    shown = [name for name in names if name]
    assert len(shown) == len(set(shown)) == 200


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_while_running_stage_status_buttons_and_loss_stand_on_a_small_laptops_window(theme, see):
    page = see("watch-running", theme, WIDE)
    for selector in (STAGE, STATUS, PAUSE, STOP, LOSS_FIGURE):
        left, top, right, bottom = box(page, selector)
        assert left >= 0, selector
        assert top >= 0, selector
        assert right <= WIDE[0], selector
        assert bottom <= WIDE[1], selector
    assert box(page, STAGE)[2] <= box(page, LOSS_FIGURE)[0], "the loss stands beside the images"
