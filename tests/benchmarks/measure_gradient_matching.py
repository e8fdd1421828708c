"""Benchmark of an iteration of DC or DSA against a plain one, written with torch's own layers and optimiser.

By hand: `python tests/benchmarks/measure_gradient_matching.py --images-per-class 1,10 --rounds 5`.

The plain iteration follows the description: class by class, whole batches, NCHW, `GroupNorm`, `torch.optim`.
Both make the same random choices: the losses of their first matching step must agree. Iterations alternate; a
row has the medians and the ratios of the rounds. On a busy machine `--threads 1 --processor-time` is fairer:
threads of one operation wait for each other. `--alone ours` or `--alone plain` tells the memory.
"""

import argparse
import resource
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

from dmcore.augment import strategy
from dmcore.bench.plain_step import plain_convnet
from dmcore.config.gradient_matching import DcConfig, DsaConfig, GradientMatchingConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.data.synthetic import SyntheticSet
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.machine import usable_cores
from dmcore.execution.plan import Plan, events_under_plan
from dmcore.gradient_matching import match_and_train
from dmcore.gradients.draws import GradientDraws, random_draws
from dmcore.gradients.plan import make_gradient_plan

CLASSES = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--method", choices=("dc", "dsa"), default="dsa")
    parser.add_argument("--images-per-class", default="1,10")
    parser.add_argument("--width", type=int, default=128)
    parser.add_argument("--real-batch", type=int, default=256)
    parser.add_argument("--outer", type=int, help="matching steps; left open, as published")
    parser.add_argument("--inner", type=int, help="epochs in between; left open, as published")
    parser.add_argument("--norm", choices=("instance", "batch"), default="instance")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--processor-time", action="store_true", help="of the process instead of the clock's")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--alone", choices=("ours", "plain"), help="only this one, with its peak of memory")
    options = parser.parse_args()
    data = random_images(options.real_batch)
    for size in map(int, options.images_per_class.split(",")):
        config = {"dc": DcConfig, "dsa": DsaConfig}[options.method](
            dataset="random",
            images_per_class=size,
            width=options.width,
            real_batch=options.real_batch,
            norm=options.norm,
            outer_steps=options.outer,
            inner_epochs=options.inner,
        )
        plan = make_gradient_plan(config, data.shape, CLASSES, "cpu", options.threads)
        contenders = {"ours": Ours(data, config, plan), "plain": Plain(data, config, options.threads)}
        if options.alone:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            contenders[options.alone](0)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(f"{size} per class, {options.alone}: {(peak - before) / 1024:.0f} MiB")
            continue
        name = f"{options.method}, {size} per class, loops {tuple(config.loops)}"
        clock = time.process_time if options.processor_time else time.perf_counter
        print(row(name, contenders, options.rounds, clock), flush=True)


def row(
    name: str, contenders: dict[str, Callable[[int], Tensor]], rounds: int, clock: Callable[[], float]
) -> str:
    """Iterations in turns, the first round left out."""
    seconds: dict[str, list[float]] = {who: [] for who in contenders}
    difference = 0.0
    for iteration in range(rounds + 1):
        losses = {}
        for who, iterate in contenders.items():
            began = clock()
            losses[who] = iterate(iteration)
            if iteration:
                seconds[who].append(clock() - began)
        if not iteration:
            ours, plain = losses["ours"][0], losses["plain"][0]
            difference = float((ours - plain).abs().max() / plain.abs().max())
    ratios = [plain / ours for ours, plain in zip(seconds["ours"], seconds["plain"], strict=True)]
    return (
        f"{name}: {median(seconds['ours']):.2f} s against {median(seconds['plain']):.2f} s, ratio "
        f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f}, n = {rounds}), losses of the first "
        f"matching step differ by {difference:.0e}"
    )


class Ours:
    """The product's iteration."""

    def __init__(self, data: DataSet, config: GradientMatchingConfig, plan: Plan) -> None:
        self.synthetic = SyntheticSet.initial(config.all_sets()[0], data.train, 0)
        self._data, self._config, self._plan = data, config, plan
        self._networks = RandomNetworks(
            config.network_spec(), data.shape, CLASSES, 0, torch.device("cpu"), plan.channels_last
        )

    def __call__(self, iteration: int) -> Tensor:
        draws = draws_of(self._data, self.synthetic, self._config, self._plan, iteration)
        network = self._networks.at(iteration)
        steps = match_and_train(network, self.synthetic, draws, self._config, self._plan)
        return torch.stack(list(events_under_plan(self._plan, steps)))


