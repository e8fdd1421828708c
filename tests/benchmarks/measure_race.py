"""Benchmark of several sets in one run, by hand on an idle machine: an iteration against that of one set.

`python tests/benchmarks/measure_race.py [--data-root DIR]`. Both runs are timed in turns, so that a noisy
machine slows both.
"""

import argparse
import os
import time
from collections.abc import Iterator
from statistics import median

from dmcore.bench.cases import CASES
from dmcore.bench.our_step import random_data
from dmcore.config import CondenseConfig, SetChange
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.matching import Step, condense

LANES = (SetChange(init="real"), SetChange(init="noise"), SetChange(image_lr=5.0), SetChange(momentum=0.9))
SIZES = tuple(SetChange(images_per_class=each) for each in (1, 10, 50))
SMALL = {"width": 32, "real_batch": 64, "iterations": 10**6}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-root", help="where Fashion-MNIST is; left out, it is not timed")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before")
    paper = CondenseConfig(images_per_class=10, iterations=10**6)
    compare(
        "3x32x32, width 128, 256 real, 10 per class",
        random_data(CASES["colour-10"]),
        paper,
        2,
        options.rounds,
    )
    digits = CondenseConfig(dataset="digits", images_per_class=1, **SMALL)
    compare("digits, width 32, 64 real, 1 per class", load_dataset("digits"), digits, 60, options.rounds)
    if options.data_root:
        fashion = CondenseConfig(dataset="fashion_mnist", images_per_class=10, **SMALL)
        dataset = load_dataset("fashion_mnist", options.data_root)
        compare("Fashion-MNIST, width 32, 64 real, 10 per class", dataset, fashion, 10, options.rounds)
    fifty = {"images_per_class": 50, "iterations": 10**6}
    paper = CondenseConfig(**fifty)
    compare(
        "3x32x32, width 128, 256 real, 50 per class",
        random_data(CASES["colour-10"]),
        paper,
        1,
        options.rounds,
        SIZES,
    )
    if options.data_root:
        fashion = CondenseConfig(dataset="fashion_mnist", width=32, **fifty)
        compare("Fashion-MNIST, width 32, 256 real, 50 per class", dataset, fashion, 5, options.rounds, SIZES)


def compare(
    name: str,
    dataset: DataSet,
    config: CondenseConfig,
    iterations: int,
    rounds: int,
    sets: tuple[SetChange, ...] = LANES,
) -> None:
    """Time one set and several, in turns."""
    single = condense(dataset, config)
    several = condense(dataset, config.model_copy(update={"sets": sets}))
    for steps in (single, several):
        seconds_of(steps, 2)  # the start, and the first iteration, which allocates
    taken = [(seconds_of(single, iterations), seconds_of(several, iterations)) for _ in range(rounds)]
    ratios = " ".join(f"{more / less:.2f}" for less, more in taken)
    each = [median(column) / iterations for column in zip(*taken, strict=True)]
    ratio = median(more / less for less, more in taken)
    print(
        f"{name}: one set {each[0]:.3f} s, {len(sets)} sets {each[1]:.3f} s, ratio {ratio:.2f} ({ratios})",
        flush=True,
    )


def seconds_of(steps: Iterator[Step], iterations: int) -> float:
    """How long so many steps take."""
    began = time.perf_counter()
    for _ in range(iterations):
        next(steps)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
