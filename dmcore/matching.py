"""Algorithm 1 of the paper: dataset condensation with distribution matching.

The real side of an iteration (real batches, their augmentation and mean features) does not depend on the
synthetic images. So it is a stream of its own, and several synthetic sets can be matched to it. Everything
happens on normalised images; pixels are never clamped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from dmcore.augment import Augmentation, draw_augmentation, strategy
from dmcore.config import CondenseConfig, Operation
from dmcore.data.images import DataSet, LabelledImages
from dmcore.data.synthetic import ActivationCheckpoint, SyntheticSet
from dmcore.embedding.networks import EmbeddingNetworks
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan, make_plan
from dmcore.execution.workers import parallel_map
from dmcore.networks import Network
from dmcore.randomness import numpy_generator

Means = Float[Tensor, "class feature"]


@dataclass(frozen=True)
class RealSide:
    """Real half of an iteration: mean features of the real batches, and how they were computed."""

    draw: int
    """Draw of the embedding network it was computed with."""
    augmentations: tuple[Augmentation, ...]
    """One per class, to be applied to the synthetic images too."""
    means: Means
    """Mean feature of each class's real batch."""


@dataclass(frozen=True)
class Step:
    """Result of one iteration. The sets are not copied: read them before advancing to the next step."""

    iteration: int
    """Number of updates so far; 0 before the first."""
    loss_by_class: dict[str, Float[Tensor, " class"]]
    """Loss of each set per class (equation 6) before this update; empty at iteration 0."""
    side: RealSide | None
    """Real side that was matched; None at iteration 0."""
    sets: tuple[SyntheticSet, ...]
    outer: ClassVar[int] = 0
    """Matching steps done of an iteration at work: none, it is completed (see `OuterStep`)."""
    outer_steps: ClassVar[int] = 0

    @property
    def progress(self) -> float:
        """Completed iterations, with the share of the one at work."""
        return float(self.iteration)

    def state(self) -> dict[str, Tensor]:
        """Checkpoint to resume from, copied to the CPU: `NAME/pixels` and `NAME/momentum`, float32."""
        return {key: value for synthetic in self.sets for key, value in synthetic.state().items()}


def condense(
    dataset: DataSet,
    config: CondenseConfig,
    *,
    plan: Plan | None = None,
    state: Mapping[str, Tensor] | None = None,
    iteration: int = 0,
    cache: Path | None = None,
) -> Iterator[Step]:
    """Learn the synthetic sets of `config` (Algorithm 1): yields the initial sets, then one step per update.

    Args:
        dataset: the real images.
        config: what to learn and how; the defaults are the paper's.
        plan: execution plan; None makes one for this machine.
        state: resume from `Step.state()` of an earlier run instead of starting anew.
        iteration: the iteration that state was taken at.
        cache: folder of the pools of trained networks; None: `DM_CACHE`, else the user's cache folder.

    Raises:
        ValueError: a setting that this data set or machine cannot honour, with the remedy.
    """
    plan = plan or make_plan(config, dataset.shape, len(dataset.class_names))
    real = dataset.train.to(plan.torch_device)
    networks = embedding_networks(config, dataset, plan, cache)
    sets = tuple(SyntheticSet.initial(spec, real, config.seed) for spec in config.all_sets())
    for synthetic in sets if state is not None else ():
        synthetic.restore(state or {})
    yield Step(iteration, {}, None, sets)

    sides = real_sides(
        real, networks, config, strategy(config.augment, dataset.flip_keeps_label), plan, start=iteration
    )
    while iteration < config.iterations:
        with plan.applied():
            side = next(sides)
            losses, gradients = match(networks.at(side.draw), side, sets, plan)
            for synthetic, gradient in zip(sets, gradients, strict=True):
                synthetic.sgd_step(gradient)
            del gradients, gradient  # as large as the sets: freed before the next ones are allocated
        iteration += 1
        loss_by_class = {synthetic.name: loss for synthetic, loss in zip(sets, losses, strict=True)}
        yield Step(iteration, loss_by_class, side, sets)


