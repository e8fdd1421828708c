"""Benchmark of a watched run against a headless one.

By hand on an idle machine: `python tests/benchmarks/measure_watching.py --help`.

Prints headless against watched speed, how long a click takes to show while a run is on, and by how much the
server grows. Headless is `dmcore condense` alone; watched is the same set-up in the app with its page open,
without test networks on the way.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

import psutil

sys.path.append(str(Path(__file__).resolve().parents[1]))
from playwright.sync_api import Browser, Page, sync_playwright
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium
from support.servers import AppInTerminal, with_key
from support.waiting import until
from support.watching import STAGE

from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

wait_for = partial(until, seconds=120, interval=0.2)
"""Each look costs the run a millisecond or two."""
FIRST_ITERATION = 20
"""Where measuring begins: the first iterations load and allocate."""
SETTLE_SECONDS = 30.0
"""After so long a watched server has loaded what it needs."""


class SetUp(NamedTuple):
    """One set-up, as the app's address and as the command line's flags; too long to end by itself."""

    name: str
    address: str
    flags: str


DIGITS = SetUp(
    "digits, three starts",
    "dataset=digits&init=real&init=noise&init=wrong+class&iterations=500000",
    "--dataset digits --images-per-class 1 --init real,noise,wrong_class --width 32 --real-batch 64 "
    "--iterations 500000",
)
FASHION = SetUp(
    "Fashion-MNIST, width 32",
    "dataset=fashion_mnist&images_per_class=10&init=real&width=32&real_batch=64&iterations=500000",
    "--dataset fashion_mnist --images-per-class 10 --width 32 --real-batch 64 --iterations 500000",
)

# Click, then look at every frame until the page shows it: seconds, or null after twenty.
REACTION = """
async ([clicked, shown]) => {
  const find = (selector, node = document) => {
    const visible = [...node.querySelectorAll(selector)].find(element => element.checkVisibility());
    if (visible) return visible;
    for (const element of node.querySelectorAll('*')) {
      const below = element.shadowRoot && find(selector, element.shadowRoot);
      if (below) return below;
    }
  };
  const began = performance.now();
  find(clicked).click();
  while (!find(shown)) {
    if (performance.now() - began > 20000) return null;
    await new Promise(requestAnimationFrame);
  }
  return (performance.now() - began) / 1000;
}
"""
AMPLIFIED, PLAIN = f"{STAGE}[aria-label*='amplified']", f"{STAGE}[aria-label$=': images.']"
PAUSE, GO_ON = (f'.st-key-pause [data-testid="stBaseButton-{kind}"]' for kind in ("secondary", "primary"))
LAYER = ".st-key-layer [role=radio]:nth-of-type"
SET_UP, FIELD = ".st-key-form_folded button", ".st-key-iterations input"


def main() -> None:
    options = parsed()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        workplace = Workplace(Path(folder), options.data_root, browser)
        if "speed" in options.what:
            for setup in [DIGITS, *([FASHION] if options.data_root else [])]:
                compare_speed(workplace, setup, options.seconds, options.repeats)
        if "overlay" in options.what:
            measure_overlay(workplace, options.seconds, options.repeats)
        if "clicks" in options.what:
            measure_clicks(workplace, options.clicks)
        if "memory" in options.what:
            measure_memory(workplace, options.minutes)
        browser.close()


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", default=["speed", "clicks", "memory"], help="what to measure")
    parser.add_argument("--seconds", type=float, default=60, help="how long each run is timed")
    parser.add_argument("--repeats", type=int, default=3, help="pairs of headless and watched runs")
    parser.add_argument("--clicks", type=int, default=20, help="clicks of each kind")
    parser.add_argument("--minutes", type=float, default=10, help="how long memory is watched")
    parser.add_argument("--data-root", help="where Fashion-MNIST is; left out, only digits are timed")
    options = parser.parse_args()
    unknown = set(options.what) - {"speed", "clicks", "memory", "overlay"}
    if unknown:
        parser.error(
            f"cannot measure {', '.join(sorted(unknown))}: choose from speed, clicks, memory, overlay"
        )
    return options


class Workplace(NamedTuple):
    """Where runs go, where data lie, and the browser."""

    folder: Path
    data_root: str | None
    browser: Browser

    def data_flags(self) -> list[str]:
        return ["--data-root", self.data_root] if self.data_root else []


@contextmanager
def headless(workplace: Workplace, setup: SetUp) -> Iterator[RunFolder]:
    """The set-up run by `dmcore condense`, with nothing else."""
    root = Path(tempfile.mkdtemp(dir=workplace.folder))
    command = [str(Path(sys.executable).with_name("dmcore")), "condense", *setup.flags.split()]
    with subprocess.Popen(
        [*command, "--runs-root", str(root), *workplace.data_flags()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as terminal:
        try:
            yield first_run(root)
        finally:
            terminal.send_signal(signal.SIGINT)


@contextmanager
def watched(workplace: Workplace, setup: SetUp) -> Iterator[tuple[RunFolder, Page, AppInTerminal]]:
    """The set-up started on the page of a fresh server, at full pace, and its page open."""
    folder = Path(tempfile.mkdtemp(dir=workplace.folder))
    app = AppInTerminal(folder, folder / "runs", *workplace.data_flags())
    try:
        context = workplace.browser.new_context(viewport={"width": 1280, "height": 720})
        page = context.new_page()
        page.goto(with_key(f"{app.address}/?{setup.address}"))
        page.locator("canvas[aria-label*='real images']").wait_for(timeout=120_000)
        page.get_by_role("button", name="Start", exact=True).click()
        page.locator(STAGE).wait_for(timeout=60_000)
        for choice in ("accuracy", "off", "loss"):  # test networks are a computation of their own
            page.get_by_text(choice, exact=True).click()
        yield first_run(app.runs_root), page, app
        context.close()
    finally:
        app.end()


def first_run(root: Path) -> RunFolder:
    return wait_for(lambda: next(iter(list_runs(root)), None), "a run")


def speed(run: RunFolder, seconds: float) -> float:
    """Iterations per second by the clock on the wall, between two moments at which events were written."""
    began = next_write(run, FIRST_ITERATION)
    last = began
    while last[0] - began[0] < seconds:
        last = next_write(run, last[1] + 1)
    return (last[1] - began[1]) / (last[0] - began[0])


def next_write(run: RunFolder, at_least: int) -> tuple[float, int]:
    """When an event of this iteration or a later one was first seen, and which."""

    def look() -> tuple[float, int] | None:
        reached = run.iteration()
        return (time.monotonic(), reached) if reached >= at_least else None

    return wait_for(look, f"iteration {at_least}")


def compare_speed(workplace: Workplace, setup: SetUp, seconds: float, repeats: int) -> None:
    """Headless and watched in turns, the first of each pair alternating."""
    rates: dict[str, list[float]] = {"headless": [], "watched": []}
    for repeat in range(repeats):
        for kind in sorted(rates, reverse=bool(repeat % 2)):
            if kind == "headless":
                with headless(workplace, setup) as run:
                    rates[kind].append(speed(run, seconds))
            else:
                with watched(workplace, setup) as (run, _, _):
                    rates[kind].append(speed(run, seconds))
    for kind, each in rates.items():
        print(f"{setup.name}, {kind}: {', '.join(f'{rate:.2f}' for rate in each)} iterations/s")
    ratios = [
        watched_rate / headless_rate
        for watched_rate, headless_rate in zip(rates["watched"], rates["headless"], strict=True)
    ]
    whole = statistics.mean(rates["watched"]) / statistics.mean(rates["headless"])
    pairs = ", ".join(f"{ratio:.3f}" for ratio in ratios)
    print(f"{setup.name}: watched / headless {whole:.3f} (pairs {pairs})")


def measure_overlay(workplace: Workplace, seconds: float, repeats: int) -> None:
    """Speed of a run with the feature map open against headless, and the time of projecting 100 stars."""
    rates: dict[str, list[float]] = {"headless": [], "overlay": []}
    for _ in range(repeats):
        with headless(workplace, FASHION) as run:
            rates["headless"].append(speed(run, seconds))
        with watched(workplace, FASHION) as (run, page, _):
            page.get_by_role("link", name="Feature space").click()
            canvas = page.locator(".panel canvas").first
            canvas.wait_for(timeout=300_000)
            page.locator("th", has_text="Fresh real images").wait_for(timeout=300_000)
            before, spent = int(canvas.get_attribute("data-ticks") or 0), cpu_seconds()
            began = time.monotonic()
            rates["overlay"].append(speed_now(run, seconds))
            ticks = int(canvas.get_attribute("data-ticks") or 0) - before
            took = time.monotonic() - began
            shares = {name: (now - spent.get(name, 0.0)) / took for name, now in cpu_seconds().items()}
            shares_text = ", ".join(f"{name} {share:.0%}" for name, share in shares.items())
            print(f"{ticks} placements shown in {took:.0f} s; of one core: {shares_text}", flush=True)
    ratios = [
        overlay_rate / headless_rate
        for overlay_rate, headless_rate in zip(rates["overlay"], rates["headless"], strict=True)
    ]
    for kind, each in rates.items():
        print(f"{FASHION.name}, {kind}: {', '.join(f'{rate:.2f}' for rate in each)} iterations/s")
    pairs = ", ".join(f"{ratio:.3f}" for ratio in ratios)
    print(f"overlay / headless: median {statistics.median(ratios):.3f} (pairs {pairs})", flush=True)
    print_projection_time(workplace)


def cpu_seconds() -> dict[str, float]:
    """What the processes below this one have used so far: the projection worker, the browser, the server."""
    used = {"projection": 0.0, "browser": 0.0, "server": 0.0}
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            command = " ".join(process.cmdline())
            kind = (
                "projection"
                if "projection_process" in command
                else "browser"
                if "chrom" in command
                else "server"
            )
            times = process.cpu_times()
            used[kind] += times.user + times.system
    return used


def speed_now(run: RunFolder, seconds: float) -> float:
    """Iterations per second from now on."""
    began = next_write(run, run.iteration() + 1)
    last = began
    while last[0] - began[0] < seconds:
        last = next_write(run, last[1] + 1)
    return (last[1] - began[1]) / (last[0] - began[0])


def print_projection_time(workplace: Workplace) -> None:
    """Embedding and projecting 100 images of Fashion-MNIST among 2,000, each time from where they were."""
    import torch

    from dmcore.config import NetworkSpec
    from dmcore.data.load import load_dataset
    from dmcore.feature_space.figure3_projection import Cloud
    from dmcore.feature_space.spaces import random_space

    torch.set_num_threads(1)
    spec = NetworkSpec(width=32)
    dataset = load_dataset("fashion_mnist", workplace.data_root)
    cloud = Cloud(dataset, partial(random_space, spec), "tsne", spec, workplace.folder / "maps")
    where, took = None, []
    for draw in range(41):
        stars = cloud.fresh(10, draw)
        began = time.perf_counter()
        where = cloud.project(stars, where)
        took.append(time.perf_counter() - began)
    began = time.perf_counter()
    Cloud(dataset, partial(random_space, spec), "tsne", spec, workplace.folder / "maps")
    print(
        f"projecting 100 stars among {len(cloud.label)}: median {statistics.median(took[1:]):.3f} s, worst "
        f"{max(took[1:]):.3f} s (n = {len(took) - 1}); a kept cloud is ready after "
        f"{time.perf_counter() - began:.2f} s"
    )


def measure_clicks(workplace: Workplace, count: int) -> None:
    """How long it takes until the page shows what a click did, while a run is on."""
    with watched(workplace, DIGITS) as (run, page, _):
        next_write(run, FIRST_ITERATION)
        took: dict[str, list[float]] = {"Pause": [], "Go on": [], "layer": [], "set-up": []}
        for number in range(count):
            took["Pause"].append(reaction(page, PAUSE, GO_ON))
            page.wait_for_timeout(300)
            took["Go on"].append(reaction(page, GO_ON, PAUSE))
            page.wait_for_timeout(300)
            chosen, shown = (f"{LAYER}(3)", AMPLIFIED) if number % 2 == 0 else (f"{LAYER}(1)", PLAIN)
            took["layer"].append(reaction(page, chosen, shown))
            page.wait_for_timeout(300)
            took["set-up"].append(reaction(page, SET_UP, FIELD))
            page.keyboard.press("Escape")
            page.locator(FIELD).wait_for(state="hidden")
            page.wait_for_timeout(300)
    every = [seconds for each in took.values() for seconds in each]
    for name, each in [*took.items(), ("all", every)]:
        print(
            f"click to reaction, {name}: median {statistics.median(each):.3f} s, worst {max(each):.3f} s, "
            f"n = {len(each)}"
        )


def reaction(page: Page, clicked: str, shown: str) -> float:
    seconds = page.evaluate(REACTION, [clicked, shown])
    if seconds is None:
        raise TimeoutError(f"{clicked} was clicked and {shown} did not come within 20 s")
    return float(seconds)


def measure_memory(workplace: Workplace, minutes: float) -> None:
    """Resident memory of the server from when it has settled, over so many minutes of watching."""
    with watched(workplace, DIGITS) as (run, page, app):
        server = psutil.Process(app.process.pid)
        time.sleep(SETTLE_SECONDS)
        began, seen = time.monotonic(), []
        while True:
            passed = (time.monotonic() - began) / 60
            seen.append((round(passed, 2), round(server.memory_info().rss / 1e6, 1)))
            if passed >= minutes:
                break
            time.sleep(min(60.0, 60 * max(0.0, minutes - passed) + 0.1))
        shown = page.locator(STAGE).get_attribute("data-iteration")
        print(f"server's resident memory, (minutes, MB): {json.dumps(seen)}")
        most = max(megabytes for _, megabytes in seen)
        print(
            f"grown by {seen[-1][1] - seen[0][1]:.1f} MB in {seen[-1][0]:.1f} min, most {most} MB; "
            f"iteration {run.iteration()} on disk, {shown} on screen"
        )


if __name__ == "__main__":
    main()
