"""Soak test: one browser at work, three others walking over all pages, for some minutes.

By hand: `python tests/benchmarks/measure_spectators.py --minutes 10`. The first starts runs of changing
set-ups, evaluates, renames, stops and deletes them; the others go from page to page and touch what they find
there. Prints how often each page was looked at, every error box that any of them showed, and the server's
resident memory; the exit code is 1 when there was an error box.
"""

import argparse
import itertools
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import psutil

sys.path.append(str(Path(__file__).resolve().parents[1]))
from playwright.sync_api import Browser, Error, Page, sync_playwright
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium
from support.servers import AppInTerminal
from support.watching import STREAMLITS_OWN

PAGES = (
    "Watch",
    "Feature space",
    "Accuracy",
    "Architectures",
    "Random or trained?",
    "Runs",
    "Compare",
)
SPECTATED = (*PAGES, "Watch", "Watch", "Watch")
SET_UPS = (
    "images_per_class=1&init=real&width=16&real_batch=32&iterations=120",
    "images_per_class=2&init=noise&width=8&depth=2&real_batch=16&iterations=300",
    "images_per_class=1&init=real,noise&width=16&image_lr=2&iterations=150",
    "images_per_class=5&init=wrong_class&width=8&depth=1&real_batch=8&iterations=400",
)
BOXES = '[data-testid="stException"], .stException'
BROKEN = re.compile(r"encountered an error|Connection error|Traceback")
CLICK_MS = 8_000
LOOK_MS = 700


class Visitor:
    """One browser with a page of the app, and what went wrong in it."""

    def __init__(self, name: str, browser: Browser, address: str, seed: int) -> None:
        self.name = name
        self.looks: Counter[str] = Counter()
        self.errors: list[str] = []
        self.on_screen = "Watch"
        self._random = random.Random(seed)
        self.page: Page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
        self.page.set_default_timeout(CLICK_MS)
        self.page.on("pageerror", lambda error: self.errors.append(f"{name}: script error: {error}"))
        self.page.on("console", lambda message: self._hear(message.type, message.text, message.location))
        self.page.goto(address, timeout=60_000)

    def _hear(self, kind: str, text: str, location: object) -> None:
        where = str(location)
        # a run that is deleted while it is on screen answers 404 once: the page then says that it is gone
        if kind == "error" and not STREAMLITS_OWN.search(where) and "404" not in text:
            self.errors.append(f"{self.name}: console: {text} {where}")

    def go(self, page: str) -> None:
        """Open a page by its link on top, and look at it."""
        self.page.get_by_role("link", name=page, exact=True).first.click()
        self.on_screen = page
        self.look(page)

    def look(self, page: str) -> None:
        """Wait a moment, and note every error box."""
        self.page.wait_for_timeout(LOOK_MS)
        self.looks[page] += 1
        boxes = [box.inner_text() for box in self.page.locator(BOXES).all()]
        boxes += BROKEN.findall(self.page.locator("body").inner_text())
        self.errors += [f"{self.name} on {page}: {box[:200]!r}" for box in boxes]

    def walk(self) -> None:
        """Look what has become of the page on screen; then at another, and touch something there."""
        self.look(self.on_screen)
        page = self._random.choice(SPECTATED)
        self.go(page)
        self.touch(page)

    def touch(self, page: str) -> None:
        """Press something of the page that changes only what this browser shows."""
        if page == "Watch":
            for name in ("New run", "Watch it"):
                if self._random.random() < 0.6 and self.press(name):
                    break
        choices = self.page.get_by_role("radio").all()
        if choices and self._random.random() < 0.7:
            choice = self._random.choice(choices)
            if choice.is_visible() and choice.is_enabled():
                choice.click(timeout=2000, force=True)
        self.look(page)

    def press(self, name: str | re.Pattern[str]) -> bool:
        """Press the first enabled button of this name; whether there was one."""
        exact = isinstance(name, str)
        for button in self.page.get_by_role("button", name=name, exact=exact).all():
            if button.is_visible() and button.is_enabled():
                button.click()
                return True
        return False


