"""Random choices of an iteration of gradient matching, each a function of (seed, iteration, purpose).

Real batches and Siamese augmentations of its matching steps, and the minibatches of synthetic images on which
its network is trained in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import torch
from jaxtyping import Float
from torch import Tensor

from dmcore.augment import Augmentation, draw_augmentation
from dmcore.config import Operation
from dmcore.config.gradient_matching import GradientMatchingConfig
from dmcore.data.images import LabelledImages
from dmcore.data.synthetic import SyntheticSet
from dmcore.execution.plan import UNLIMITED, Plan
from dmcore.matching import draw_batches
from dmcore.networks import uses_batch_statistics
from dmcore.randomness import numpy_generator
from dmcore.training.minibatch import Minibatches, MinibatchRandomness, batch_of, even_piece_size

STATISTICS_BATCH = 16
"""Real images per class that set the statistics of batch norms before a matching step, as published."""


@dataclass(frozen=True)
class GradientDraws:
    """Random choices of an iteration; the number of a matching step is that in its iteration, from 0."""

    real: Callable[[int], Sequence[Float[Tensor, "_ channel height width"]]]
    """Matching step -> normalised real batch of each class."""
    augmentations: Callable[[int], Sequence[Augmentation]]
    """Matching step -> augmentation of each class, for its real and its synthetic images."""
    statistics: Callable[[int], Float[Tensor, "image channel height width"]] | None
    """Matching step -> real images of all classes that set the statistics of batch norms; None: no such."""
    class_names: tuple[str, ...]
    """For messages."""
    minibatches: Minibatches
    """Minibatches of the synthetic images, for the training of the network."""


def random_draws(
    real: LabelledImages,
    synthetic: SyntheticSet,
    config: GradientMatchingConfig,
    operations: tuple[Operation, ...],
    plan: Plan,
    iteration: int,
) -> GradientDraws:
    """Random choices of an iteration.

    Args:
        real: the real images.
        synthetic: the set that the network is trained on, as it is when a minibatch is taken.
        config: the run.
        operations: the augmentation strategy; empty for none.
        plan: execution plan, with the pieces that images go through a network in.
        iteration: completed iterations.
    """

    def batches(purpose: str, per_class: int, outer: int) -> list[Tensor]:
        random = numpy_generator(config.seed, iteration, f"{purpose} {outer}")
        chosen = draw_batches(real, per_class, random)
        return [real.statistics.normalise(real.images[positions]) for positions in chosen]

    def augmentations(outer: int) -> list[Augmentation]:
        random = numpy_generator(config.seed, iteration, f"augmentation {outer}")
        height, width = real.images.shape[2:]
        return [draw_augmentation(random, operations, height, width) for _ in real.class_names]

    coupled = uses_batch_statistics(config.network_spec())
    randomness = MinibatchRandomness(config.seed, f"of iteration {iteration}", operations)
    return GradientDraws(
        partial(batches, "real batch", config.real_batch),
        augmentations,
        (lambda outer: torch.cat(batches("statistics batch", STATISTICS_BATCH, outer))) if coupled else None,
        real.class_names,
        Minibatches(
            partial(batch_of, synthetic.images, real.statistics, plan.memory_format),
            synthetic.label,
            randomness.order_of_epoch,
            randomness.augment,
            piece_of=lambda count: UNLIMITED if coupled else piece_for_workers(count, plan),
            workers=1 if coupled else plan.workers,  # one piece: with all threads, not with a worker's one
            logits=plan.logits,
        ),
    )


def piece_for_workers(count: int, plan: Plan) -> int:
    """Size of the pieces of a minibatch, such that every worker has as many."""
    return ceil(even_piece_size(count, plan.piece * plan.workers) / plan.workers)
