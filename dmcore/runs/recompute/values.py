"""Values of a recomputed update of Algorithm 1 as NumPy arrays: of the real side, each set and each class."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, UInt8

from dmcore.config import SetSpec

if TYPE_CHECKING:
    from dmcore.augment import Augmentation
    from dmcore.runs.stored_state import StoredAs

ImageArray = Float32[np.ndarray, "image channel height width"]
FeatureArray = Float32[np.ndarray, "_ feature"]
MapArray = Float32[np.ndarray, "_ _ _ _"]

SHOWN = 6
"""Images of a class that are shown: of its real batch, and of a set; the maps of these are returned."""
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
    features: FeatureArray
    """Of the complete batch, augmented."""
    maps: tuple[MapArray, ...]
    """Feature maps of the same few images after each block."""


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
    features: FeatureArray
    """Of the augmented images."""
    maps: tuple[MapArray, ...]
    """Feature maps of the first few images after each block."""


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
    augmentations: tuple["Augmentation", ...]
    """One per class, for its real and its synthetic images."""
    real_means: Float32[np.ndarray, "class feature"]
    """Mean feature of each class's augmented real batch."""
    real: Mapping[int, RealSample]
    """By label; only the requested classes."""
    sets: Mapping[str, SetUpdate]
    """By name, in the order of the run."""
    stored_as: "StoredAs"
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
