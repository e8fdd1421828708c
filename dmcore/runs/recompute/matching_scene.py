"""Scene of a matching step of gradient matching: what is drawn of one class, small enough for a browser."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from dmcore.config import GradientMatchingConfig
from dmcore.runs.display.images import grey_levels, to_display_images
from dmcore.runs.display.signed import REACH, signed_images
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.matching_values import Epoch, LastLayerRow, MatchingStep
from dmcore.runs.recompute.scene import Pictures, SignedPictures, first_filters, signed_pictures
from dmcore.runs.recompute.values import SHOWN, ImageArray


@dataclass(frozen=True)
class LayerScene:
    """One layer, as it is drawn."""

    name: str
    real: float
    """Length of the gradient on the real images."""
    synthetic: float
    distance: float
    cosine: float
    """Mean over the output rows."""
    rows: UInt8[np.ndarray, "1 1 1 row"]
    """Cosine of each output row as a signed picture: 1 and 255 are −1 and 1."""


@dataclass(frozen=True)
class MatchingScene:
    """One class during one matching step, ready to be drawn."""

    iteration: int
    """Iterations made before, and the network's number."""
    outer: int
    """Matching step of the iteration, from 0."""
    outer_steps: int
    images_per_class: int
    batch: int
    operation: str
    """Augmentation of the class, as `dmcore.augment` names it."""
    parameters: Mapping[str, float]
    """Of the operation."""
    loss: float
    mean_loss: float
    next_loss: float | None
    moved: float
    """Mean change of a pixel by the step, in grey levels of 255."""
    gradient_range: float
    """Gradient that the extreme colours stand for, per normalised pixel."""
    filter_range: float
    """Weight that the extreme colours stand for."""
    real: Pictures
    """First few images of the real batch."""
    real_augmented: Pictures
    synthetic: Pictures
    synthetic_augmented: Pictures
    after: Pictures
    gradient: SignedPictures
    filters: SignedPictures
    layers: tuple[LayerScene, ...]
    last_layer: tuple[LastLayerRow, ...]
    epochs: tuple[Epoch, ...]
    epochs_before: int
    """Of the epochs, those before this matching step."""

    @property
    def largest_difference(self) -> float:
        """Between the last layer's gradient and the weighted mean of the features."""
        return max(row.difference for row in self.last_layer)


def matching_scene(run: RunFolder, step: MatchingStep) -> MatchingScene:
    """Arrange a recomputed matching step of a run as a scene."""
    config, data = run.config, run.description.data
    assert isinstance(config, GradientMatchingConfig), "another run was refused"
    gradient, gradient_range = signed_pictures(step.gradient[:SHOWN])
    filters, filter_range = signed_pictures(first_filters(step.filters))

    def shown(pixels: ImageArray) -> Pictures:
        return to_display_images(pixels[:SHOWN], data)

    return MatchingScene(
        iteration=step.iteration,
        outer=step.outer,
        outer_steps=config.loops.outer,
        images_per_class=config.images_per_class,
        batch=step.batch,
        operation=type(step.augmentation).__name__,
        parameters={name: float(value) for name, value in vars(step.augmentation).items()},
        loss=step.loss,
        mean_loss=step.mean_loss,
        next_loss=step.next_loss,
        moved=float(np.abs(grey_levels(step.after - step.before, data)).mean()),
        gradient_range=gradient_range,
        filter_range=filter_range,
        real=shown(step.real),
        real_augmented=shown(step.real_augmented),
        synthetic=shown(step.before),
        synthetic_augmented=shown(step.augmented),
        after=shown(step.after),
        gradient=gradient,
        filters=filters,
        layers=tuple(
            LayerScene(
                name=layer.name,
                real=layer.real,
                synthetic=layer.synthetic,
                distance=layer.distance,
                cosine=float(layer.cosines.mean()),
                rows=signed_images(layer.cosines[None, None, None], float(REACH)),
            )
            for layer in step.layers
        ),
        last_layer=step.last_layer,
        epochs=step.epochs,
        epochs_before=step.epochs_before,
    )
