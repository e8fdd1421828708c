"""Benchmark of the stage with many images, by hand: bytes per tick, latency from snapshot to pixels.

`python tests/benchmarks/measure_stage.py`. The server writes down when it publishes a snapshot; the page,
when the canvas shows it. Both are on one machine, so their clocks agree.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, sync_playwright

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium
from support.servers import free_port, wait_until_served
from support.watching import STAGE

from app.server.running_server import read_server_file

CASES = ((10, 10), (10, 100), (10, 500), (100, 10))
"""Classes, and images of each."""
SIDE = 32
SERVER = """
import sys, time
from app.jobs import job
publish, log = job.Job.publish, open({log!r}, "a", buffering=1)
def noted(self):
    before = self.snapshot
    publish(self)
    if self.snapshot is not before:
        log.write(f"{{self.snapshot.iteration}} {{time.time()}}\\n")
job.Job.publish = noted
from app.server.command_line import main
sys.argv = ["dm-explorer", *{arguments!r}]
sys.exit(main())
"""
# Every frame fetched: its bytes, when it was asked for; and when the canvas showed which iteration.
LISTEN = """
canvas => {
  window.ticks = []; window.asked = [];
  const ask = window.fetch;
  window.fetch = async (...given) => {
    if (!String(given[0]).includes('/images')) return ask(...given);
    const began = performance.timeOrigin + performance.now(), answer = await ask(...given);
    const bytes = (await answer.clone().arrayBuffer()).byteLength;
    window.asked.push([began / 1000, bytes]);
    return answer;
  };
  canvas.tag = 1;
  new MutationObserver(() => requestAnimationFrame(() => window.ticks.push(
    [+canvas.dataset.iteration, (performance.timeOrigin + performance.now()) / 1000]
  ))).observe(canvas, {attributes: true, attributeFilter: ['data-iteration']});
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=60, help="ticks of each stage")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        for classes, images in CASES:
            measure(Path(folder) / f"{classes}-{images}", browser, classes, images, options.ticks)
        browser.close()


def measure(folder: Path, browser: Browser, classes: int, images: int, wanted: int) -> None:
    """Start a run with so many images, look at it for a while, print what was seen."""
    data, log, port = folder / "data", folder / "published.txt", free_port()
    write_pictures(data, classes, images)
    arguments = ["--no-browser", "--port", str(port), "--runs-root", str(folder / "runs")]
    server = subprocess.Popen([sys.executable, "-c", SERVER.format(log=str(log), arguments=arguments)])
    address = f"http://127.0.0.1:{port}"
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    try:
        wait_until_served(address, server)
        setup = f"images_per_class={images}&init=real&width=8&depth=1&real_batch=2&iterations=500000"
        key = read_server_file(port).key
        page.goto(f"{address}/?dataset={data}&{setup}&key={key}")
        page.get_by_role("button", name="Start", exact=True).click(timeout=60_000)
        canvas = page.locator(STAGE)
        canvas.wait_for(timeout=120_000)
        time.sleep(5)
        canvas.evaluate(LISTEN)
        page.wait_for_function("wanted => window.ticks.length >= wanted", arg=wanted, timeout=300_000)
        ticks, requests = page.evaluate("[window.ticks, window.asked]")
        assert canvas.evaluate("node => node.tag") == 1
    finally:
        page.close()
        server.terminate()
        server.wait(30)
    report(classes, images, ticks, requests, log)


def report(classes: int, images: int, ticks: list, requests: list, log: Path) -> None:
    published = {int(iteration): float(at) for iteration, at in map(str.split, log.read_text().splitlines())}
    began = np.array([at for at, _ in requests])
    age = [at - published[iteration] for iteration, at in ticks if iteration in published]
    took = [at - began[began < at].max() for _, at in ticks if (began < at).any()]
    rate = (len(ticks) - 1) / (ticks[-1][1] - ticks[0][1])
    latencies = ", ".join(
        f"{what} {np.median(values):.3f} s, 95th {np.percentile(values, 95):.3f} s (n = {len(values)})"
        for what, values in (("asked to pixels", took), ("published to pixels", age))
    )
    size = np.median([bytes_ for _, bytes_ in requests])
    print(
        f"{classes} classes x {images}: {size / 1000:,.0f} kB a tick, {rate:.1f} ticks/s, {latencies}",
        flush=True,
    )


def write_pictures(folder: Path, classes: int, images: int) -> None:
    """An image folder of smooth random pictures, as many as are learned and a few to test."""
    random = np.random.default_rng(0)
    parts = [("train", images), ("test", 1)]
    for part, label in product(parts, range(classes)):
        class_folder = folder / part[0] / f"class {label:03d}"
        class_folder.mkdir(parents=True)
        for number in range(part[1]):
            small = Image.fromarray(random.integers(0, 256, (6, 6, 3), np.uint8))
            small.resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(class_folder / f"{number:05d}.png")


if __name__ == "__main__":
    main()
