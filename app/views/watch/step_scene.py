"""Content of the step-by-step view: one set and class of a recomputed update, as images and sentences."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from app.views.watch.feature_bars import Features
from dmcore.runs.display.images import DisplayImages, Values, grey_levels, to_display_images
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder

if TYPE_CHECKING:
    from dmcore.runs.recompute import ClassUpdate, RealSample, RecomputedUpdate, SetUpdate

MAX_SYNTHETIC = 10
"""Synthetic images of a class that are shown."""


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
        return set_title(self.run, self.run.set_named(self.set_name))

    def display_images(self, pixels: Values) -> DisplayImages:
        """Learned pixels [image, channel, height, width] -> the first few as display images."""
        return to_display_images(pixels[:MAX_SYNTHETIC], self.run.description.data)

    def grey_levels(self, pixels: Values) -> Values:
        """Gradient or momentum of the images -> by how many of 255 levels one step would move a pixel."""
        levels = grey_levels(pixels[:MAX_SYNTHETIC], self.run.description.data)
        return levels * self.update.spec.image_lr
