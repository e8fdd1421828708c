"""Helpers of the browser tests for the Watch page and its run folders: press, wait, read the canvas."""

import json
import re
import time

from playwright.sync_api import Page, expect

from dmcore.runs.description import Status
from dmcore.runs.runs_root import list_runs, open_run
from support.waiting import PATIENCE

STAGE = "canvas[aria-label^='Synthetic images']"
START_HERE = "Watch it happen here"
"""Start of the front page, as far as its label is always the same."""
MOVED = "canvas.ten[data-iteration]:not([data-iteration='0'])"
"""The learned images of the front page or of its first paint, once they are no longer at their start."""
LOSS_FIGURE = ".st-key-loss .live-figure[data-revision]"
# Opened below the first page, Streamlit's own script asks there for its server before it asks at the root;
# no setting stops it, and Chromium writes each 404 to the console.
STREAMLITS_OWN = re.compile(r"/[a-z_]+/_stcore/(health|host-config)$")
SMALL = "dataset=digits&init=real&width=65&depth=1&real_batch=16&test_at_end=false"
"""One small set, not tested at its end: the run is over when it has condensed."""
SHORT, LONG = f"{SMALL}&iterations=500", f"{SMALL}&iterations=20000"

# The red values of all pixels of the images in the row that bears a title, as they stand on the canvas.
READ_LANE = """
const readLane = (canvas, title) => {
  const origin = canvas.getBoundingClientRect(), ratio = canvas.width / origin.width;
  const pen = canvas.getContext('2d', { willReadFrequently: true }), values = [];
  for (const named of canvas.parentElement.querySelectorAll('.title')) {
    if (named.textContent !== title) continue;
    for (let cell = named.nextElementSibling; cell && cell.className === ''; cell = cell.nextElementSibling) {
      if (!cell.firstElementChild) continue;
      const box = cell.firstElementChild.getBoundingClientRect();
      const at = [box.left - origin.left, box.top - origin.top, box.width, box.height];
      const {data} = pen.getImageData(...at.map(length => Math.round(length * ratio)));
      for (let i = 0; i < data.length; i += 4) values.push(data[i + 3] === 255 ? data[i] : -1);
    }
  }
  return values;
};
"""


def at_work(app):
    return any(run.status() in (Status.RUNNING, Status.PAUSED) for run in list_runs(app.runs_root))


def press(page, name):
    page.get_by_role("button", name=name, exact=True).click()


def stage(page):
    return page.locator(STAGE)


def iteration(page):
    return int(stage(page).get_attribute("data-iteration"))


def wait_beyond(page, reached, seconds=PATIENCE):
    """Wait until the canvas shows a later iteration; returns it."""
    page.wait_for_function(
        "([node, reached]) => +node.dataset.iteration > reached",
        arg=[stage(page).element_handle(), reached],
        timeout=seconds * 1000,
    )
    return iteration(page)


def standing(page, seconds=0.6):
    """Wait until the canvas shows one iteration for so long, in which dozens would pass; returns it."""
    seen, since = iteration(page), time.monotonic()
    while time.monotonic() - since < seconds:
        time.sleep(0.05)
        if (now := iteration(page)) != seen:
            seen, since = now, time.monotonic()
    return seen


def says(page, *words, seconds=PATIENCE):
    """Wait until the status line holds these words."""
    for word in words:
        expect(page.locator(".st-key-watch_status")).to_contain_text(spaced(word), timeout=seconds * 1000)


def spaced(words):
    """A pattern of these words with any kind of space between them."""
    return re.compile(r"\s".join(map(re.escape, words.split())))


def run_of(app, page):
    """The run that the address names."""
    page.wait_for_url(re.compile(r"[?&]run="))
    return open_run(re.search(r"[?&]run=([a-z0-9-]+)", page.url)[1], app.runs_root)


def start(app, page):
    """Click Start, wait for images that move; the run's folder."""
    press(page, "Start")
    expect(stage(page)).to_be_visible(timeout=PATIENCE * 1000)
    run = run_of(app, page)
    wait_beyond(page, 3)
    return run


def events(run):
    """Iterations of the events on disk, in order."""
    lines = run.events_file.read_text().splitlines() if run.events_file.is_file() else []
    return [event["iteration"] for event in map(json.loads, lines) if "loss" in event]


def owner_state(run):
    return json.loads((run.path / "owner.json").read_text())["state"]


def checkpoints(run):
    return sorted(int(file.stem) for file in run.checkpoint_folder.glob("*.safetensors"))


GROUPS = {
    "How it works": "Learn",
    "The paper": "Learn",
    "Feature space": "Explore",
    "Compare": "Explore",
    "Accuracy": "Results",
    "Architectures": "Results",
    "Random or trained?": "Results",
    "Race": "Results",
}
"""Group of the navigation that a page's link is in; the others stand alone."""


def follow(page: Page, title: str) -> None:
    """Open another page by its link in the navigation."""
    if title in GROUPS:
        page.get_by_test_id("stTopNavSection").filter(has_text=GROUPS[title]).click()
    page.get_by_role("menuitem" if title in GROUPS else "link", name=title, exact=True).click()
