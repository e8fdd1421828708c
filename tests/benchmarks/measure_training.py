"""Benchmark of training a network on a small set, by hand: seconds per network-epoch, against a plain loop.

`python tests/benchmarks/measure_training.py`. The plain loop is what most people write: a DataLoader,
torch.optim.SGD, `.item()` after each batch, one network after the other with all of torch's threads. Both
augment alike and are timed in turns, so that a noisy machine slows both.
"""

import argparse
import os
import time
from statistics import median

import torch
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from dmcore.augment import draw_per_image
from dmcore.bench.cases import CASES
from dmcore.bench.our_step import random_data
from dmcore.config import ALL_OPERATIONS, EvaluateConfig, NetworkSpec
from dmcore.data.images import LabelledImages
from dmcore.embedding.networks import empty_network, initialise
from dmcore.execution.plan import evaluation_plan
from dmcore.randomness import numpy_generator, torch_generator
from dmcore.training.evaluate import EpochDone, evaluate

CLASSES, SHAPE = 10, (3, 32, 32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each")
    parser.add_argument("--networks", type=int, default=4, help="networks in each turn")
    parser.add_argument("--width", type=int, default=128, help="of the ConvNet")
    parser.add_argument("--device", default="auto", help="where to compute")
    options = parser.parse_args()
    plan = evaluation_plan(options.device)
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before; on {plan.device}")
    spec = NetworkSpec(width=options.width)
    for each, epochs in ((10, 3), (50, 1)):
        images = random_data(CASES["colour-10"]).train
        few = torch.cat([members[:each] for members in images.by_class])
        batch = images.statistics.normalise(images.images[few]).to(plan.torch_device)
        label = images.label[few].to(plan.torch_device)
        first = few[:1]
        test = LabelledImages(
            images.images[first], images.label[first], images.class_names, images.statistics
        )
        ours, plain = [], []
        for number in range(options.rounds + 1):
            ours.append(ours_seconds(batch, label, test, spec, epochs, options.networks, options.device))
            plain.append(plain_seconds(batch, label, spec, epochs, options.networks, number))
        ratios = [mine / theirs for mine, theirs in zip(ours[1:], plain[1:], strict=True)]  # the first warms
        print(
            f"{each} per class, width {options.width}: ours {median(ours[1:]):.3f} s per network-epoch, "
            f"plain loop {median(plain[1:]):.3f}, ratio {median(ratios):.2f} "
            f"({' '.join(f'{ratio:.2f}' for ratio in ratios)}; n = {len(ratios)} rounds of "
            f"{options.networks} networks x {epochs + 1} epochs)",
            flush=True,
        )


def ours_seconds(
    images: torch.Tensor,
    label: torch.Tensor,
    test: LabelledImages,
    spec: NetworkSpec,
    epochs: int,
    networks: int,
    device: str,
) -> float:
    began = time.perf_counter()
    config = EvaluateConfig(epochs=epochs, repeats=networks)
    events = list(evaluate(images, label, test, [spec], config, evaluation_plan(device)))
    float(next(event.loss for event in reversed(events) if isinstance(event, EpochDone)))  # waits for a GPU
    return (time.perf_counter() - began) / (networks * (epochs + 1))


def plain_seconds(
    images: torch.Tensor, label: torch.Tensor, spec: NetworkSpec, epochs: int, networks: int, seed: int
) -> float:
    began = time.perf_counter()
    for number in range(networks):
        network = empty_network(spec, SHAPE, CLASSES, images.device, channels_last=False).train()
        initialise(network, torch_generator(seed, number, "plain loop"))
        optimiser = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
        loader = DataLoader(TensorDataset(images, label), batch_size=256, shuffle=True)
        random = numpy_generator(seed, number, "plain loop")
        for _ in range(epochs + 1):
            for batch, labels in loader:
                augmented = draw_per_image(random, ALL_OPERATIONS, len(batch), *SHAPE[1:], batch.device)(
                    batch
                )
                loss = functional.cross_entropy(network(augmented), labels)
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                loss.item()
    return (time.perf_counter() - began) / (networks * (epochs + 1))


if __name__ == "__main__":
    main()
