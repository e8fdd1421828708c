"""Recompute the update from a stored iteration to the next one, with all intermediate values.

Random choices are functions of (seed, iteration), so Algorithm 1 can repeat an update from a stored iteration
alone. Computed with the functions of `dmcore.matching`; the run is only read, and no lock is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, UInt8
from torch import Tensor

from dmcore.augment import Augmentation, strategy
from dmcore.config import CondenseConfig, SetSpec
from dmcore.data.images import DataSet, LabelledImages
from dmcore.data.synthetic import SyntheticSet
from dmcore.embedding.sources import embedding_networks
from dmcore.execution.plan import Plan
from dmcore.matching import Means, RealSide, draw_real, match, mean_features, real_sides
from dmcore.networks import Network
from dmcore.runs.events import read_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.pinned_pool import check_pool
from dmcore.runs.restored_plan import restore_plan
from dmcore.runs.resume import check_data
from dmcore.runs.stored_state import StoredAs, read_state

ImageArray = Float32[np.ndarray, "image channel height width"]

REAL_SAMPLES = 10
"""Real images of a class's batch that are returned for display."""
BIT_FOR_BIT, TO_ROUNDING, TO_16_BITS = 1e-6, 1e-3, 0.02
"""Allowed relative error of a recomputed loss, by what it was computed from (measured: 0.4 % at most)."""


@dataclass(frozen=True)
class RealSample:
    """First few images of one class's real batch."""

    batch: int
    """Size of the complete batch."""
    stored: UInt8[np.ndarray, "image channel height width"]
    """Stored uint8 images."""
    augmented: ImageArray
    """The same images, normalised and augmented."""


@dataclass(frozen=True)
class ClassUpdate:
    """Intermediate values of the update for one class of one set; normalised and unclamped."""

    before: ImageArray
    augmented: ImageArray
    gradient: ImageArray
    momentum_before: ImageArray
    momentum: ImageArray
    """Momentum buffer including the new gradient: the step is the learning rate times this."""
    after: ImageArray


@dataclass(frozen=True)
class SetUpdate:
    """Intermediate values of the update for one synthetic set."""

    spec: SetSpec
    means: Float32[np.ndarray, "class feature"]
    """Mean feature of each class's augmented synthetic images."""
    loss: Float32[np.ndarray, " class"]
    """Squared distance of real and synthetic means (equation 6)."""
    recorded: Float32[np.ndarray, " class"] | None
    """Loss in `events.jsonl`; None where the run has not made this update."""
    classes: Mapping[int, ClassUpdate]
    """By label; only the requested classes."""


@dataclass(frozen=True)
class RecomputedUpdate:
    """Recomputed update from `iteration` to the next one."""

    iteration: int
    """Updates made before this one."""
    draw: int
    """Index of the drawn network; with replay often smaller than `iteration`."""
    filters: Float32[np.ndarray, "filter channel height width"]
    """Weights of the network's first convolution."""
    augmentations: tuple[Augmentation, ...]
    """One per class, for its real and its synthetic images."""
    real_means: Float32[np.ndarray, "class feature"]
    """Mean feature of each class's augmented real batch."""
    real: Mapping[int, RealSample]
    """By label; only the requested classes."""
    sets: Mapping[str, SetUpdate]
    """By name, in the order of the run."""
    stored_as: StoredAs
    """Precision of its start: a checkpoint (float32) or a snapshot (float16 pixels and momentum)."""
    same_plan: bool
    """Whether the run's own execution plan was used; else results agree only to rounding."""

    def difference(self, name: str) -> Float32[np.ndarray, "class feature"]:
        """Mean real minus mean synthetic feature of a set, per class: the loss is its squared norm."""
        difference: np.ndarray = self.real_means - self.sets[name].means
        return difference

    def compare_losses(self, computed: float, recorded: float) -> str:
        """Sentence on whether a loss of this update equals the one that the run recorded."""
        off = abs(computed - recorded) / max(abs(recorded), 1e-12)
        if self.stored_as == "float16":
            why, allowed = "the images were stored with 16 bits, so the last digits differ", TO_16_BITS
        elif not self.same_plan:
            why, allowed = "this machine adds up in another order", TO_ROUNDING
        else:
            why, allowed = "", BIT_FOR_BIT
        if off > allowed:
            return (
                f"They do not agree ({100 * off:.2g} % apart): the run was computed by another version of "
                "this program or its files were changed."
            )
        return "They agree." if off <= BIT_FOR_BIT else f"They agree to {100 * off:.2g} %: {why}."


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
    config = run.config
    if config is None or run.description.plan is None:
        raise ValueError(
            f"run {run.id} was not condensed here, so its updates are unknown: "
            "choose a run that was condensed"
        )
    check_data(run, dataset)
    check_pool(run, dataset, None)
    classes = len(dataset.class_names)
    chosen = tuple(range(classes) if labels is None else labels)
    if any(not 0 <= label < classes for label in chosen):
        raise ValueError(f"run {run.id} has the classes 0 to {classes - 1}: choose among them")
    state, stored_as = read_state(run, iteration)
    plan, deviations = restore_plan(run, dataset, None)

    real = dataset.train.to(plan.torch_device)
    sets = [_restored(spec, state, dataset, plan) for spec in config.all_sets()]
    networks = embedding_networks(config, dataset, plan)
    operations = strategy(config.augment, dataset.flip_keeps_label)
    with plan.applied():
        side = next(real_sides(real, networks, config, operations, plan, start=iteration))
        network = networks.at(side.draw)
        means = [_synthetic_means(network, side, synthetic, plan) for synthetic in sets]
        losses, gradients = match(network, side, sets, plan)
    recorded = _recorded(run, iteration + 1)
    return RecomputedUpdate(
        iteration=iteration,
        draw=side.draw,
        filters=_array(next(network.parameters())),
        augmentations=side.augmentations,
        real_means=_array(side.means),
        real=_real_samples(real, config, side, chosen),
        sets={
            synthetic.name: SetUpdate(
                synthetic.spec,
                _array(mean),
                _array(loss),
                recorded.get(synthetic.name),
                _descend(synthetic, side, gradient, chosen),
            )
            for synthetic, mean, loss, gradient in zip(sets, means, losses, gradients, strict=True)
        },
        stored_as=stored_as,
        same_plan=not deviations,
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
    real: LabelledImages, config: CondenseConfig, side: RealSide, labels: Sequence[int]
) -> dict[int, RealSample]:
    batches = draw_real(real, config, side.draw, "real batch")
    samples = {}
    for label in labels:
        stored = real.images[batches[label][:REAL_SAMPLES]]
        augmented = side.augmentations[label](real.statistics.normalise(stored))
        samples[label] = RealSample(len(batches[label]), stored.cpu().numpy(), _array(augmented))
    return samples


def _descend(
    synthetic: SyntheticSet, side: RealSide, gradient: Tensor, labels: Sequence[int]
) -> dict[int, ClassUpdate]:
    """Take the step and return the values of the requested classes before and after it."""
    earlier = {
        label: (
            _array(synthetic.pixels[label]),
            _array(side.augmentations[label](synthetic.pixels[label])),
            _array(gradient[label]),
            _array(synthetic.momentum_buffer[label]),
        )
        for label in labels
    }
    synthetic.sgd_step(gradient)
    return {
        label: ClassUpdate(*before, _array(synthetic.momentum_buffer[label]), _array(synthetic.pixels[label]))
        for label, before in earlier.items()
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