class Lecturer(Visitor):
    """The browser that starts, evaluates, continues, renames and deletes runs."""

    def __init__(self, browser: Browser, address: str) -> None:
        super().__init__("lecturer", browser, address, 0)
        self._address = address
        self._set_ups = itertools.cycle(SET_UPS)
        self._steps: itertools.cycle[Callable[[], None]] = itertools.cycle(
            (
                *(self.start, self.watch, self.watch, self.evaluate, self.watch, self.rename),
                *(self.start, self.watch, self.stop, self.delete),
                *(self.race, self.watch, self.stop, self.delete),
            )
        )
        self.done: Counter[str] = Counter()

    def walk(self) -> None:
        """The next step of the lesson."""
        step = next(self._steps)
        step()
        self.done[step.__name__] += 1

    def start(self) -> None:
        """A new run of the next set-up, by its link."""
        joined = "&" if "?" in self._address else "?"
        self.page.goto(f"{self._address}{joined}{next(self._set_ups)}", timeout=60_000)
        self.page.get_by_role("button", name=re.compile("^(Start|Download)")).first.wait_for(timeout=30_000)
        self.press(re.compile("^Start"))
        self.look("Watch")

    def watch(self) -> None:
        """Look at it, and at another page and back."""
        self.look("Watch")
        self.go(self._random.choice(PAGES))
        self.go("Watch")

    def race(self) -> None:
        """The default: three starts."""
        self.page.goto(self._address, timeout=60_000)
        self.page.wait_for_timeout(2000)
        self.press("New run")
        self.press(re.compile("^Start"))
        self.look("Watch")

    def stop(self) -> None:
        """Stop what is at work."""
        self.go("Watch")
        self.press("Stop")
        self.look("Watch")

    def evaluate(self) -> None:
        """Evaluate the run on screen, where it is not evaluated yet."""
        self.go("Watch")
        self.press(re.compile("^Evaluate"))
        self.look("Watch")

    def rename(self) -> None:
        """Give the newest run another title."""
        self.go("Runs")
        if self.press("Rename"):
            self.page.get_by_role("dialog").get_by_role("textbox").fill("Renamed <b>&amp; now</b>")
            self.page.get_by_role("dialog").get_by_role("button", name="Rename").click()
        self.look("Runs")

    def delete(self) -> None:
        """Delete the first run that may be deleted."""
        self.go("Runs")
        if self.press("Delete"):
            self.press("Delete it")
        self.look("Runs")


def main() -> int:
    options = parsed()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        app = AppInTerminal(Path(folder), Path(folder) / "runs")
        try:
            return soak(app, browser, options.minutes, options.spectators)
        finally:
            browser.close()
            app.end()


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="how long")
    parser.add_argument("--spectators", type=int, default=3, help="browsers beside the one at work")
    return parser.parse_args()


def soak(app: AppInTerminal, browser: Browser, minutes: float, spectators: int) -> int:
    """All browsers in turn until the time is up; the exit code."""
    lecturer = Lecturer(browser, app.url)
    others = [Visitor(f"spectator {index + 1}", browser, app.url, index + 1) for index in range(spectators)]
    visitors: list[Visitor] = [lecturer, *others]
    server, began, slow = psutil.Process(app.process.pid), time.monotonic(), 0
    memory: list[tuple[float, float]] = []
    while (passed := (time.monotonic() - began) / 60) < minutes:
        if not memory or passed - memory[-1][0] >= 1:
            memory.append((round(passed, 1), round(server.memory_info().rss / 1e6, 1)))
        for visitor in visitors:
            try:
                visitor.walk()
            except Error as problem:  # a click that came too late, or at what has just gone
                slow += 1
                print(f"{visitor.name}: {str(problem).splitlines()[0]}", flush=True)
                visitor.look("after a missed click")
    looks = sum((visitor.looks for visitor in visitors), Counter())
    errors = [error for visitor in visitors for error in visitor.errors]
    print(f"{len(visitors)} browsers, {minutes:.0f} minutes, looks by page: {json.dumps(looks)}")
    print(f"the lecturer's steps: {json.dumps(lecturer.done)}; clicks missed: {slow}")
    print(f"server's resident memory, (minutes, MB): {json.dumps(memory)}")
    print(f"error boxes: {len(errors)}")
    for error in errors:
        print(f"  {error}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
