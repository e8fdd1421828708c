"""Reference step of the benchmark: a plain iteration, straight from the description of the method.

Class by class, whole batches at once, NCHW, torch's own layers and optimiser, one class's loss added at a
time. It shares the random choices with `dmcore`, so that both must give the same losses, and no computation
but the augmentations, which have recorded reference values of their own.
"""

from collections.abc import Callable, Sequence
from itertools import count

import torch
from torch import Tensor, nn

from dmcore.augment import Augmentation, draw_augmentation
from dmcore.bench.cases import Case
from dmcore.bench.our_step import random_data
from dmcore.config import ALL_OPERATIONS, CondenseConfig, NetworkSpec
from dmcore.data.synthetic import initial_images
from dmcore.embedding.networks import initialise
from dmcore.execution.machine import usable_cores
from dmcore.execution.plan import choose_device
from dmcore.matching import draw_real
from dmcore.randomness import numpy_generator, torch_generator


def plain_convnet(spec: NetworkSpec, channels: int, side: int, classes: int) -> nn.Module:
    """ConvNet of the paper with torch's own layers: flattened features, then the linear classifier."""
    layers: list[nn.Module] = []
    for block in range(spec.depth):
        padding = 3 if block == 0 and channels == 1 else 1
        layers.append(nn.Conv2d(channels, spec.width, 3, padding=padding))
        side = (side + 2 * padding - 2) // 2
        batch = spec.norm == "batch"
        layers.append(nn.BatchNorm2d(spec.width) if batch else nn.GroupNorm(spec.width, spec.width))
        layers += [nn.ReLU(inplace=True), nn.AvgPool2d(2)]
        channels = spec.width
    layers += [nn.Flatten(), nn.Linear(channels * side * side, classes)]
    return nn.Sequential(*layers)


class PlainStep:
    """One iteration of Algorithm 1 on synthetic images, with torch's SGD."""

    def __init__(self, start: Tensor, batch_norm: bool, image_lr: float = 1.0, momentum: float = 0.5) -> None:
        """Initialise from `start` [class, image, channel, height, width]."""
        self.pixels = start.detach().clone().requires_grad_()
        self._batch_norm = batch_norm
        self._optimiser = torch.optim.SGD([self.pixels], lr=image_lr, momentum=momentum)

    def __call__(
        self, network: nn.Module, real: Sequence[Tensor], augmentations: Sequence[Augmentation]
    ) -> Tensor:
        """Run one iteration; returns the loss of each class before the update.

        Args:
            network: frozen and in train mode; all but its last layer embeds.
            real: each class's batch [image, channel, height, width], normalised.
            augmentations: one per class, for its real and its synthetic images.
        """
        embed = network[:-1]  # type: ignore[index]
        losses: list[Tensor] = []
        loss = torch.zeros((), device=self.pixels.device)
        if self._batch_norm:
            images = [augment(batch) for augment, batch in zip(augmentations, real, strict=True)]
            of_real = embed(torch.cat(images)).detach().reshape(len(real), len(images[0]), -1).mean(dim=1)
            learned = [augment(batch) for augment, batch in zip(augmentations, self.pixels, strict=True)]
            of_learned = embed(torch.cat(learned)).reshape(len(real), len(learned[0]), -1).mean(dim=1)
            for real_mean, mean in zip(of_real, of_learned, strict=True):
                losses.append((real_mean - mean).square().sum())
                loss = loss + losses[-1]
        else:
            for augment, batch, synthetic in zip(augmentations, real, self.pixels, strict=True):
                of_real = embed(augment(batch)).detach()
                of_learned = embed(augment(synthetic))
                losses.append((of_real.mean(dim=0) - of_learned.mean(dim=0)).square().sum())
                loss = loss + losses[-1]
        self._optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step()
        return torch.stack(losses).detach()


def plain_step(case: Case) -> Callable[[], float]:
    """Create the step that `dmcore bench --against reference` times, with our random choices."""
    device, _ = choose_device(case.device)
    config, data = case.config, random_data(case).train.to(device)
    assert isinstance(config, CondenseConfig)
    images, (channels, height, width) = data.statistics.normalise(data.images), case.shape
    network = plain_convnet(config.network_spec(), channels, height, case.classes)
    network.to(device).train().requires_grad_(False)
    learned = config.all_sets()[0]
    start = initial_images(learned, data, config.seed)
    step = PlainStep(start, config.norm == "batch", learned.image_lr, learned.momentum)
    draws = count()
    torch.set_num_threads(usable_cores(case.threads))

    def step_once() -> float:
        draw = next(draws)
        initialise(network, torch_generator(config.seed, draw, "network"))
        random = numpy_generator(config.seed, draw, "augmentation")
        augmentations = [
            draw_augmentation(random, ALL_OPERATIONS, height, width) for _ in range(case.classes)
        ]
        chosen = draw_real(data, config, draw, "real batch")
        return float(step(network, [images[positions] for positions in chosen], augmentations).sum())

    return step_once
