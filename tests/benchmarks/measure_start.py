"""Benchmark of the app's start-up time.

By hand on an idle machine: `python tests/benchmarks/measure_start.py`.

Prints the seconds from starting `dm-explorer` until its server answers, until Start can be clicked in a
browser that was open already, with nothing stored, and until a run's first images are there.
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
from support.watching import STAGE


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=5, help="how often the app is started")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, n = {options.starts}")
    took: dict[str, list[float]] = {"server answers": [], "Start clickable": [], "first images": []}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        for _ in range(options.starts):
            for name, seconds in zip(took, started(browser), strict=True):
                took[name].append(seconds)
        browser.close()
    for name, each in took.items():
        times = ", ".join(f"{seconds:.2f}" for seconds in each)
        print(f"{name}: median {statistics.median(each):.2f} s, worst {max(each):.2f} s ({times})")


def started(browser: Browser) -> tuple[float, float, float]:
    """Seconds since the process began, of one start."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        app = AppInTerminal(Path(folder), Path(folder) / "runs")
        answers = time.monotonic() - began
        context = browser.new_context(viewport={"width": 1280, "height": 720})
        try:
            page = context.new_page()
            page.goto(with_key(app.address))
            start = page.get_by_role("button", name="Start", exact=True)
            start.click(trial=True, timeout=60_000)  # waits until it is there, still and enabled
            clickable = time.monotonic() - began
            start.click()
            page.locator(STAGE).wait_for(timeout=60_000)
            return answers, clickable, time.monotonic() - began
        finally:
            context.close()
            app.end()


if __name__ == "__main__":
    main()