def match(
    network: Network, side: RealSide, sets: Sequence[SyntheticSet], plan: Plan
) -> tuple[list[Float[Tensor, " class"]], list[Float[Tensor, "class image channel height width"]]]:
    """Distribution matching loss of each set per class (equation 6), and its gradient on the pixels.

    Without batch norm an image's features depend on no other image, so classes and sets are independent: all
    sets go through the network together, in groups of classes. The result is the same in less memory.
    """
    if len(sets) > 1 and not plan.sets_fit([synthetic.spec.images_per_class for synthetic in sets]):
        by_set = [match(network, side, [synthetic], plan) for synthetic in sets]
        return [losses[0] for losses, _ in by_set], [gradients[0] for _, gradients in by_set]
    gradients = [torch.empty_like(synthetic.pixels) for synthetic in sets]

    def match_group(group: slice) -> Tensor:
        pixels, loss = class_losses(network, side, sets, group, plan)
        for gradient, of_group in zip(gradients, torch.autograd.grad(loss.sum(), pixels), strict=True):
            gradient[group] = of_group
        return loss.detach()

    losses = parallel_map(match_group, class_groups(len(side.means), sets, plan), plan.workers)
    return list(torch.cat(losses).unbind(dim=1)), gradients


def class_losses(
    network: Network, side: RealSide, sets: Sequence[SyntheticSet], group: slice, plan: Plan
) -> tuple[list[Tensor], Float[Tensor, "class set"]]:
    """Loss of a group of classes of each set (equation 6), and the pixels as leaves of its graph."""
    pixels = [synthetic.pixels[group].detach().requires_grad_() for synthetic in sets]
    images_by_class = [list(of_class) for of_class in zip(*pixels, strict=True)]
    means = mean_features(network, images_by_class, side.augmentations[group], plan)
    return pixels, (side.means[group, None] - means).square().sum(dim=2)


def class_groups(classes: int, sets: Sequence[SyntheticSet], plan: Plan) -> Iterator[slice]:
    """Groups of classes whose synthetic images go through the network in one pass."""
    images_per_class = sum(synthetic.spec.images_per_class for synthetic in sets)
    return _groups(classes, plan.synthetic_classes(images_per_class))


def mean_features(
    network: Network,
    images_by_class: Sequence[Sequence[Float[Tensor, "_ channel height width"]]],
    augmentations: Sequence[Augmentation],
    plan: Plan,
) -> Float[Tensor, "class set feature"]:
    """Mean feature of each set's images of each class, in micro-batches of the plan's size.

    Images of one class are augmented alike. Where the activations are too large to be kept for a backward
    pass, activation checkpointing augments and embeds each micro-batch again in it.
    """

    def embed(augment: Augmentation, images: Tensor) -> Tensor:
        return plan.embed(network, augment(images))

    counts = [len(images) for sets in images_by_class for images in sets]
    by_class = [
        (augment, sets[0] if len(sets) == 1 else torch.cat(list(sets)))
        for augment, sets in zip(augmentations, images_by_class, strict=True)
    ]
    if torch.is_grad_enabled() and sum(counts) > plan.held_images:
        features = [
            ActivationCheckpoint.apply(partial(embed, augment), piece)
            for augment, images in by_class
            for piece in torch.split(images, plan.backward_piece)
        ]
    else:
        augmented = torch.cat([augment(images) for augment, images in by_class])
        features = [plan.embed(network, piece) for piece in torch.split(augmented, plan.piece)]
    means = [of_set.mean(dim=0) for of_set in torch.split(torch.cat(features), counts)]
    return torch.stack(means).reshape(len(by_class), -1, features[0].shape[1])


