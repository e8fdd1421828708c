"""Recompute a matching step of a run of DC or DSA, with what it compares and how its network is trained.

An iteration is repeated from a stored one by `match_and_train` itself: random choices are functions of (seed,
iteration). The run is only read, and no lock is taken.
"""

import math
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor, nn
from torch.nn import functional

from dmcore.augment import strategy
from dmcore.config import DcConfig, DsaConfig
from dmcore.data.images import DataSet
from dmcore.data.synthetic import SyntheticSet
from dmcore.execution.divergence import DivergedError
from dmcore.execution.plan import Plan
from dmcore.gradient_matching import fresh_networks, match_and_train
from dmcore.gradients.distance import Gradient, distance_parameters, gradient_distance, row_cosines
from dmcore.gradients.draws import random_draws
from dmcore.gradients.last_layer import feature_weights
from dmcore.networks import Network
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.matching_values import Epoch, LastLayerRow, LayerGradients, MatchingStep
from dmcore.runs.recompute.values import SHOWN
from dmcore.runs.restored_plan import restore_plan
from dmcore.runs.resume import check_data
from dmcore.runs.stored_state import read_state
from dmcore.training.minibatch import Minibatches


def recompute_matching_step(
    run: RunFolder, dataset: DataSet, iteration: int, outer: int = 0
) -> Generator[int, None, tuple[MatchingStep, ...]]:
    """Recompute a matching step of the iteration that follows a stored one.

    Yields the number of matching steps that are done, so that a caller can tell or stop; returns what the
    step did for each class.

    Args:
        run: a run of DC or DSA that was condensed by this program, running or not.
        dataset: its real images.
        iteration: a stored iteration; for a run's last one, what would come next is computed.
        outer: the matching step of the iteration, from 0.

    Raises:
        ValueError: another method, an import, an iteration that is not stored, other data, an unknown
            matching step, or a damaged file.
        DivergedError: a gradient is not finite.
    """
    config = _check(run, dataset, outer)
    state, _ = read_state(run, iteration)
    plan, _ = restore_plan(run, dataset, None)
    real = dataset.train.to(plan.torch_device)
    (spec,) = config.all_sets()
    synthetic = SyntheticSet.initial(spec, real, config.seed)
    synthetic.restore(state)
    operations = strategy(config.operations, dataset.flip_keeps_label)
    draws = random_draws(real, synthetic, config, operations, plan, iteration)
    epochs: list[list[tuple[Tensor, Tensor]]] = []
    draws = replace(draws, minibatches=_watched(draws.minibatches, epochs))
    network = fresh_networks(config, dataset, plan).at(iteration)
    matched: dict[int, _Matched] = {}

    def on_class(index: int, of_real: Gradient, of_synthetic: Gradient, of_pixels: Tensor) -> None:
        layers = _layers(network, of_real, [each.detach() for each in of_synthetic], config)
        matched[index] = _Matched(layers, _of_last_layer(network, of_real, config), _array(of_pixels))

    steps = match_and_train(network, synthetic, draws, config, plan, on_class)
    for done in range(outer):
        with plan.applied():
            next(steps)
        yield done + 1
    with plan.applied():
        before = synthetic.pixels.clone()
        losses = next(steps)  # until the next one is asked for, the network stands as it was matched
        filters = _array(next(network.parameters()))
        batches, augmentations = draws.real(outer), draws.augmentations(outer)
        of_classes = []
        for label, (batch, augment) in enumerate(zip(batches, augmentations, strict=True)):
            augmented = augment(batch).contiguous(memory_format=plan.memory_format)
            of_classes.append(
                MatchingStep(
                    iteration=iteration,
                    outer=outer,
                    filters=filters,
                    augmentation=augment,
                    batch=len(batch),
                    real=_array(batch[:SHOWN]),
                    real_augmented=_array(augmented[:SHOWN]),
                    before=_array(before[label]),
                    augmented=_array(augment(before[label])),
                    gradient=matched[label].of_pixels,
                    after=_array(synthetic.pixels[label]),
                    layers=matched[label].layers,
                    loss=float(losses[label]),
                    mean_loss=float(losses.mean()),
                    next_loss=None,
                    last_layer=_last_layer(network, augmented, label, matched[label].of_last_layer, plan),
                    epochs=(),
                    epochs_before=config.loops.inner * outer,
                )
            )
        del batches
    yield outer + 1
    next_losses: Sequence[float | None] = [None] * len(of_classes)
    with plan.applied():
        try:
            next_losses = next((following.tolist() for following in steps), next_losses)
        except DivergedError:
            next_losses = [math.nan] * len(of_classes)
    trained = (_epoch(parts, len(synthetic.label)) for parts in epochs if parts)
    finite = tuple(epoch for epoch in trained if math.isfinite(epoch.loss))
    return tuple(
        replace(step, next_loss=following, epochs=finite)
        for step, following in zip(of_classes, next_losses, strict=True)
    )


