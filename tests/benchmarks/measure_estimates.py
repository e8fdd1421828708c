"""Estimates against measured durations, by hand: predicted before the start, after a tenth, and the ratios.

`python tests/benchmarks/measure_estimates.py [--busy 4] [--rounds 2] [--cache DIR]`. Ten different jobs, each
through the library as the command line runs it. A fresh cache knows nothing of the machine; in the second
round the jobs of the first have corrected the record. `--busy` lets so many processes compute beside them.
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from dmcore.bench.estimate import data_shape_of, start_timer
from dmcore.bench.timing import random_images
from dmcore.config import CondenseConfig, EvaluateConfig, NetworkSpec, PoolConfig, SetChange, TrainingConfig
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.execution.cost import (
    Workload,
    condensation_workload,
    pool_workload,
    training_workload,
    whole_set_workload,
)
from dmcore.execution.plan import Plan, evaluation_plan, make_plan
from dmcore.experiments.presets import facts_of
from dmcore.experiments.results import Results
from dmcore.experiments.runner import run_table
from dmcore.experiments.sets import Roots
from dmcore.experiments.table1 import Table1Config
from dmcore.experiments.table_cost import TableTimer
from dmcore.runs.creation import create_run
from dmcore.runs.recorder import record
from dmcore.training.evaluate import EpochDone, evaluate
from dmcore.training.network_pool import build_pool
from dmcore.training.whole_set import train_whole

TENTH = 0.1
SMALL = NetworkSpec(width=32)
DIGITS = CondenseConfig(dataset="digits", images_per_class=1, width=32, real_batch=64, iterations=400)
COLOUR = DIGITS.model_copy(update={"real_batch": 32, "iterations": 40})
RACE = tuple(SetChange(init=init) for init in ("real", "noise", "wrong_class"))


@dataclass(frozen=True)
class Row:
    """Predicted and measured seconds of a job."""

    name: str
    predicted: float
    after_a_tenth: float
    measured: float
    slowdown: float
    memory: int
    peak: int
    """Bytes of this process so far, at the most."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--busy", type=int, default=0, help="processes that compute beside the jobs")
    parser.add_argument("--rounds", type=int, default=1, help="how often all jobs are run")
    parser.add_argument("--cache", type=Path, help="folder of the record; left out, an empty one")
    parser.add_argument("--only", default="", help="jobs whose name contains this")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before, {options.busy} busy processes")
    with tempfile.TemporaryDirectory() as folder, busy_processes(options.busy):
        cache = options.cache or Path(folder) / "cache"
        for number in range(options.rounds):
            head = ("predicted", "a tenth", "measured", "ratio", "tenth", "busy")
            print(f"{'job':28}", *(f"{title:>9}" for title in head), "  memory")
            for row in rows(Path(folder) / str(number), cache, options.only):
                first, tenth = row.predicted / row.measured, row.after_a_tenth / row.measured
                numbers = (row.predicted, row.after_a_tenth, row.measured, first, tenth, row.slowdown)
                memory = f"{row.memory / 1e6:.0f} of {row.peak / 1e6:.0f} MB"
                print(f"{row.name:28}", *(f"{each:9.2f}" for each in numbers), f"  {memory}", flush=True)


def rows(root: Path, cache: Path, only: str) -> Iterator[Row]:
    """Run the jobs; their runs and trained networks lie in `root`, the record of speeds in `cache`."""
    digits, colour = load_dataset("digits"), random_dataset()
    jobs = {
        "condense, 1 per class": lambda: condensed(digits, DIGITS, root, cache),
        "condense, 10 per class": lambda: condensed(
            digits, changed(images_per_class=10, iterations=200), root, cache
        ),
        "condense, race of 3": lambda: condensed(digits, changed(sets=RACE), root, cache),
        "condense, replay": lambda: condensed(digits, changed(replay=True, iterations=800), root, cache),
        "condense, 32x32 colours": lambda: condensed(colour, COLOUR, root, cache),
        "evaluate 10 digits": lambda: evaluated(digits, 1, EvaluateConfig(repeats=5, epochs=300), cache),
        "evaluate 100 colour images": lambda: evaluated(
            colour, 10, EvaluateConfig(repeats=4, epochs=15), cache
        ),
        "pool of 4": lambda: pooled(digits, PoolConfig(width=32, pool_steps=150), 4, root, cache),
        "train on all digits": lambda: trained(digits, TrainingConfig(width=32, epochs=15), root, cache),
        "table 1": lambda: tabled(digits, root, cache),
    }
    for name, job in jobs.items():
        if only in name:
            predicted, tenth, measured, slowdown, memory = job()
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
            yield Row(name, predicted, tenth, measured, slowdown, memory, peak)


