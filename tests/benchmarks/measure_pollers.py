"""Benchmark of a run that twelve viewers poll against the same run alone, and of the server's memory.

By hand on an idle machine: `python tests/benchmarks/measure_pollers.py --help`.

A run is started on the page of a fresh server and the browser is closed. Then windows in which nobody asks
take turns with windows in which pollers do, each four times a second, whatever the server says of its pace:
status line, images, loss and run bar in turns, with the tokens of what they have, as a page does. Prints the
iterations per second of each window, their ratio, what the answers were, the processor time of server and
pollers, and the server's resident memory.
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
from urllib.parse import urlencode, urlsplit

import psutil

sys.path.append(str(Path(__file__).resolve().parents[1]))
from measure_watching import DIGITS, FIRST_ITERATION, Workplace, next_write, speed_now, watched
from playwright.sync_api import sync_playwright
from support.chromium import CHROMIUM_ARGUMENTS, find_chromium

from dmcore.runs.folder import RunFolder

SETTLE_SECONDS = 5.0
WARM_MINUTES = 10.0
"""Growth counts from then on."""


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
                    moments[address] = urlencode({"moment": json.loads(body)["moment"]})
        connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pollers", type=int, default=12)
    parser.add_argument("--pace", type=float, default=0.25, help="seconds between two requests of a poller")
    parser.add_argument("--windows", type=int, default=4, help="windows of each kind")
    parser.add_argument("--seconds", type=float, default=15, help="how long a window is")
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
    rates: dict[str, list[float]] = {"alone": [], "polled": []}
    for repeat in range(options.windows):
        for kind in sorted(rates, reverse=bool(repeat % 2)):
            if kind == "alone":
                rates[kind].append(speed_now(run, options.seconds))
                continue
            pollers = Pollers(address, cookie, run, options.pollers, options.pace)
            time.sleep(1.0)
            began, own = server.cpu_times(), time.process_time()
            rates[kind].append(speed_now(run, options.seconds))
            ended, own = server.cpu_times(), time.process_time() - own
            pollers.stop()
            used = ended.user + ended.system - began.user - began.system
            print(
                f"polled: {dict(pollers.answers)}, {pollers.bytes / 1e6:.1f} MB, answer median "
                f"{1000 * statistics.median(pollers.seconds):.1f} ms, worst "
                f"{1000 * max(pollers.seconds):.0f} ms; processor: server {used:.1f} s, pollers {own:.1f} s; "
                f"resident {server.memory_info().rss / 1e6:.0f} MB",
                flush=True,
            )
    for kind, each in rates.items():
        print(f"{kind}: {', '.join(f'{rate:.2f}' for rate in each)} iterations/s")
    pairs = [polled / alone for polled, alone in zip(rates["polled"], rates["alone"], strict=True)]
    ratio = statistics.mean(rates["polled"]) / statistics.mean(rates["alone"])
    print(
        f"polled / alone {ratio:.3f} (n = {len(pairs)} windows each, pairs "
        f"{', '.join(f'{pair:.3f}' for pair in pairs)})",
        flush=True,
    )


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
