"""Slow motion: the update from one stored iteration to the next, computed again with everything in between.

Random choices are functions of (seed, iteration), so a stored iteration is all that Algorithm 1 needs to do
the same again. The parts are those of `dmcore.matching`; the run is only read, and no lock is taken.
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
from dmcore.embedding.sources import networks_of
from dmcore.execution.plan import Plan
from dmcore.matching import Means, RealSide, draw_real, match, mean_features, real_sides
from dmcore.networks import Network
from dmcore.runs.events import read_events
from dmcore.runs.folder import RunFolder
from dmcore.runs.pinned_pool import check_pool
from dmcore.runs.resume import check_data, plan_from_here
from dmcore.runs.stored_state import StoredAs, read_state
from dmcore.synthetic import SyntheticSet

Images = Float32[np.ndarray, "image channel height width"]

REAL_SHOWN = 10
"""Real images of a class's batch that are kept for looking at."""


@dataclass(frozen=True)
class RealSample:
    """The first few images of one class's real batch."""

    batch: int
    """Images in the whole batch."""
    pictures: UInt8[np.ndarray, "image channel height width"]
    """As stored."""
    augmented: Images
    """The same, normalised and augmented."""


@dataclass(frozen=True)
class ClassUpdate:
    """What the update did to one class of one set; everything normalised and unclamped."""

    before: Images
    augmented: Images
    gradient: Images
    momentum_before: Images
    momentum: Images
    """The momentum buffer after it took the gradient in: what the learning rate is multiplied with."""
    after: Images


@dataclass(frozen=True)
class SetUpdate:
    """What the update did to one synthetic set."""

    spec: SetSpec
    means: Float32[np.ndarray, "class feature"]
    """Mean feature of each class's augmented synthetic images."""
    loss: Float32[np.ndarray, " class"]
    """Squared distance of real and synthetic means (equation 6)."""
    recorded: Float32[np.ndarray, " class"] | None
    """The same as `events.jsonl` has it; None where the run has not made this update."""
    classes: Mapping[int, ClassUpdate]
    """By label; only the classes that were asked for."""


@dataclass(frozen=True)
class Reenactment:
    """The update that leads from `iteration` to the next one."""

    iteration: int
    """Updates made before this one."""
    draw: int
    """Number of the random network; with replay often an earlier one than `iteration`."""
    filters: Float32[np.ndarray, "filter channel height width"]
    """Weights of the network's first convolution."""
    augmentations: tuple[Augmentation, ...]
    """One per class, for its real and its synthetic images."""
    real_means: Float32[np.ndarray, "class feature"]
    """Mean feature of each class's augmented real batch."""
    real: Mapping[int, RealSample]
    """By label; only the classes that were asked for."""
    sets: Mapping[str, SetUpdate]
    """By name, in the order of the run."""
    stored_as: StoredAs
    """What it started from: a checkpoint (float32), or a snapshot (float16 pixels and momentum)."""
    same_plan: bool
    """Whether it was computed under the run's own execution plan; else it agrees only to rounding."""

    def difference(self, name: str) -> Float32[np.ndarray, "class feature"]:
        """Mean real less mean synthetic feature of a set, per class: what the loss squares and sums."""
        difference: np.ndarray = self.real_means - self.sets[name].means
        return difference


def reenact(
    run: RunFolder, dataset: DataSet, iteration: int, labels: Sequence[int] | None = None
) -> Reenactment:
    """Compute the update from a stored iteration to the next one again. The run is not touched.

    Of a run's last iteration the update that would come next is computed; nothing is recorded of it.

    Args:
        run: any run that was condensed by this program, whether it is being worked on or not.
        dataset: its real images.
        iteration: one that the run keeps: of a checkpoint, taken first, or a snapshot of every set.
        labels: classes whose images are kept, so that large sets take little memory; all if left out.

    Raises:
        ValueError: an import, an iteration that is not kept (names the nearest), other data, a class that
            is not there, or a damaged file.
    """
    config = run.config
    if config is None or run.description.plan is None:
        raise ValueError(
            f"run {run.id} was not condensed here, so nobody knows how its images were made: "
            "choose a run that was condensed"
        )
    check_data(run, dataset)
    check_pool(run, dataset, None)
    classes = len(dataset.class_names)
    chosen = tuple(range(classes) if labels is None else labels)
    if any(not 0 <= label < classes for label in chosen):
        raise ValueError(f"run {run.id} has the classes 0 to {classes - 1}: choose among them")
    state, stored_as = read_state(run, iteration)
    plan, deviations = plan_from_here(run, dataset, None)

    real = dataset.train.to(plan.torch_device)
    sets = [_restored(spec, state, dataset, plan) for spec in config.all_sets()]
    networks = networks_of(config, dataset, plan)
    operations = strategy(config.augment, dataset.mirrored_is_same)
    with plan.applied():
        side = next(real_sides(real, networks, config, operations, plan, start=iteration))
        network = networks.at(side.draw)
        means = [_synthetic_means(network, side, one, plan) for one in sets]
        losses, gradients = match(network, side, sets, plan)
    recorded = _recorded(run, iteration + 1)
    return Reenactment(
        iteration=iteration,
        draw=side.draw,
        filters=_array(next(network.parameters())),
        augmentations=side.augmentations,
        real_means=_array(side.means),
        real=_real_samples(real, config, side, chosen),
        sets={
            one.name: SetUpdate(
                one.spec,
                _array(mean),
                _array(loss),
                recorded.get(one.name),
                _descend(one, side, gradient, chosen),
            )
            for one, mean, loss, gradient in zip(sets, means, losses, gradients, strict=True)
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
    """The mean features that `match` compares but does not return, a group of classes at a time."""
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
        pictures = real.images[batches[label][:REAL_SHOWN]]
        augmented = side.augmentations[label](real.statistics.normalise(pictures))
        samples[label] = RealSample(len(batches[label]), pictures.cpu().numpy(), _array(augmented))
    return samples


def _descend(
    synthetic: SyntheticSet, side: RealSide, gradient: Tensor, labels: Sequence[int]
) -> dict[int, ClassUpdate]:
    """Make the step, and keep what it did to the classes asked for."""
    earlier = {
        label: (
            _array(synthetic.pixels[label]),
            _array(side.augmentations[label](synthetic.pixels[label])),
            _array(gradient[label]),
            _array(synthetic.buffer[label]),
        )
        for label in labels
    }
    synthetic.descend(gradient)
    return {
        label: ClassUpdate(*before, _array(synthetic.buffer[label]), _array(synthetic.pixels[label]))
        for label, before in earlier.items()
    }


def _recorded(run: RunFolder, iteration: int) -> dict[str, Float32[np.ndarray, " class"]]:
    """The losses that the run wrote down for an update; empty where it has not made it."""
    for event in reversed(read_events(run.events_file)):
        if event["iteration"] == iteration and "loss" in event:
            return {name: np.array(loss, np.float32) for name, loss in event["loss"].items()}
    return {}


def _array(tensor: Tensor) -> Float32[np.ndarray, "..."]:
    """A copy that later steps do not change."""
    return tensor.detach().to("cpu", copy=True).numpy()