Timed = tuple[float, float, float, float, int]


def changed(**changes: object) -> CondenseConfig:
    return CondenseConfig.model_validate(DIGITS.model_dump() | changes)


def timed(workload: Workload, plan: Plan, cache: Path, fractions: Iterator[float]) -> Timed:
    """Drive a job by the shares that are done of it."""
    began = time.perf_counter()
    timer, tenth = start_timer(workload, plan, cache), 0.0
    for fraction in fractions:
        timer.take(fraction)
        if not tenth and fraction >= TENTH:
            tenth = time.perf_counter() - began + (timer.seconds_left or 0.0)
    timer.close()
    took = time.perf_counter() - began
    return timer.estimate.seconds, tenth, took, timer.slowdown, timer.estimate.memory or 0


def condensed(dataset: DataSet, config: CondenseConfig, root: Path, cache: Path) -> Timed:
    plan = make_plan(config, dataset.shape, len(dataset.class_names))
    run = create_run(root / "runs", config, dataset, plan, "measured")
    fractions = (step.iteration / config.iterations for step in record(run, dataset))
    return timed(condensation_workload(config, data_shape_of(dataset)), plan, cache, fractions)


def evaluated(dataset: DataSet, per_class: int, protocol: EvaluateConfig, cache: Path) -> Timed:
    plan, train = evaluation_plan(), dataset.train
    chosen = torch.cat([members[:per_class] for members in train.by_class])
    workload = training_workload(
        SMALL, len(chosen), protocol.repeats, protocol, data_shape_of(dataset), plan.workers
    )
    total = protocol.repeats * (protocol.epochs + 1)

    def fractions() -> Iterator[float]:
        done = 0
        for event in evaluate(
            train.images[chosen], train.label[chosen], dataset.test, [SMALL], protocol, plan
        ):
            done += isinstance(event, EpochDone)
            yield done / total

    return timed(workload, plan, cache, fractions())


def pooled(dataset: DataSet, config: PoolConfig, networks: int, root: Path, cache: Path) -> Timed:
    plan = evaluation_plan()
    workload = pool_workload(config, networks, data_shape_of(dataset), plan.workers)
    events = build_pool(dataset, config, networks, root / "cache", plan)
    return timed(workload, plan, cache, (event.fraction for event in events))


def trained(dataset: DataSet, config: TrainingConfig, root: Path, cache: Path) -> Timed:
    plan = evaluation_plan()
    events = train_whole(dataset, config, root / "cache", plan)
    workload = whole_set_workload(config, data_shape_of(dataset))
    return timed(workload, plan, cache, (event.fraction for event in events))


def tabled(dataset: DataSet, root: Path, cache: Path) -> Timed:
    plan, began = evaluation_plan(), time.perf_counter()
    config = Table1Config(
        dataset="digits", methods=("random", "dm"), images_per_class=(1,), seeds=2, repeats=2, iterations=100
    )
    table = config.table(facts_of(dataset))
    timer = TableTimer(
        Results(table=table, cell_results={}),
        data_shape_of(dataset),
        plan.workers,
        lambda workload: start_timer(workload, plan, cache),
    )
    tenth = 0.0
    for event in run_table(table, dataset, Roots(root / "tables", root / "cache")):
        timer.take(event)
        if not tenth and timer.timer.fraction >= TENTH:
            tenth = time.perf_counter() - began + (timer.timer.seconds_left or 0.0)
    timer.close()
    estimate = timer.timer.estimate
    return estimate.seconds, tenth, time.perf_counter() - began, timer.timer.slowdown, estimate.memory or 0


def random_dataset() -> DataSet:
    device = torch.device("cpu")
    train, test = (random_images((3, 32, 32), 10, count, device) for count in (2000, 1000))
    return DataSet("colours", "Random colours", train, test)


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Processes that compute without end."""
    processes = [multiprocessing.Process(target=compute, daemon=True) for _ in range(count)]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for process in processes:
            process.terminate()


def compute() -> None:
    while True:
        sum(range(10**6))


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    main()