class _Matched(NamedTuple):
    """What is kept of the gradients of one class."""

    layers: tuple[LayerGradients, ...]
    of_last_layer: Tensor
    """Gradient of the last layer's weight on the real images."""
    of_pixels: Float32[np.ndarray, "..."]
    """Gradient of the distance on the pixels."""


def _check(run: RunFolder, dataset: DataSet, outer: int) -> DcConfig | DsaConfig:
    """Configuration of the run, where this matching step can be repeated on these images."""
    config = run.config
    if not isinstance(config, DcConfig | DsaConfig) or run.description.plan is None:
        raise ValueError(
            f"run {run.id} matched no gradients here, so there is no matching step: choose a run of DC or DSA"
        )
    check_data(run, dataset)
    if not 0 <= outer < config.loops.outer:
        last = config.loops.outer - 1
        raise ValueError(
            f"run {run.id} has the matching steps of an iteration 0 to {last}: choose among them"
        )
    return config


def _watched(minibatches: Minibatches, epochs: list[list[tuple[Tensor, Tensor]]]) -> Minibatches:
    """The same minibatches; loss and correct answers of each of their pieces are added to `epochs`."""

    def order_of_epoch(epoch: int, count: int) -> Tensor:
        epochs.append([])
        return minibatches.order_of_epoch(epoch, count)

    def on_logits(_: Tensor, logits: Tensor, label: Tensor) -> None:
        loss = functional.cross_entropy(logits, label, reduction="sum")
        epochs[-1].append((loss, (logits.argmax(dim=1) == label).sum()))

    return replace(minibatches, order_of_epoch=order_of_epoch, on_logits=on_logits)


def _epoch(pieces: Sequence[tuple[Tensor, Tensor]], images: int) -> Epoch:
    losses, correct = zip(*pieces, strict=True)
    return Epoch(sum(map(float, losses)) / images, sum(map(float, correct)) / images)


def _layers(
    network: Network, real: Gradient, synthetic: Gradient, config: DcConfig | DsaConfig
) -> tuple[LayerGradients, ...]:
    """What is compared, a parameter at a time."""
    names = _layer_names(network)
    return tuple(
        LayerGradients(
            name=names[parameter],
            real=float(of_real.norm()),
            synthetic=float(of_synthetic.norm()),
            distance=float(gradient_distance([of_real], [of_synthetic], config.distance)),
            cosines=_array(row_cosines(of_real, of_synthetic)),
        )
        for parameter, of_real, of_synthetic in zip(
            distance_parameters(network, config.distance), real, synthetic, strict=True
        )
    )


def _layer_names(network: Network) -> dict[nn.Parameter, str]:
    """Name of each parameter: that of its layer, numbered among those of its kind."""
    names: dict[nn.Parameter, str] = {}
    counts = Counter[str]()
    for module in network.modules():
        kinds = {nn.Conv2d: "convolution", nn.Linear: "linear layer"}
        kind = kinds.get(type(module), "norm")
        own = dict(module.named_parameters(recurse=False))
        counts[kind] += bool(own)
        title = "last layer" if module is network.classifier else f"{kind} {counts[kind]}"
        names |= {each: title if name == "weight" else f"{title}, {name}" for name, each in own.items()}
    return names


def _of_last_layer(network: Network, gradient: Gradient, config: DcConfig | DsaConfig) -> Tensor:
    """The part of a gradient that is of the last layer's weight."""
    parameters = distance_parameters(network, config.distance)
    (position,) = (at for at, each in enumerate(parameters) if each is network.classifier.weight)
    return gradient[position]


def _last_layer(
    network: Network, augmented: Tensor, label: int, of_real: Tensor, plan: Plan
) -> tuple[LastLayerRow, ...]:
    """Rows of the last layer's gradient on real images, by autograd and as weighted means of features."""

    def embed(images: Tensor) -> Tensor:
        return torch.cat([network.embed(piece) for piece in torch.split(images, plan.piece)])

    label_of_each = torch.full((len(augmented),), label, device=augmented.device)
    terms = feature_weights(network, augmented, label_of_each, embed)
    mean = terms.features.mean(dim=0)
    return tuple(
        LastLayerRow(
            weight=float(weight),
            gradient=float(row.norm()),
            weighted_mean=float(weighted.norm()),
            difference=float((row - weighted).abs().max()),
            alignment=float(functional.cosine_similarity(row, mean, dim=0)),
        )
        for weight, row, weighted in zip(terms.weights.mean(dim=0), of_real, terms.weighted_mean, strict=True)
    )


def _array(tensor: Tensor) -> Float32[np.ndarray, "..."]:
    """Copy as a NumPy array, which later steps do not change."""
    return tensor.detach().to("cpu", copy=True).numpy()
