"""Recompute the update from a stored iteration to the next one, with all intermediate values.

Random choices are functions of (seed, iteration), so Algorithm 1 can repeat an update from a stored iteration
alone, and the first ones from the configuration. Computed with the functions of `dmcore.matching`; the run is
only read, and no lock is taken.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import torch
from jaxtyping import Float32
from torch import Tensor

from dmcore.augment import strategy
from dmcore.config import CondenseConfig, GradientMatchingConfig, SetSpec
from dmcore.data.images import DataSet, LabelledImages
from dmcore.data.synthetic import SyntheticSet
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan
from dmcore.matching import Means, RealSide, condense, draw_real, match, mean_features, real_sides
from dmcore.networks import Network
from dmcore.runs.events import read_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.pinned_pool import check_pool
from dmcore.runs.recompute.embedded import embed_classes
from dmcore.runs.recompute.values import (
    SHOWN,
    ClassUpdate,
    RealSample,
    RecomputedUpdate,
    SetUpdate,
)
from dmcore.runs.restored_plan import restore_plan
from dmcore.runs.resume import check_data
from dmcore.runs.stored_state import StoredAs, read_state


def recompute_update(
    run: RunFolder, dataset: DataSet, iteration: int, labels: Sequence[int] | None = None
) -> RecomputedUpdate:
    """Recompute the update from a stored iteration to the next one. The run is not changed.

    For a run's last iteration the update that would come next is computed, which has no recorded loss.

    Args:
        run: a run that was condensed by this program, running or not.
        dataset: its real images.
        iteration: a stored iteration: of a checkpoint if there is one, else a snapshot of every set.
        labels: classes whose images are returned, to save memory for large sets; left out, all.

    Raises:
        ValueError: an import, an iteration that is not stored (names the nearest), other data, an unknown
            class, or a damaged file.
    """
    config = _check(run, dataset, labels)
    state, stored_as = read_state(run, iteration)
    plan, deviations = restore_plan(run, dataset, None)
    return _recompute(run, config, dataset, plan, state, iteration, stored_as, not deviations, labels)


def recompute_first_updates(
    run: RunFolder, dataset: DataSet, count: int, labels: Sequence[int] | None = None
) -> Iterator[RecomputedUpdate]:
    """Recompute the first updates of a run from its configuration alone, so that no image need be stored.

    Args:
        run: a run that was condensed by this program.
        dataset: its real images.
        count: number of updates, 1 or more; fewer where the run has fewer iterations.
        labels: classes whose images are returned; left out, all.

    Raises:
        ValueError: an import, other data, or an unknown class.
    """
    config = _check(run, dataset, labels)
    plan, deviations = restore_plan(run, dataset, None)
    first = config.model_copy(update={"iterations": min(count, config.iterations)})
    for step in condense(dataset, first, plan=plan):
        if step.iteration < first.iterations:
            yield _recompute(
                run, config, dataset, plan, step.state(), step.iteration, "float32", not deviations, labels
            )


def _check(run: RunFolder, dataset: DataSet, labels: Sequence[int] | None) -> CondenseConfig:
    """Configuration of the run, where its updates can be repeated on these images."""
    if isinstance(run.config, GradientMatchingConfig):
        raise ValueError(
            f"run {run.id} matched gradients, so it has matching steps in place of these updates: choose a "
            "run of distribution matching"
        )
    if run.config is None or run.description.plan is None:
        raise ValueError(
            f"run {run.id} was not condensed here, so its updates are unknown: "
            "choose a run that was condensed"
        )
    check_data(run, dataset)
    check_pool(run, dataset, None)
    classes = len(dataset.class_names)
    if any(not 0 <= label < classes for label in labels or ()):
        raise ValueError(f"run {run.id} has the classes 0 to {classes - 1}: choose among them")
    return run.config


def _recompute(
    run: RunFolder,
    config: CondenseConfig,
    dataset: DataSet,
    plan: Plan,
    state: Mapping[str, Tensor],
    iteration: int,
    stored_as: StoredAs,
    same_plan: bool,
    labels: Sequence[int] | None,
) -> RecomputedUpdate:
    chosen = tuple(range(len(dataset.class_names)) if labels is None else labels)
    real = dataset.train.to(plan.torch_device)
    sets = [_restored(spec, state, dataset, plan) for spec in config.all_sets()]
    networks = embedding_networks(config, dataset, plan)
    operations = strategy(config.augment, dataset.flip_keeps_label)
    with plan.applied():
        side = next(real_sides(real, networks, config, operations, plan, start=iteration))
        network = networks.at(side.draw)
        means = [_synthetic_means(network, side, synthetic, plan) for synthetic in sets]
        losses, gradients = match(network, side, sets, plan)
        real_samples = _real_samples(real, config, network, side, plan, chosen)
        updates = [
            _descend(synthetic, config, network, side, gradient, plan, chosen)
            for synthetic, gradient in zip(sets, gradients, strict=True)
        ]
    recorded = _recorded(run, iteration + 1)
    return RecomputedUpdate(
        iteration=iteration,
        draw=side.draw,
        filters=_array(next(network.parameters())),
        augmentations=side.augmentations,
        real_means=_array(side.means),
        real=real_samples,
        sets={
            synthetic.name: SetUpdate(
                synthetic.spec, _array(mean), _array(loss), recorded.get(synthetic.name), update
            )
            for synthetic, mean, loss, update in zip(sets, means, losses, updates, strict=True)
        },
        stored_as=stored_as,
        same_plan=same_plan,
    )


def _restored(spec: SetSpec, state: Mapping[str, Tensor], dataset: DataSet, plan: Plan) -> SyntheticSet:
    shape = (len(dataset.class_names), spec.images_per_class, *dataset.shape)
    pixels = torch.empty(shape, device=plan.torch_device)
    synthetic = SyntheticSet(spec, pixels, torch.empty_like(pixels))
    synthetic.restore(state)
    return synthetic


@torch.no_grad()
def _synthetic_means(network: Network, side: RealSide, synthetic: SyntheticSet, plan: Plan) -> Means:
    """Mean synthetic features, which `match` does not return, a group of classes at a time."""
    at_once = plan.synthetic_classes(synthetic.spec.images_per_class)
    groups = [slice(first, first + at_once) for first in range(0, len(synthetic.pixels), at_once)]
    return torch.cat(
        [
            mean_features(
                network, [[images] for images in synthetic.pixels[group]], side.augmentations[group], plan
            ).squeeze(1)
            for group in groups
        ]
    )


def _real_samples(
    real: LabelledImages,
    config: CondenseConfig,
    network: Network,
    side: RealSide,
    plan: Plan,
    labels: Sequence[int],
) -> dict[int, RealSample]:
    batches = draw_real(real, config, side.draw, "real batch")

    def augmented(label: int) -> Tensor:
        return side.augmentations[label](real.statistics.normalise(real.images[batches[label]]))

    embedded = embed_classes(network, config.network_spec(), augmented, len(batches), labels, plan)
    return {
        label: RealSample(
            batch=len(batches[label]),
            stored=real.images[batches[label][:SHOWN]].cpu().numpy(),
            augmented=_array(augmented(label)[:SHOWN]),
            features=of_class.features,
            maps=of_class.maps,
        )
        for label, of_class in embedded.items()
    }


def _descend(
    synthetic: SyntheticSet,
    config: CondenseConfig,
    network: Network,
    side: RealSide,
    gradient: Tensor,
    plan: Plan,
    labels: Sequence[int],
) -> dict[int, ClassUpdate]:
    """Take the step and return the values of the requested classes before and after it."""

    def augmented(label: int) -> Tensor:
        return side.augmentations[label](synthetic.pixels[label])

    classes = len(synthetic.pixels)
    embedded = embed_classes(network, config.network_spec(), augmented, classes, labels, plan)
    augmented_before = {label: _array(augmented(label)) for label in labels}
    before = {label: _array(synthetic.pixels[label]) for label in labels}
    momentum_before = {label: _array(synthetic.momentum_buffer[label]) for label in labels}
    synthetic.sgd_step(gradient)
    return {
        label: ClassUpdate(
            before=before[label],
            augmented=augmented_before[label],
            gradient=_array(gradient[label]),
            momentum_before=momentum_before[label],
            momentum=_array(synthetic.momentum_buffer[label]),
            after=_array(synthetic.pixels[label]),
            features=of_class.features,
            maps=of_class.maps,
        )
        for label, of_class in embedded.items()
    }


def _recorded(run: RunFolder, iteration: int) -> dict[str, Float32[np.ndarray, " class"]]:
    """Recorded losses of an update by set; empty where the run has not made it."""
    for event in reversed(read_events(run.events_file)):
        if event["iteration"] == iteration and "loss" in event:
            return {name: np.array(loss, np.float32) for name, loss in event["loss"].items()}
    return {}


def _array(tensor: Tensor) -> Float32[np.ndarray, "..."]:
    """Copy as a NumPy array, which later steps do not change."""
    return tensor.detach().to("cpu", copy=True).numpy()
