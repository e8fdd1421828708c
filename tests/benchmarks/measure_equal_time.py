"""Benchmark of accuracy at equal time, ours against the plain step.

By hand: `python tests/benchmarks/measure_equal_time.py --data-root DIR`.

Fashion-MNIST, 10 per class, width 32, 256 real images. Both condense in processes of their own, a slice of
five seconds each in turns, so that a noisy machine slows both; the images at each moment of their own clock
are tested afterwards. Prints the numbers and draws the curve that the README shows.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory

import matplotlib as mpl
import numpy as np
import torch

from dmcore.augment import draw_augmentation
from dmcore.bench.plain_step import PlainStep, plain_convnet
from dmcore.config import ALL_OPERATIONS, CondenseConfig, EvaluateConfig
from dmcore.data.images import DataSet
from dmcore.data.load import load_dataset
from dmcore.data.synthetic import initial_images
from dmcore.embedding.networks import initialise
from dmcore.matching import condense, draw_real
from dmcore.randomness import numpy_generator, torch_generator
from dmcore.training.evaluate import NetworkTested, evaluate

SLICE, MOMENTS = 5.0, (5, 15, 30, 60, 120)
"""Seconds of a turn, and of each one's own clock when its images are kept."""
CONTENDERS = {"ours": "#0072b2", "ours with replay": "#009e73", "plain step": "#d55e00"}
PICTURE = Path(__file__).resolve().parents[2] / "app" / "assets" / "equal_time.png"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-root", help="where Fashion-MNIST is")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--networks", type=int, default=3)
    parser.add_argument("--condense", choices=CONTENDERS, help="used by the script itself")
    parser.add_argument("--seed", type=int, default=0, help="used by the script itself")
    parser.add_argument("--folder", type=Path, help="used by the script itself")
    options = parser.parse_args()
    data = load_dataset("fashion_mnist", options.data_root)
    if options.condense:
        serve(steps_of(options.condense, data, options.seed), options.condense, options.seed, options.folder)
        return
    accuracies: dict[str, list[list[float]]] = {name: [] for name in CONTENDERS}
    reached: dict[str, list[list[int]]] = {name: [] for name in CONTENDERS}
    with TemporaryDirectory() as folder:
        for seed in range(options.seeds):
            for name, iterations in condensed_in_turns(seed, folder, options.data_root).items():
                reached[name].append(iterations)
        for name in CONTENDERS:
            for seed in range(options.seeds):
                accuracies[name].append(
                    [tested(data, Path(folder), name, seed, moment, options.networks) for moment in MOMENTS]
                )
    for name, rows in accuracies.items():
        for index, moment in enumerate(MOMENTS):
            values = [row[index] for row in rows]
            counts = [row[index] for row in reached[name]]
            print(f"{name}, {moment} s: {mean(values):.1f} ± {stdev(values):.1f} % after {counts} iterations")
    print(f"n = {options.seeds} sets x {options.networks} networks each")
    draw(accuracies)


def config_of(name: str, seed: int) -> CondenseConfig:
    return CondenseConfig(
        dataset="fashion_mnist", width=32, iterations=10**9, seed=seed, replay=name == "ours with replay"
    )


def steps_of(name: str, data: DataSet, seed: int) -> Iterator[torch.Tensor]:
    """The images after each iteration."""
    config = config_of(name, seed)
    if name == "plain step":
        yield from plain_steps(data, config)
    else:
        for step in condense(data, config):
            for loss in step.loss_by_class.values():
                float(loss.sum())
            yield step.sets[0].pixels


def plain_steps(data: DataSet, config: CondenseConfig) -> Iterator[torch.Tensor]:
    real, (channels, side, _) = data.train, data.shape
    images = real.statistics.normalise(real.images)
    network = plain_convnet(config.network_spec(), channels, side, len(real.class_names))
    network.train().requires_grad_(False)
    step = PlainStep(initial_images(config.all_sets()[0], real, config.seed), batch_norm=False)
    yield step.pixels
    for draw in range(config.iterations):
        initialise(network, torch_generator(config.seed, draw, "network"))
        random = numpy_generator(config.seed, draw, "augmentation")
        augmentations = [draw_augmentation(random, ALL_OPERATIONS, side, side) for _ in real.class_names]
        chosen = draw_real(real, config, draw, "real batch")
        float(step(network, [images[positions] for positions in chosen], augmentations).sum())
        yield step.pixels


def serve(steps: Iterator[torch.Tensor], name: str, seed: int, folder: Path) -> None:
    """Condense for a slice at each line of standard input; keep the images at the moments."""
    clock, iteration, moments = 0.0, 0, list(MOMENTS)
    next(steps), next(steps)  # what is slow the first time only
    for _ in sys.stdin:
        until = clock + SLICE
        while clock < until:
            began = time.perf_counter()
            pixels = next(steps)
            clock += time.perf_counter() - began
            iteration += 1
            if moments and clock >= moments[0]:
                np.save(file_of(folder, name, seed, moments.pop(0)), pixels.detach().numpy())
                print(iteration, flush=True)
        print("end", flush=True)


def condensed_in_turns(seed: int, folder: str, data_root: str | None) -> dict[str, list[int]]:
    """The iterations that each had done at each moment."""
    reached: dict[str, list[int]] = {name: [] for name in CONTENDERS}
    command = [sys.executable, __file__, "--seed", str(seed), "--folder", folder]
    command += ["--data-root", data_root] if data_root else []
    processes = {
        name: subprocess.Popen(
            [*command, "--condense", name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in CONTENDERS
    }
    while any(len(rows) < len(MOMENTS) for rows in reached.values()):
        for name, process in processes.items():
            process.stdin.write("slice\n")
            process.stdin.flush()
            while (line := process.stdout.readline().strip()) != "end":
                reached[name].append(int(line))
    for process in processes.values():
        process.kill()
    return reached


def tested(data: DataSet, folder: Path, name: str, seed: int, moment: int, networks: int) -> float:
    pixels = torch.from_numpy(np.load(file_of(folder, name, seed, moment)))
    label = torch.arange(pixels.shape[0]).repeat_interleave(pixels.shape[1])
    protocol = EvaluateConfig(epochs=200, repeats=networks, seed=seed)
    spec = config_of(name, seed).network_spec()
    events = evaluate(pixels.flatten(0, 1), label, data.test, [spec], protocol)
    return mean(event.accuracy for event in events if isinstance(event, NetworkTested))


def file_of(folder: Path, name: str, seed: int, moment: int) -> Path:
    return folder / f"{name.replace(' ', '-')}-{seed}-{moment}.npy"


def draw(accuracies: dict[str, list[list[float]]]) -> None:
    mpl.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6.4, 3.6), dpi=150, layout="constrained")
    for (name, rows), colour in zip(accuracies.items(), CONTENDERS.values(), strict=True):
        means, spread = np.mean(rows, axis=0), np.std(rows, axis=0, ddof=1)
        axes.errorbar(MOMENTS, means, spread, color=colour, marker="o", capsize=3, label=name)
    axes.set(xscale="log", xlabel="time for condensing, s", ylabel="test accuracy, %")
    axes.set_xticks(MOMENTS, [str(iteration) for iteration in MOMENTS])
    axes.minorticks_off()
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PICTURE)
    print(json.dumps(accuracies))


if __name__ == "__main__":
    main()
