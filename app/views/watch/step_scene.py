"""Content of the step-by-step view: one set and class of a recomputed update, as images and sentences."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.jobs.run_view import DisplayImages
from app.text.set_labels import set_title
from app.views.watch.feature_bars import Features
from dmcore.runs.display import to_display_images
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.runs.recompute import ClassUpdate, RealSample, RecomputedUpdate, SetUpdate

MAX_SYNTHETIC = 10
"""Synthetic images of a class that are shown."""
BIT_FOR_BIT, TO_ROUNDING, TO_16_BITS = 1e-6, 1e-3, 0.02
"""Allowed relative error of a recomputed loss, by what it was computed from (measured: 0.4 % at most)."""


@dataclass(frozen=True)
class StepScene:
    """One class of one set during one recomputed update."""

    run: RunFolder
    recomputed: "RecomputedUpdate"
    set_name: str
    label: int

    @property
    def update(self) -> "SetUpdate":
        """The update of the set."""
        return self.recomputed.sets[self.set_name]

    @property
    def images(self) -> "ClassUpdate":
        """The update of the images of the class."""
        return self.update.classes[self.label]

    @property
    def real(self) -> "RealSample":
        """A few images of the class's real batch."""
        return self.recomputed.real[self.label]

    @property
    def class_name(self) -> str:
        """Name of the class."""
        return self.run.class_names[self.label]

    @property
    def real_mean(self) -> Features:
        """Mean real feature of the class [feature]."""
        mean: Features = self.recomputed.real_means[self.label]
        return mean

    @property
    def synthetic_mean(self) -> Features:
        """Mean synthetic feature of the class [feature]."""
        mean: Features = self.update.means[self.label]
        return mean

    @cached_property
    def before(self) -> DisplayImages:
        """The first few images of the class before the update."""
        return self.display_images(self.images.before)

    @cached_property
    def title(self) -> str:
        """Title of the set above its images."""
        return set_title(self.run, next(item for item in self.run.sets if item.name == self.set_name))

    def display_images(self, pixels: npt.NDArray[np.floating[Any]]) -> DisplayImages:
        """Learned pixels [image, channel, height, width] -> the first few as display images."""
        return to_display_images(pixels[:MAX_SYNTHETIC], self.run.description.data)

    def grey_levels(self, pixels: npt.NDArray[np.floating[Any]]) -> Features:
        """Gradient or momentum of the images -> by how many of 255 levels one step would move a pixel."""
        deviation = np.array(self.run.description.data.std, np.float32).reshape(-1, 1, 1) * 255
        levels = pixels[:MAX_SYNTHETIC] * deviation * self.update.spec.image_lr
        return levels.astype(np.float32)


def compare_losses(update: "RecomputedUpdate", computed: float, recorded: float) -> str:
    """Sentence on whether a recomputed loss equals the one that the run recorded."""
    off = abs(computed - recorded) / max(abs(recorded), 1e-12)
    if update.stored_as == "float16":
        why, allowed = "the images were stored with 16 bits, so the last digits differ", TO_16_BITS
    elif not update.same_plan:
        why, allowed = "this machine adds up in another order", TO_ROUNDING
    else:
        why, allowed = "", BIT_FOR_BIT
    if off > allowed:
        return (
            f"They do not agree ({100 * off:.2g} % apart): the run was computed by another version of this "
            "program or its files were changed."
        )
    if off <= BIT_FOR_BIT:
        return "They agree."
    return f"They agree to {100 * off:.2g} %: {why}."