def real_sides(
    real: LabelledImages,
    networks: EmbeddingNetworks,
    config: CondenseConfig,
    operations: Sequence[Operation],
    plan: Plan,
    start: int = 0,
) -> Iterator[RealSide]:
    """Stream of real sides from iteration `start` on; with replay most are recent ones, used again."""

    def fresh(draw: int) -> RealSide:
        random = numpy_generator(config.seed, draw, "augmentation")
        augmentations = tuple(
            draw_augmentation(random, operations, *real.images.shape[2:]) for _ in real.class_names
        )
        chosen = draw_real(real, config, draw, "real batch")
        return RealSide(draw, augmentations, real_means(real, networks.at(draw), chosen, augmentations, plan))

    if config.replay:
        return replay_real_sides(fresh, config, start)
    return map(fresh, count(start))


def replay_real_sides(
    fresh: Callable[[int], RealSide], config: CondenseConfig, start: int
) -> Iterator[RealSide]:
    """Replay of real sides: a fresh one every `replay_every` iterations, else one of the last `replay_keep`.

    Which one is a function of (seed, iteration) and a side is a function of its draw, so nothing needs to be
    stored: after a resume the recent ones are computed again when they are first drawn.
    """
    recent: dict[int, RealSide] = {}
    for iteration in count(start):
        newest, since_newest = divmod(iteration, config.replay_every)
        oldest = max(0, newest - config.replay_keep + 1)
        draw = newest
        if since_newest:
            draw = int(numpy_generator(config.seed, iteration, "replay").integers(oldest, newest + 1))
        if draw not in recent:
            recent = {other: side for other, side in recent.items() if other >= oldest}
            recent[draw] = fresh(draw)
        yield recent[draw]


def draw_real(
    real: LabelledImages, config: CondenseConfig, draw: int, purpose: str
) -> list[Int64[Tensor, " _"]]:
    """Draw each class's real batch (positions) without replacement; a smaller class is taken whole."""
    return draw_batches(real, config.real_batch, numpy_generator(config.seed, draw, purpose))


def draw_batches(
    real: LabelledImages, per_class: int, random: np.random.Generator
) -> list[Int64[Tensor, " _"]]:
    """Draw positions of so many images of each class without replacement; a smaller class is taken whole."""
    counts = [min(per_class, len(members)) for members in real.by_class]
    chosen = torch.cat(
        [
            members[torch.from_numpy(random.choice(len(members), count, replace=False))]
            for members, count in zip(real.by_class, counts, strict=True)
        ]
    )
    # one copy for all classes, so that the GPU is not synchronised for each
    return list(torch.split(chosen.to(real.images.device, non_blocking=True), counts))


def real_means(
    real: LabelledImages,
    network: Network,
    chosen: Sequence[Int64[Tensor, " _"]],
    augmentations: Sequence[Augmentation],
    plan: Plan,
) -> Means:
    """Mean feature of each class's real batch under its augmentation, without gradient."""

    @torch.no_grad()
    def group_means(group: slice) -> Tensor:
        images = [[real.statistics.normalise(real.images[positions])] for positions in chosen[group]]
        return mean_features(network, images, augmentations[group], plan).squeeze(1)

    size = plan.real_classes(max(map(len, chosen)))
    return torch.cat(parallel_map(group_means, _groups(len(chosen), size), plan.workers))


def noise_floor(
    real: LabelledImages, network: Network, side: RealSide, config: CondenseConfig, plan: Plan
) -> Float[Tensor, " class"]:
    """Noise floor of the loss: squared distance per class between two real batches, embedded alike.

    Sampling alone leaves this much: a loss near it means that synthetic images match as well as real ones do.
    """
    other = draw_real(real, config, side.draw, "floor batch")
    return (side.means - real_means(real, network, other, side.augmentations, plan)).square().sum(dim=1)


def _groups(classes: int, size: int) -> Iterator[slice]:
    return (slice(first, min(first + size, classes)) for first in range(0, classes, size))
