"""Algorithm 1 of the paper: dataset condensation with distribution matching.

What an iteration needs from the real data does not depend on the synthetic images, so the real side is a
stream of its own and the synthetic sets are its readers. Everything happens on normalised images; pixels are
never clamped.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import torch
from jaxtyping import Float, Int64
from torch import Tensor

from dmcore.augment import Augmentation, draw_augmentation, strategy
from dmcore.config import CondenseConfig, Operation
from dmcore.data.images import DataSet, LabelledImages
from dmcore.embedding.networks import EmbeddingNetworks
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan, make_plan
from dmcore.execution.workers import parallel_map
from dmcore.networks import Network
from dmcore.randomness import numpy_generator
from dmcore.synthetic import ActivationCheckpoint, SyntheticSet

Means = Float[Tensor, "class feature"]


@dataclass(frozen=True)
class RealSide:
    """The half of an iteration that comes from the real images."""

    draw: int
    """Number of the network it was computed with."""
    augmentations: tuple[Augmentation, ...]
    """One per class, to be applied to the synthetic images too."""
    means: Means
    """Mean feature of each class's real batch."""


@dataclass(frozen=True)
class Step:
    """One iteration, done. The sets are live: read them before the next step is asked for."""

    iteration: int
    """Updates made so far; 0 is the start."""
    loss_by_class: dict[str, Float[Tensor, " class"]]
    """For each set the squared distance of mean features before this update; empty at the start."""
    side: RealSide | None
    """The real side that was matched; none at the start."""
    sets: tuple[SyntheticSet, ...]

    def state(self) -> dict[str, Tensor]:
        """All that is needed to go on from here, on the CPU: `NAME/pixels` and `NAME/momentum`, float32."""
        return {key: value for one in self.sets for key, value in one.state().items()}


def condense(
    dataset: DataSet,
    config: CondenseConfig,
    *,
    plan: Plan | None = None,
    state: Mapping[str, Tensor] | None = None,
    iteration: int = 0,
    cache: Path | None = None,
) -> Iterator[Step]:
    """Learn the synthetic sets of `config`; yields the start, then a step after every update.

    Args:
        dataset: the real images.
        config: what to learn and how; the defaults are the paper's.
        plan: how to compute it here; made for this machine if left out.
        state: continue from `Step.state()` of an earlier run instead of starting anew.
        iteration: the iteration that state was taken at.
        cache: where pools of trained networks are; left open, `DM_CACHE`, else the user's cache folder.

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
            del gradients, gradient  # as large as the sets: gone before the next ones are made
        iteration += 1
        loss_by_class = {one.name: loss for one, loss in zip(sets, losses, strict=True)}
        yield Step(iteration, loss_by_class, side, sets)


def match(
    network: Network, side: RealSide, sets: Sequence[SyntheticSet], plan: Plan
) -> tuple[list[Float[Tensor, " class"]], list[Float[Tensor, "class image channel height width"]]]:
    """Equation 6 for each set: squared distance of mean features per class, and its gradient on the pixels.

    Where images do not meet in the network, classes and sets are independent: all sets go through it
    together, and classes in groups, the same result in less memory.
    """
    if len(sets) > 1 and not plan.sets_fit([one.spec.images_per_class for one in sets]):
        each = [match(network, side, [one], plan) for one in sets]
        return [losses[0] for losses, _ in each], [gradients[0] for _, gradients in each]
    gradients = [torch.empty_like(one.pixels) for one in sets]

    def match_group(group: slice) -> Tensor:
        pixels, loss = class_losses(network, side, sets, group, plan)
        for whole, part in zip(gradients, torch.autograd.grad(loss.sum(), pixels), strict=True):
            whole[group] = part
        return loss.detach()

    losses = parallel_map(match_group, class_groups(len(side.means), sets, plan), plan.workers)
    return list(torch.cat(losses).unbind(dim=1)), gradients


def class_losses(
    network: Network, side: RealSide, sets: Sequence[SyntheticSet], group: slice, plan: Plan
) -> tuple[list[Tensor], Float[Tensor, "class set"]]:
    """Equation 6 for some classes of each set, and the pixels that a gradient can be taken for."""
    pixels = [one.pixels[group].detach().requires_grad_() for one in sets]
    images_by_class = [list(of_class) for of_class in zip(*pixels, strict=True)]
    means = mean_features(network, images_by_class, side.augmentations[group], plan)
    return pixels, (side.means[group, None] - means).square().sum(dim=2)


def class_groups(classes: int, sets: Sequence[SyntheticSet], plan: Plan) -> Iterator[slice]:
    """Classes whose synthetic images go through the network together."""
    return _groups(classes, plan.synthetic_classes(sum(one.spec.images_per_class for one in sets)))


def mean_features(
    network: Network,
    images_by_class: Sequence[Sequence[Float[Tensor, "_ channel height width"]]],
    augmentations: Sequence[Augmentation],
    plan: Plan,
) -> Float[Tensor, "class set feature"]:
    """Mean feature of each set of images of each class, augmented alike, in pieces of the plan's size.

    A class too large to be held for a backward pass is augmented and embedded again there, piece by piece.
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
    """The stream of real sides from iteration `start` on: fresh ones, or with replay mostly recent ones."""

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
    """Every `replay_every`-th iteration a fresh real side, otherwise one of the last `replay_keep`.

    Which one is a function of (seed, iteration) and a side is a function of its draw, so nothing needs to be
    stored: after a resume the recent ones are computed again when they are first asked for.
    """
    kept: dict[int, RealSide] = {}
    for iteration in count(start):
        newest, waited = divmod(iteration, config.replay_every)
        oldest = max(0, newest - config.replay_keep + 1)
        draw = newest
        if waited:
            draw = int(numpy_generator(config.seed, iteration, "replay").integers(oldest, newest + 1))
        if draw not in kept:
            kept = {one: side for one, side in kept.items() if one >= oldest}
            kept[draw] = fresh(draw)
        yield kept[draw]


