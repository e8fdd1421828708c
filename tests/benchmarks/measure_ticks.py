"""Benchmark of the server's answers to a tick of the Watch page.

By hand: `python tests/benchmarks/measure_ticks.py`.

Prints for runs of several lengths the median time and the bytes of each answer: of a run that this process's
thread is at, at three of its moments, and of three that another process writes, read from their folders. The
lengths take turns, so that what else the machine does meets all. Times are those of the whole answer, with
about a millisecond for HTTP.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))
from support.jobs import start
from support.live_routes import live_client
from support.long_runs import CONFIG, TICK, LongRun, ask

from app.jobs.manager import JobManager, get_manager
from app.run.run_view import view_of_folder
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import open_run

LENGTHS = (100, 1000, 5000)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ticks", type=int, default=30, help="ticks at each length")
    ticks = parser.parse_args().ticks
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, n = {ticks} ticks at each length")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        os.environ["DM_RUNS"], os.environ["DM_CACHE"] = f"{folder}/runs", f"{folder}/cache"
        stack.callback(get_manager.release)
        measure_thread(get_manager(), ticks)
        measure_folders(get_manager().runs_root, ticks)


def measure_thread(manager: JobManager, ticks: int) -> None:
    """The answers about a run of this process, from memory; it is paused while they are timed."""
    manager.set_evaluation_share(0.0)  # test networks would only make the wait longer
    job = start(manager, CONFIG)
    moments = {}
    for length in LENGTHS:
        wait(lambda length=length: job.snapshot is not None and job.snapshot.iteration >= length)
        moments[length] = job.snapshot
    manager.throttle.pause()
    wait(lambda: job.state == "paused")
    assert job.run_id is not None
    run = open_run(job.run_id, manager.runs_root)

    def at(length: int) -> RunFolder:
        job.snapshot = moments[length]
        return run

    print_ticks("from memory", {length: partial(at, length) for length in LENGTHS}, ticks)
    manager.stop()
    wait(lambda: not job.active)


def measure_folders(root: Path, ticks: int) -> None:
    """The answers about runs of another process, and what it takes to read what that adds."""
    runs = {length: LongRun(root) for length in LENGTHS}
    for length, run in runs.items():
        run.go_on_to(length)
        wait(lambda length=length, run=run: view_of_folder(run.run).iteration == length)
    print_ticks("from folders", {length: lambda run=run: run.run for length, run in runs.items()}, ticks)
    took: dict[int, list[float]] = {length: [] for length in LENGTHS}
    for _ in range(ticks):
        for length, run in runs.items():
            run.go_on_to(run.iteration + 1)
            began = time.perf_counter()
            while (
                view_of_folder(run.run).iteration < run.iteration
            ):  # looks keep a distance: the last one reads
                began = time.perf_counter()
            took[length].append(1000 * (time.perf_counter() - began))
    for length, each in took.items():
        print(f"one iteration more read at {length}: median {statistics.median(each):.2f} ms")


def print_ticks(what: str, runs: Mapping[int, Callable[[], RunFolder]], ticks: int) -> None:
    """Median time and size of each answer and of all together, the lengths in turns; none from the cache."""
    took: dict[int, dict[str, list[float]]] = {length: {name: [] for name in TICK} for length in runs}
    size: dict[int, dict[str, int]] = {length: {} for length in runs}
    for tick in range(ticks + 1):
        for length, look in runs.items():
            run = look()
            with live_client() as client:  # a server that has answered nothing
                for name in TICK:
                    began = time.perf_counter()
                    size[length][name] = len(ask(client, run, name))
                    if tick:  # the first one imports
                        took[length][name].append(1000 * (time.perf_counter() - began))
    for length in runs:
        each = ", ".join(
            f"{name} {statistics.median(took[length][name]):.2f} ms {size[length][name]} B" for name in TICK
        )
        whole = statistics.median(map(sum, zip(*took[length].values(), strict=True)))
        print(
            f"{what}, {length} iterations: {whole:.2f} ms {sum(size[length].values())} B ({each})", flush=True
        )


def wait(holds: Callable[[], bool]) -> None:
    while not holds():
        time.sleep(0.01)


if __name__ == "__main__":
    main()
