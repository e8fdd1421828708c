"""Scene of an update: what is drawn of one class of one set, from the network to the step on the pixels.

Small, with pictures as uint8 and features in the plane through both means, so that a browser can draw it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, UInt8

from dmcore.runs.display.images import grey_levels, to_display_images
from dmcore.runs.display.signed import OUTLIERS, REACH, signed_images
from dmcore.runs.folder import RunFolder
from dmcore.runs.recompute.feature_plane import project_features
from dmcore.runs.recompute.values import SHOWN, RecomputedUpdate

MOST_FILTERS = 12
SHOWN_MAPS = 3
"""Feature maps of a block that are shown of each image."""
Pictures = UInt8[np.ndarray, "_ _ _ _"]
"""Images of one or three channels, or feature maps [image, map, height, width]."""
SignedPictures = UInt8[np.ndarray, "_ 1 _ _"]
"""Signed values: 128 is 0, 1 and 255 are the range on both sides."""


@dataclass(frozen=True)
class UpdateScene:
    """One class of one set during one update, ready to be drawn."""

    iteration: int
    """Updates made before this one."""
    draw: int
    """Index of the drawn network; with replay often smaller than `iteration`."""
    images_per_class: int
    batch: int
    """Size of the class's real batch."""
    operation: str
    """Augmentation of the class, as `dmcore.augment` names it."""
    parameters: Mapping[str, float]
    """Of the operation."""
    features: int
    """Length of a feature."""
    loss: float
    """Of the class (equation 6)."""
    recorded: float | None
    """The loss that the run recorded; None where it has not made this update."""
    comparison: str
    """Sentence on whether the two losses agree; empty without a recorded one."""
    mean_loss: float
    """Over all classes, as charts of the loss show it."""
    distance: float
    """Distance of the two means: between the origin of the plane and its synthetic mean."""
    moved: float
    """Mean change of a pixel by the step, in grey levels of 255."""
    image_lr: float
    momentum: float
    gradient_range: float
    """Gradient that the extreme colours stand for, per normalised pixel."""
    filter_range: float
    """Weight that the extreme colours stand for."""
    real_points: Float32[np.ndarray, "_ 2"]
    """Features of the complete real batch in the plane through both means."""
    synthetic_points: Float32[np.ndarray, "_ 2"]
    """Features of all synthetic images of the class there."""
    real: Pictures
    """First few images of the real batch."""
    real_augmented: Pictures
    synthetic: Pictures
    """First few synthetic images before the step."""
    synthetic_augmented: Pictures
    after: Pictures
    """The same after the step."""
    gradient: SignedPictures
    """On the pixels of the same, mean over the colours."""
    filters: SignedPictures
    """First filters of the network's first layer, mean over the colours."""
    real_maps: tuple[Pictures, ...]
    """Some feature maps of the real images after each block; a map's grey is on one scale for all images."""
    synthetic_maps: tuple[Pictures, ...]
    """The same maps of the synthetic images."""


def update_scene(run: RunFolder, update: RecomputedUpdate, set_name: str, label: int) -> UpdateScene:
    """Arrange a recomputed update of a class as a scene.

    Args:
        run: the run that was recomputed.
        update: with the values of that class.
        set_name: one of the run's sets.
        label: the class.
    """
    of_set, real = update.sets[set_name], update.real[label]
    images, data = of_set.classes[label], run.description.data
    plane = project_features(real.features, images.features, update.real_means[label], of_set.means[label])
    augmentation = update.augmentations[label]
    recorded = None if of_set.recorded is None else float(of_set.recorded[label])
    loss = float(of_set.loss[label])
    gradient, gradient_range = signed_pictures(images.gradient[:SHOWN])
    filters, filter_range = signed_pictures(first_filters(update.filters))
    chosen = [
        _most_varied(np.concatenate([of_real, of_synthetic]))
        for of_real, of_synthetic in zip(real.maps, images.maps, strict=True)
    ]
    maps = [
        _on_one_scale(of_real[:, channels], of_synthetic[:, channels])
        for of_real, of_synthetic, channels in zip(real.maps, images.maps, chosen, strict=True)
    ]

    def shown(pixels: Float32[np.ndarray, "image channel height width"]) -> Pictures:
        return to_display_images(pixels[:SHOWN], data)

    return UpdateScene(
        iteration=update.iteration,
        draw=update.draw,
        images_per_class=of_set.spec.images_per_class,
        batch=real.batch,
        operation=type(augmentation).__name__,
        parameters={name: float(value) for name, value in vars(augmentation).items()},
        features=real.features.shape[1],
        loss=loss,
        recorded=recorded,
        comparison="" if recorded is None else update.compare_losses(loss, recorded),
        mean_loss=float(of_set.loss.mean()),
        distance=plane.distance,
        moved=float(np.abs(grey_levels(images.after - images.before, data)).mean()),
        image_lr=of_set.spec.image_lr,
        momentum=of_set.spec.momentum,
        gradient_range=gradient_range,
        filter_range=filter_range,
        real_points=plane.real,
        synthetic_points=plane.synthetic,
        real=real.stored[:SHOWN],
        real_augmented=shown(real.augmented),
        synthetic=shown(images.before),
        synthetic_augmented=shown(images.augmented),
        after=shown(images.after),
        gradient=gradient,
        filters=filters,
        real_maps=tuple(of_real for of_real, _ in maps),
        synthetic_maps=tuple(of_synthetic for _, of_synthetic in maps),
    )


def signed_pictures(values: Float[np.ndarray, "image channel height width"]) -> tuple[SignedPictures, float]:
    """Signed pictures of the mean over channels, and the value that their extreme colours stand for."""
    means = values.mean(axis=1, keepdims=True)
    largest = float(np.quantile(np.abs(means), 1 - OUTLIERS)) if means.size else 0.0
    return signed_images(means, REACH / largest if largest > 0 else 1.0), largest


def first_filters(
    weights: Float32[np.ndarray, "..."],
) -> Float32[np.ndarray, "filter channel height width"]:
    """First filters of a convolution; none where there is none."""
    return weights[:MOST_FILTERS] if weights.ndim == 4 else np.zeros((0, 1, 1, 1), np.float32)


def _most_varied(maps: Float32[np.ndarray, "image channel height width"]) -> Sequence[int]:
    """Channels whose maps vary most, in their order."""
    spread = maps.std(axis=(0, 2, 3))
    return sorted(np.argsort(-spread, kind="stable")[:SHOWN_MAPS].tolist())


def _on_one_scale(
    *parts: Float32[np.ndarray, "_ channel height width"],
) -> tuple[Pictures, ...]:
    """Feature maps as grey levels: black is a channel's smallest value in all parts, white its largest."""
    every = np.concatenate(parts)
    least, most = (extreme(every, axis=(0, 2, 3), keepdims=True) for extreme in (np.min, np.max))
    factor = 255 / np.maximum(most - least, 1e-12)
    return tuple(np.rint((part - least) * factor).astype(np.uint8) for part in parts)
