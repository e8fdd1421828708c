"""Recompute a matching step of a run of DC or DSA, with what it compares and how its network is trained.

An iteration is repeated from a stored one by `match_and_train` itself: random choices are functions of (seed,
iteration). The run is only read, and no lock is taken.
"""

import math
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import replace

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
    run: RunFolder, dataset: DataSet, iteration: int, label: int, outer: int = 0
) -> Generator[int, None, MatchingStep]:
    """Recompute a matching step of the iteration that follows a stored one, for one class.

    Yields the number of matching steps that are done, so that a caller can tell or stop; returns the step.

    Args:
        run: a run of DC or DSA that was condensed by this program, running or not.
        dataset: its real images.
        iteration: a stored iteration; for a run's last one, what would come next is computed.
        label: the class.
        outer: the matching step of the iteration, from 0.

    Raises:
        ValueError: another method, an import, an iteration that is not stored, other data, an unknown class
            or matching step, or a damaged file.
        DivergedError: a gradient is not finite.
    """
    config = _check(run, dataset, label, outer)
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
    matched: dict[int, tuple[Gradient, Gradient, Tensor]] = {}

    def on_class(index: int, of_real: Gradient, of_synthetic: Gradient, of_pixels: Tensor) -> None:
        if index == label:  # the newest matching step remains
            matched[label] = of_real, [each.detach() for each in of_synthetic], of_pixels.clone()

    network = fresh_networks(config, dataset, plan).at(iteration)
    steps = match_and_train(network, synthetic, draws, config, plan, on_class)
    for done in range(outer):
        with plan.applied():
            next(steps)
        yield done + 1
    with plan.applied():
        before, epochs_before = synthetic.pixels[label].clone(), config.loops.inner * outer
        losses = next(steps)  # until the next one is asked for, the network stands as it was matched
        of_real, of_synthetic, of_pixels = matched[label]
        filters = _array(next(network.parameters()))
        after = _array(synthetic.pixels[label])
        layers = _layers(network, of_real, of_synthetic, config)
        batch, augmentation = draws.real(outer)[label], draws.augmentations(outer)[label]
        augmented = augmentation(batch).contiguous(memory_format=plan.memory_format)
        last_layer = _last_layer(network, augmented, label, of_real, config, plan)
    yield outer + 1
    next_loss: float | None = None
    with plan.applied():
        try:
            next_loss = next((float(following[label]) for following in steps), None)
        except DivergedError:
            next_loss = math.nan
    trained = [_epoch(parts, len(synthetic.label)) for parts in epochs if parts]
    return MatchingStep(
        iteration=iteration,
        outer=outer,
        filters=filters,
        augmentation=augmentation,
        batch=len(batch),
        real=_array(batch[:SHOWN]),
        real_augmented=_array(augmented[:SHOWN]),
        before=_array(before),
        augmented=_array(augmentation(before)),
        gradient=_array(of_pixels),
        after=after,
        layers=layers,
        loss=float(losses[label]),
        mean_loss=float(losses.mean()),
        next_loss=next_loss,
        last_layer=last_layer,
        epochs=tuple(epoch for epoch in trained if math.isfinite(epoch.loss)),
        epochs_before=epochs_before,
    )


def _check(run: RunFolder, dataset: DataSet, label: int, outer: int) -> DcConfig | DsaConfig:
    """Configuration of the run, where this matching step can be repeated on these images."""
    config = run.config
    if not isinstance(config, DcConfig | DsaConfig) or run.description.plan is None:
        raise ValueError(
            f"run {run.id} matched no gradients here, so there is no matching step: choose a run of DC or DSA"
        )
    check_data(run, dataset)
    for number, count, what in (
        (label, len(dataset.class_names), "classes"),
        (outer, config.loops.outer, "matching steps of an iteration"),
    ):
        if not 0 <= number < count:
            raise ValueError(f"run {run.id} has the {what} 0 to {count - 1}: choose among them")
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


def _last_layer(
    network: Network,
    augmented: Tensor,
    label: int,
    of_real: Gradient,
    config: DcConfig | DsaConfig,
    plan: Plan,
) -> tuple[LastLayerRow, ...]:
    """Rows of the last layer's gradient on the real images, by autograd and as weighted means of features."""

    def embed(images: Tensor) -> Tensor:
        return torch.cat([network.embed(piece) for piece in torch.split(images, plan.piece)])

    parameters = distance_parameters(network, config.distance)
    position = next(at for at, each in enumerate(parameters) if each is network.classifier.weight)
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
        for weight, row, weighted in zip(
            terms.weights.mean(dim=0), of_real[position], terms.weighted_mean, strict=True
        )
    )


def _array(tensor: Tensor) -> Float32[np.ndarray, "..."]:
    """Copy as a NumPy array, which later steps do not change."""
    return tensor.detach().to("cpu", copy=True).numpy()
