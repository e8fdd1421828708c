"""Reference of the benchmark for gradient matching: DC and DSA, straight from their description.

Class by class, whole batches at once, NCHW, torch's own layers and optimisers, a double backward by autograd,
and a network that is trained a minibatch at a time. It shares the random choices with `dmcore`, so that both
must give the same losses and pixels, and no computation but the augmentations.
"""

from collections.abc import Iterator, Sequence
from itertools import count

import torch
from torch import Tensor, nn
from torch.nn import functional

from dmcore.augment import Augmentation, draw_augmentation, strategy
from dmcore.bench.cases import Case
from dmcore.bench.our_step import random_data
from dmcore.bench.plain_step import plain_convnet
from dmcore.config import CondenseConfig
from dmcore.data.synthetic import initial_images
from dmcore.embedding.networks import initialise
from dmcore.execution.machine import usable_cores
from dmcore.execution.plan import choose_device
from dmcore.gradients.draws import STATISTICS_BATCH
from dmcore.matching import draw_batches
from dmcore.randomness import numpy_generator, torch_generator
from dmcore.training.minibatch import MinibatchRandomness

EPSILON = 1e-6
"""Added to the product of two norms, as published."""


class PlainGradientStep:
    """Contender that goes on to the next matching step at each call, and trains the network before it."""

    def __init__(self, case: Case) -> None:
        config, (channels, height, _) = case.config, case.shape
        assert not isinstance(config, CondenseConfig)
        torch.set_num_threads(usable_cores(case.threads))
        device, _ = choose_device(case.device)
        self._config, self._data = config, random_data(case).train.to(device)
        self._images = self._data.statistics.normalise(self._data.images)
        self._network = plain_convnet(config.network_spec(), channels, height, case.classes)
        self._network.to(device)
        (learned,) = config.all_sets()
        self.pixels = initial_images(learned, self._data, config.seed).requires_grad_()
        self._label = torch.arange(case.classes, device=device)
        self._optimiser = torch.optim.SGD([self.pixels], lr=learned.image_lr, momentum=learned.momentum)
        self._operations = strategy(config.operations, flip_keeps_label=True)
        self._steps = self._iterations()

    def __call__(self) -> float:
        """Run on to the next matching step; returns its loss, summed over classes."""
        return float(next(self._steps))

    def _iterations(self) -> Iterator[Tensor]:
        config, network = self._config, self._network
        for iteration in count():
            initialise(network, torch_generator(config.seed, iteration, "network"))
            descent = torch.optim.SGD(network.parameters(), lr=config.network_lr)
            minibatches = MinibatchRandomness(config.seed, f"of iteration {iteration}", self._operations)
            for outer in range(config.loops.outer):
                if outer:
                    for epoch in range((outer - 1) * config.loops.inner, outer * config.loops.inner):
                        self._train_epoch(descent, minibatches, epoch)
                yield self._match(iteration, outer)

    def _match(self, iteration: int, outer: int) -> Tensor:
        """One matching step; returns the loss before the update."""

        def real_batches(purpose: str, size: int) -> list[Tensor]:
            random = numpy_generator(self._config.seed, iteration, f"{purpose} {outer}")
            return [self._images[positions] for positions in draw_batches(self._data, size, random)]

        self._network.train()
        if self._config.norm == "batch":
            with torch.no_grad():
                self._network(torch.cat(real_batches("statistics batch", STATISTICS_BATCH)))
            for module in self._network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()
        random = numpy_generator(self._config.seed, iteration, f"augmentation {outer}")
        height, width = self._images.shape[2:]
        augmentations = [
            draw_augmentation(random, self._operations, height, width) for _ in self._data.class_names
        ]
        real = real_batches("real batch", self._config.real_batch)
        loss = torch.stack(
            [
                row_distance(
                    [gradient.detach() for gradient in self._gradients(augment, batch, label)],
                    self._gradients(augment, learned, label, create_graph=True),
                )
                for augment, batch, learned, label in zip(
                    augmentations, real, self.pixels, self._label, strict=True
                )
            ]
        ).sum()
        self._optimiser.zero_grad()
        loss.backward(inputs=[self.pixels])  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return loss.detach()

    def _gradients(
        self, augment: Augmentation, images: Tensor, label: Tensor, create_graph: bool = False
    ) -> tuple[Tensor, ...]:
        """Gradients of the loss on images of one class, for all parameters of the network."""
        loss = functional.cross_entropy(self._network(augment(images)), label.expand(len(images)))
        return torch.autograd.grad(loss, tuple(self._network.parameters()), create_graph=create_graph)

    def _train_epoch(self, descent: torch.optim.SGD, minibatches: MinibatchRandomness, epoch: int) -> None:
        self._network.train()
        images = self.pixels.detach().flatten(0, 1)
        label = self._label.repeat_interleave(self.pixels.shape[1])
        order = minibatches.order_of_epoch(epoch, len(label)).to(label.device)
        for number, index in enumerate(torch.split(order, self._config.network_batch)):
            batch = minibatches.augment(images[index], epoch, number)
            loss = functional.cross_entropy(self._network(batch), label[index])
            descent.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            descent.step()


def row_distance(real: Sequence[Tensor], synthetic: Sequence[Tensor]) -> Tensor:
    """Distance of two gradients: 1 − cosine of each output row, summed; biases and norms are left out."""
    total = torch.zeros((), device=real[0].device)
    for one, other in zip(real, synthetic, strict=True):
        if one.dim() > 1:
            one, other = one.flatten(1), other.flatten(1)
            lengths = one.norm(dim=1) * other.norm(dim=1)
            total = total + (1 - (one * other).sum(dim=1) / (lengths + EPSILON)).sum()
    return total
