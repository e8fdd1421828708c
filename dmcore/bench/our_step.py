"""Timed iteration of distribution matching: as a whole, and each of its parts."""

import torch

from dmcore.augment import Augmentation, draw_augmentation, strategy
from dmcore.bench.cases import Case
from dmcore.bench.timed_parts import TimedParts
from dmcore.config import CondenseConfig
from dmcore.data.images import DataSet, LabelledImages, Statistics
from dmcore.data.synthetic import SyntheticSet
from dmcore.embedding.networks import PixelNetworks, RandomNetworks
from dmcore.execution.plan import make_plan
from dmcore.execution.workers import parallel_map
from dmcore.matching import (
    RealSide,
    class_groups,
    class_losses,
    condense,
    draw_real,
    match,
    real_means,
)
from dmcore.randomness import numpy_generator

IMAGES_PER_CLASS = 300
"""Real images in each class."""


def random_data(case: Case) -> DataSet:
    """Random images of the case's shape: their content does not change the time."""
    channels = case.shape[0]
    pixels = torch.randint(
        *(0, 256, (case.classes * max(IMAGES_PER_CLASS, case.config.real_batch), *case.shape)),
        dtype=torch.uint8,
        generator=torch.Generator().manual_seed(0),
    )
    label = torch.arange(case.classes).repeat_interleave(len(pixels) // case.classes)
    names, half = tuple(map(str, range(case.classes))), (0.5,) * channels
    part = LabelledImages(pixels, label, names, Statistics(half, half))
    return DataSet("random", "random", part, part)


class OurStep(TimedParts):
    """Contender that runs one iteration of `condense` at each call."""

    def __init__(self, case: Case) -> None:
        config, data = case.config, random_data(case)
        assert isinstance(config, CondenseConfig)
        plan = make_plan(config, case.shape, case.classes, case.device, case.threads, case.precision)
        super().__init__(case, plan)
        self._config = config
        self._steps = condense(data, config, plan=plan)
        next(self._steps)
        device = self._plan.torch_device
        self._real = data.train.to(device)
        self._pixels = PixelNetworks(case.shape, case.classes, device)
        self._networks = RandomNetworks(
            *(config.network_spec(), case.shape, case.classes, config.seed, device),
            self._plan.channels_last,
        )
        self._draw = 0

    def __call__(self) -> float:
        """Run one iteration; returns its loss, summed over classes and sets."""
        step = next(self._steps)
        return float(sum(loss.sum() for loss in step.loss_by_class.values()))

    def parts(self) -> dict[str, float]:
        """Seconds of each part of an iteration with a fresh real side, each timed separately."""
        self._draw += 1
        with self._plan.applied():
            draw, (augmentations, chosen) = self._timed(self._draws)
            network = self._networks.at(self._draw)
            sets = [SyntheticSet.initial(spec, self._real, 0) for spec in self._config.all_sets()]
            # without a network what remains is reading, normalising and augmenting
            read, _ = self._timed(
                lambda: real_means(self._real, self._pixels.at(0), chosen, augmentations, self._plan)
            )
            real, means = self._timed(
                lambda: real_means(self._real, network, chosen, augmentations, self._plan)
            )
            side = RealSide(self._draw, augmentations, means)
            groups = class_groups(len(means), sets, self._plan)
            forward, _ = self._timed(
                lambda: parallel_map(
                    lambda group: class_losses(network, side, sets, group, self._plan)[1].detach(),
                    groups,
                    self._plan.workers,
                )
            )
            matched, (_, gradients) = self._timed(lambda: match(network, side, sets, self._plan))
            update, _ = self._timed(lambda: _descend(sets, gradients))
        return {
            "draw": draw,
            "augment": read,
            "real features": max(0.0, real - read),
            "synthetic forward": forward,
            "backward": max(0.0, matched - forward),
            "update": update,
        }

    def _draws(self) -> tuple[tuple[Augmentation, ...], list[torch.Tensor]]:
        self._networks.at(self._draw)
        random = numpy_generator(self._config.seed, self._draw, "augmentation")
        operations = strategy(self._config.augment, flip_keeps_label=True)
        augmentations = tuple(
            draw_augmentation(random, operations, *self._case.shape[1:]) for _ in range(self._case.classes)
        )
        return augmentations, draw_real(self._real, self._config, self._draw, "real batch")


def _descend(sets: list[SyntheticSet], gradients: list[torch.Tensor]) -> None:
    for synthetic, gradient in zip(sets, gradients, strict=True):
        synthetic.sgd_step(gradient)
