"""Benchmark of a run that twelve viewers poll against the same run alone, and of the server's memory.

By hand on an idle machine: `python tests/benchmarks/measure_pollers.py --help`.

A run is started on the page of a fresh server and the browser is closed. Then windows in which nobody asks
take turns with windows in which pollers do, each four times a second, whatever the server says of its pace:
status line, images, loss and run bar in turns, with the tokens of what they have, as a page does. Prints the
iterations per second of each window and per second of the server's processor time, their ratios, what the
answers were, and the server's resident memory. Many short windows meet what else the machine does alike.
"""

import argparse
import http.client
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

import psutil

sys.path.append(str(Path(__file__).resolve().parents[1]))
from measure_watching import DIGITS, FIRST_ITERATION, Workplace, next_write, watched
from playwright.sync_api import sync_playwright
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium

from dmcore.runs.folder import RunFolder

SETTLE_SECONDS = 5.0
WARM_MINUTES = 10.0
"""Growth counts from then on."""


class Window(NamedTuple):
    """Speed of a run in a stretch of time."""

    iterations_per_second: float
    iterations_per_processor_second: float
    """Of the server's process: where others are at work on the machine, this is the steadier one."""


class Pollers:
    """Threads that poll the live addresses of one run at a fixed pace, until they are stopped."""

    def __init__(self, address: str, cookie: str, run: RunFolder, count: int, pace: float) -> None:
        self.answers: Counter[str] = Counter()
        self.bytes = 0
        self.seconds: list[float] = []
        """Time of each answer."""
        self._host, self._cookie, self._pace = urlsplit(address).netloc, cookie, pace
        below = f"/live/runs/{run.id}"
        self._addresses = (f"{below}/status", f"{below}/images", f"{below}/loss", "/live/bar")
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._poll, args=(number,)) for number in range(count)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join()

    def _poll(self, number: int) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=30)
        tags: dict[str, str] = {}
        moments: dict[str, str] = {}
        turn = number
        due = time.monotonic() + number * self._pace / len(self._threads)
        while not self._stopped.wait(max(0.0, due - time.monotonic())):
            due = max(due + self._pace, time.monotonic())
            address = self._addresses[turn % len(self._addresses)]
            turn += 1
            headers = {"Cookie": self._cookie} if self._cookie else {}
            if address in tags:
                headers["If-None-Match"] = tags[address]
            query = f"?{moments[address]}" if address in moments else ""
            began = time.monotonic()
            connection.request("GET", address + query, headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            self.seconds.append(time.monotonic() - began)
            self.answers[str(answer.status)] += 1
            self.bytes += len(body)
            if answer.status == 200:
                if tag := answer.headers.get("ETag"):
                    tags[address] = tag
                if address.endswith(("status", "bar")):
                    moments[address] = urlencode({"moment": json.loads(body)["revision"]})
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pollers", type=int, default=12)
    parser.add_argument("--pace", type=float, default=0.25, help="seconds between two requests of a poller")
    parser.add_argument("--windows", type=int, default=15, help="windows of each kind")
    parser.add_argument("--seconds", type=float, default=4, help="how long a window is")
    parser.add_argument(
        "--minutes", type=float, default=0, help="how long memory is watched afterwards, polled"
    )
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", flush=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        with watched(Workplace(Path(folder), None, browser), DIGITS) as (run, page, app):
            cookie = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
            page.context.close()
            next_write(run, FIRST_ITERATION)
            time.sleep(SETTLE_SECONDS)
            server = psutil.Process(app.process.pid)
            compare(options, app.address, cookie, run, server)
            if options.minutes:
                watch_memory(options, app.address, cookie, run, server)


def compare(
    options: argparse.Namespace, address: str, cookie: str, run: RunFolder, server: psutil.Process
) -> None:
    """Speed alone and polled in turns; the first of each pair alternates."""
    windows: dict[str, list[Window]] = {"alone": [], "polled": []}
    answers: Counter[str] = Counter()
    seconds: list[float] = []
    for repeat in range(options.windows):
        for kind in sorted(windows, reverse=bool(repeat % 2)):
            if kind == "alone":
                windows[kind].append(measure_window(run, server, options.seconds))
                continue
            pollers = Pollers(address, cookie, run, options.pollers, options.pace)
            time.sleep(1.0)
            windows[kind].append(measure_window(run, server, options.seconds))
            pollers.stop()
            answers += pollers.answers
            seconds += pollers.seconds
    print(
        f"{dict(answers)}; answer median {1000 * statistics.median(seconds):.1f} ms, worst "
        f"{1000 * max(seconds):.0f} ms; resident {server.memory_info().rss / 1e6:.0f} MB"
    )
    for name in Window._fields:
        values = {kind: [getattr(window, name) for window in each] for kind, each in windows.items()}
        pairs = [polled / alone for polled, alone in zip(values["polled"], values["alone"], strict=True)]
        whole = statistics.mean(values["polled"]) / statistics.mean(values["alone"])
        for kind, each in values.items():
            print(f"{name}, {kind}: {', '.join(f'{value:.2f}' for value in each)}")
        print(
            f"{name}, polled / alone: of means {whole:.3f}, median of pairs {statistics.median(pairs):.3f}, "
            f"n = {len(pairs)}",
            flush=True,
        )


def measure_window(run: RunFolder, server: psutil.Process, seconds: float) -> Window:
    """Speed of the run from now on."""
    began, spent = next_write(run, run.iteration() + 1), server.cpu_times()
    last = began
    while last[0] - began[0] < seconds:
        last = next_write(run, last[1] + 1)
    used = server.cpu_times()
    cpu = used.user + used.system - spent.user - spent.system
    iterations = last[1] - began[1]
    return Window(iterations / (last[0] - began[0]), iterations / cpu)


def watch_memory(
    options: argparse.Namespace, address: str, cookie: str, run: RunFolder, server: psutil.Process
) -> None:
    """Resident memory of the polled server, and its slope after the first ten minutes."""
    pollers = Pollers(address, cookie, run, options.pollers, options.pace)
    began, seen = time.monotonic(), []
    while (passed := (time.monotonic() - began) / 60) < options.minutes:
        seen.append((round(passed, 2), round(server.memory_info().rss / 1e6, 1)))
        time.sleep(15.0)
    pollers.stop()
    print(f"server's resident memory, (minutes, MB): {json.dumps(seen)}")
    warm = min(WARM_MINUTES, options.minutes / 2)
    late = [(minute, megabytes) for minute, megabytes in seen if minute >= warm]
    slope = statistics.linear_regression(*zip(*late, strict=True)).slope * 60
    print(f"slope after {late[0][0]:.0f} minutes: {slope:.1f} MB an hour; iteration {run.iteration()}")


if __name__ == "__main__":
    main()
