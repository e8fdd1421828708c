"""Benchmark of the first minute: from the command to the moving front page, and to a run of one's own.

By hand on an idle machine: `python tests/benchmarks/measure_first_minute.py`.

Each start is in a pseudo-terminal, with an empty home and a browser that was open already. Prints the seconds
from the start until the command says where the app is; from there until a picture of the recorded run has
changed, in the first paint or in the front page, until the page has taken over from the first paint, until
Start can be clicked, and until a run's first images are there.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium
from support.servers import AppInTerminal, with_key
from support.watching import MOVED, STAGE, START_HERE

TAKEN_OVER = ".st-key-watch_front canvas.ten[data-iteration]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5, help="how often the app is started")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, n = {options.starts}")
    took: dict[str, list[float]] = {
        "from the command to its line": [],
        "from the line until the picture moves": [],
        "from the line until the page has taken over": [],
        "from the line until Start is clickable": [],
        "from the click to first images": [],
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        for _ in range(options.starts):
            for name, seconds in zip(took, started(browser), strict=True):
                took[name].append(seconds)
        browser.close()
    for name, each in took.items():
        times = ", ".join(f"{seconds:.2f}" for seconds in each)
        print(f"{name}: median {statistics.median(each):.2f} s, worst {max(each):.2f} s ({times})")


def started(browser: Browser) -> tuple[float, ...]:
    """Seconds of one start, in the order of the names above."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        app = AppInTerminal(Path(folder), Path(folder) / "runs")
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        try:
            page = context.new_page()
            page.goto(with_key(app.address), wait_until="commit")
            page.locator(MOVED).wait_for(timeout=60_000)
            moved = time.monotonic()
            page.locator(TAKEN_OVER).wait_for(timeout=60_000)
            taken_over = time.monotonic()
            start = page.get_by_role("button", name=START_HERE)
            start.click(trial=True, timeout=60_000)  # waits until it is there, still and enabled
            clickable = time.monotonic()
            start.click()
            page.locator(STAGE).wait_for(timeout=60_000)
            images = time.monotonic()
            line = app.announced
            return line - began, moved - line, taken_over - line, clickable - line, images - clickable
        finally:
            context.close()
            app.end()


if __name__ == "__main__":
    main()
