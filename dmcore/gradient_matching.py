"""Gradient matching: dataset condensation with DC and, with Siamese augmentation, DSA.

Zhao, Mopuri & Bilen (ICLR 2021), algorithm 1; Zhao & Bilen (ICML 2021). An iteration draws a fresh network,
matches the gradients of its loss on synthetic and on real images, and trains it on the synthetic images
between two matching steps. So the real side depends on the synthetic set: no stream that sets could share.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from dmcore.augment import Augmentation, strategy
from dmcore.config.gradient_matching import DcConfig, DsaConfig, GradientDistance, GradientMatchingConfig
from dmcore.config.models import TrainingProtocol
from dmcore.data.images import DataSet
from dmcore.data.synthetic import Pixels, SyntheticSet
from dmcore.embedding.networks import RandomNetworks
from dmcore.execution.divergence import DivergedError
from dmcore.execution.plan import Plan, events_under_plan
from dmcore.execution.workers import parallel_map
from dmcore.gradients.distance import Gradient, distance_parameters, gradient_distance
from dmcore.gradients.draws import GradientDraws, random_draws
from dmcore.gradients.plan import check_gradient_matching, make_gradient_plan
from dmcore.matching import Step
from dmcore.networks import Network
from dmcore.training.loop import NetworkTraining
from dmcore.training.minibatch import loss_in_pieces

OnClass = Callable[[int, Gradient, Gradient, Tensor], None]
"""Called for each class of a matching step, from several threads at once: the class, the gradients on its
real and on its synthetic images, and the gradient of their distance on the pixels."""


@dataclass(frozen=True)
class OuterStep:
    """Result of one matching step inside an iteration; a run is resumed from a `Step`, never from this."""

    begun: Step
    """Step that the iteration began with, its sets copied: what a run that stops here is resumed from."""
    outer: int
    """Matching steps done in the iteration at work."""
    outer_steps: int
    """Matching steps of an iteration."""
    loss_by_class: dict[str, Float[Tensor, " class"]]
    """Distance of the gradients of each class before this update."""
    sets: tuple[SyntheticSet, ...]
    side: ClassVar[None] = None
    """As of a `Step`: there is no real side of its own."""

    @property
    def iteration(self) -> int:
        """Completed iterations."""
        return self.begun.iteration

    @property
    def progress(self) -> float:
        """Completed iterations, with the share of the one at work."""
        return self.iteration + self.outer / self.outer_steps


def condense(
    dataset: DataSet,
    config: DcConfig | DsaConfig,
    *,
    plan: Plan | None = None,
    state: Mapping[str, Tensor] | None = None,
    iteration: int = 0,
) -> Iterator[Step | OuterStep]:
    """Learn a synthetic set by DC or DSA: yields the initial set, then each matching step and each iteration.

    Args:
        dataset: the real images.
        config: what to learn and how; the defaults are as published.
        plan: execution plan; None makes one for this machine.
        state: resume from `Step.state()` of an earlier run instead of starting anew.
        iteration: the iteration that state was taken at.

    Raises:
        ValueError: a setting that this data set or machine cannot honour.
        DivergedError: a gradient is not finite.
    """
    plan = plan or make_gradient_plan(config, dataset.shape, len(dataset.class_names))
    check_gradient_matching(config, dataset, plan)
    real = dataset.train.to(plan.torch_device)
    networks = fresh_networks(config, dataset, plan)
    (spec,) = config.all_sets()
    synthetic = SyntheticSet.initial(spec, real, config.seed)
    if state is not None:
        synthetic.restore(state)
    yield Step(iteration, {}, None, (synthetic,))

    operations = strategy(config.operations, dataset.flip_keeps_label)
    while iteration < config.iterations:
        draws = random_draws(real, synthetic, config, operations, plan, iteration)
        steps = match_and_train(networks.at(iteration), synthetic, draws, config, plan)
        losses, begun = [], Step(iteration, {}, None, (synthetic.copy(),))
        for loss in events_under_plan(plan, steps):
            losses.append(loss)
            loss_by_class = {synthetic.name: loss}
            yield OuterStep(begun, len(losses), config.loops.outer, loss_by_class, (synthetic,))
        iteration += 1
        yield Step(iteration, {synthetic.name: torch.stack(losses).mean(dim=0)}, None, (synthetic,))


def fresh_networks(config: GradientMatchingConfig, dataset: DataSet, plan: Plan) -> RandomNetworks:
    """The networks of a run, one for each iteration."""
    classes, device = len(dataset.class_names), plan.torch_device
    return RandomNetworks(
        config.network_spec(), dataset.shape, classes, config.seed, device, plan.channels_last
    )


def match_and_train(
    network: Network,
    synthetic: SyntheticSet,
    draws: GradientDraws,
    config: GradientMatchingConfig,
    plan: Plan,
    on_class: OnClass | None = None,
) -> Iterator[Float[Tensor, " class"]]:
    """One iteration (DC, algorithm 1): yields the distance of each class at each matching step, once updated.

    Raises:
        DivergedError: a gradient is not finite; the images are as they were before that step.
    """
    loops = config.loops
    training = NetworkTraining(network, inner_protocol(config))
    for outer in range(loops.outer):
        network.train()
        if draws.statistics is not None:
            freeze_batch_norms(network, draws.statistics(outer).contiguous(memory_format=plan.memory_format))
        real, augmentations = draws.real(outer), draws.augmentations(outer)
        loss, gradient = match(
            network, real, synthetic.pixels, augmentations, config.distance, plan, on_class
        )
        refuse_not_finite(loss, gradient, draws.class_names)
        synthetic.sgd_step(gradient)
        yield loss
        if outer + 1 < loops.outer:
            network.train()
            for _ in range(loops.inner):
                for _ in draws.minibatches.train_epoch(training):
                    pass


def match(
    network: Network,
    real: Sequence[Float[Tensor, "_ channel height width"]],
    pixels: Pixels,
    augmentations: Sequence[Augmentation],
    distance: GradientDistance,
    plan: Plan,
    on_class: OnClass | None = None,
) -> tuple[Float[Tensor, " class"], Pixels]:
    """Distance of the gradients on real and synthetic images of each class, and its gradient on the pixels.

    Images are independent of each other here, even with batch norm, whose statistics are frozen.
    """
    parameters = distance_parameters(network, distance)
    logits = partial(plan.logits, network)
    gradient = torch.empty_like(pixels)

    def match_class(index: int) -> Tensor:
        def prepared(images: Tensor) -> tuple[Tensor, Tensor]:
            batch = augmentations[index](images).contiguous(memory_format=plan.memory_format)
            return batch, torch.full((len(batch),), index, device=batch.device)

        _, of_real = loss_in_pieces(logits, *prepared(real[index]), parameters, plan.piece, workers=1)
        learned = pixels[index].detach().requires_grad_()
        batch, label = prepared(learned)
        loss = functional.cross_entropy(network(batch), label)
        of_synthetic = torch.autograd.grad(loss, parameters, create_graph=True)
        value = gradient_distance(of_real, of_synthetic, distance)
        (gradient[index],) = torch.autograd.grad(value, learned)
        if on_class is not None:
            on_class(index, of_real, of_synthetic, gradient[index])
        return value.detach()

    return torch.stack(parallel_map(match_class, range(len(pixels)), plan.workers)), gradient


@torch.no_grad()
def freeze_batch_norms(network: Network, images: Float[Tensor, "image channel height width"]) -> None:
    """Let images move the running statistics of batch norms, then hold these until `network.train()`."""
    network(images)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def inner_protocol(config: GradientMatchingConfig) -> TrainingProtocol:
    """Training of the network between matching steps: SGD at a constant rate, without momentum and decay."""
    epochs = (config.loops.outer - 1) * config.loops.inner
    return TrainingProtocol(
        epochs=2 * epochs + 2,  # the rate drops half way of these, which is never reached
        learning_rate=config.network_lr,
        momentum=0,
        weight_decay=0,
        batch=config.network_batch,
    )


def refuse_not_finite(loss: Float[Tensor, " class"], gradient: Pixels, class_names: Sequence[str]) -> None:
    """Raise if the distance or the pixel gradient of a class is not finite.

    Raises:
        DivergedError: names the class.
    """
    sound = torch.isfinite(loss) & torch.isfinite(gradient).flatten(1).all(dim=1)
    if not bool(sound.all()):
        raise DivergedError(
            f"the gradient of class {class_names[int(sound.int().argmin())]!r} is no longer a number: start "
            "a new run with a lower learning rate of the pixels or of the network"
        )
