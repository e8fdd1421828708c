"""Frames per second of the planes in chapter *Why a new network each time?*, while they play.

python tests/benchmarks/measure_planes.py
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import sync_playwright
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium
from support.servers import AppInTerminal, with_key

REPEATS, SECONDS = 5, 5
QUERIES = {
    "4 planes of 300 points": "",
    "2 planes of 300 points": "&plane_networks=1.new",
    "4 planes, 20 stars, 64 features, loss behind": "&plane_stars=20&plane_features=64&plane_behind=loss",
}
COUNT = """
milliseconds => new Promise(done => {
  const start = performance.now();
  let frames = 0;
  const frame = () => {
    const passed = performance.now() - start;
    if (passed >= milliseconds) return done((1000 * frames) / passed);
    frames++;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})
"""


def main() -> None:
    """Print mean and least frame rate of each set-up."""
    folder = Path(tempfile.mkdtemp())
    app = AppInTerminal(folder, folder / "runs")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
            for name, query in QUERIES.items():
                page = browser.new_page(viewport={"width": 1280, "height": 720})
                page.goto(with_key(f"{app.address}/how_it_works?chapter=ever-new-networks&guess=none{query}"))
                again = page.get_by_role("button", name="Start again")
                rates = []
                for _ in range(REPEATS):
                    again.click(timeout=60_000)
                    rates.append(page.evaluate(COUNT, 1000 * SECONDS))
                mean, least = statistics.mean(rates), min(rates)
                print(f"{name}: {mean:.1f} frames/s, at least {least:.1f} (n = {REPEATS})")
                page.close()
            browser.close()
    finally:
        app.end()


if __name__ == "__main__":
    main()