def draw_real(
    real: LabelledImages, config: CondenseConfig, draw: int, purpose: str
) -> list[Int64[Tensor, " _"]]:
    """Positions of each class's real batch, without replacement; a smaller class gives what it has."""
    random = numpy_generator(config.seed, draw, purpose)
    counts = [min(config.real_batch, len(members)) for members in real.by_class]
    chosen = torch.cat(
        [
            members[torch.from_numpy(random.choice(len(members), count, replace=False))]
            for members, count in zip(real.by_class, counts, strict=True)
        ]
    )
    # one copy for all classes, so that a GPU waits for none
    return list(torch.split(chosen.to(real.images.device, non_blocking=True), counts))


def real_means(
    real: LabelledImages,
    network: Network,
    chosen: Sequence[Int64[Tensor, " _"]],
    augmentations: Sequence[Augmentation],
    plan: Plan,
) -> Means:
    """Mean feature of each class's chosen real images under their augmentation, without any gradient."""

    @torch.no_grad()
    def group_means(group: slice) -> Tensor:
        images = [[real.statistics.normalise(real.images[positions])] for positions in chosen[group]]
        return mean_features(network, images, augmentations[group], plan).squeeze(1)

    at_once = plan.real_classes(max(map(len, chosen)))
    return torch.cat(parallel_map(group_means, _groups(len(chosen), at_once), plan.workers))


def noise_floor(
    real: LabelledImages, network: Network, side: RealSide, config: CondenseConfig, plan: Plan
) -> Float[Tensor, " class"]:
    """Squared distance per class between two real batches under one network and augmentation.

    It is what sampling alone leaves: a loss near it means the synthetic images match as well as real ones do.
    """
    other = draw_real(real, config, side.draw, "floor batch")
    return (side.means - real_means(real, network, other, side.augmentations, plan)).square().sum(dim=1)


def _groups(classes: int, at_once: int) -> Iterator[slice]:
    return (slice(first, min(first + at_once, classes)) for first in range(0, classes, at_once))