class Plain:
    """The description's iteration, with torch's own layers and optimiser."""

    def __init__(self, data: DataSet, config: GradientMatchingConfig, threads: int | None) -> None:
        self._synthetic = SyntheticSet.initial(config.all_sets()[0], data.train, 0)
        self._pixels = self._synthetic.pixels.requires_grad_()
        self._optimiser = torch.optim.SGD([self._pixels], lr=config.image_lr, momentum=config.momentum)
        self._data, self._config, self._threads = data, config, usable_cores(threads)
        self._networks = RandomNetworks(config.network_spec(), data.shape, CLASSES, 0, torch.device("cpu"))
        self._network = plain_convnet(config.network_spec(), *data.shape[:2], CLASSES).train()

    def __call__(self, iteration: int) -> Tensor:
        torch.set_num_threads(self._threads)
        network, loops = self._network.train(), self._config.loops
        drawn = self._networks.at(iteration)
        with torch.no_grad():
            for parameter, value in zip(network.parameters(), drawn.parameters(), strict=True):
                parameter.copy_(value)
        draws = draws_of(self._data, self._synthetic, self._config, Plan(), iteration)
        descent = torch.optim.SGD(network.parameters(), lr=self._config.network_lr)
        losses = []
        for outer in range(loops.outer):
            losses.append(self._match(network, draws, outer))
            if outer + 1 < loops.outer:
                for epoch in range(outer * loops.inner, (outer + 1) * loops.inner):
                    self._train_epoch(network, draws, descent, epoch)
        return torch.stack(losses)

    def _match(self, network: nn.Module, draws: GradientDraws, outer: int) -> Tensor:
        if draws.statistics is not None:
            network.train()
            network(draws.statistics(outer))
            for module in network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        losses, parameters = [], list(network.parameters())
        augmentations = draws.augmentations(outer)
        for index, (images, augment) in enumerate(zip(draws.real(outer), augmentations, strict=True)):
            label = torch.full((len(images),), index)
            loss = functional.cross_entropy(network(augment(images)), label)
            real = [gradient.detach() for gradient in torch.autograd.grad(loss, parameters)]
            learned = self._pixels[index]
            loss = functional.cross_entropy(network(augment(learned)), label[:1].expand(len(learned)))
            synthetic = torch.autograd.grad(loss, parameters, create_graph=True)
            losses.append(rowwise_distance(real, synthetic))
        self._optimiser.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        network.zero_grad()
        return torch.stack(losses).detach()

    def _train_epoch(
        self, network: nn.Module, draws: GradientDraws, descent: torch.optim.SGD, epoch: int
    ) -> None:
        network.train()
        images, label = self._synthetic.images.detach(), self._synthetic.label
        order = draws.minibatches.order_of_epoch(epoch, len(label))
        for number, index in enumerate(torch.split(order, self._config.network_batch)):
            batch = draws.minibatches.augment(images[index], epoch, number)
            loss = functional.cross_entropy(network(batch), label[index])
            descent.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            descent.step()


def rowwise_distance(real: list[Tensor], synthetic: tuple[Tensor, ...]) -> Tensor:
    """1 − cosine of each output row, summed over rows and layers."""
    total = torch.zeros(())
    for one, other in zip(real, synthetic, strict=True):
        if one.dim() > 1:
            one, other = one.flatten(1), other.flatten(1)
            lengths = one.norm(dim=1) * other.norm(dim=1)
            total = total + (1 - (one * other).sum(dim=1) / (lengths + 1e-6)).sum()
    return total


def draws_of(
    data: DataSet, synthetic: SyntheticSet, config: GradientMatchingConfig, plan: Plan, iteration: int
) -> GradientDraws:
    operations = strategy(config.operations, flip_keeps_label=True)  # type: ignore[attr-defined]
    return random_draws(data.train, synthetic, config, operations, plan, iteration)


def random_images(per_class: int) -> DataSet:
    """Images of 3×32×32 in ten classes."""
    random = torch.Generator().manual_seed(0)
    count = CLASSES * max(per_class, 64)
    images = torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=random)
    names = tuple(map(str, range(CLASSES)))
    labelled = LabelledImages(
        images, torch.arange(count) % CLASSES, names, Statistics((0.5,) * 3, (0.29,) * 3)
    )
    return DataSet("random", "Random", labelled, labelled)


if __name__ == "__main__":
    main()
