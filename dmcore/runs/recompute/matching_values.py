"""Values of a recomputed matching step of gradient matching, of one class, as NumPy arrays and numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32

from dmcore.runs.recompute.values import ImageArray

if TYPE_CHECKING:
    from dmcore.augment import Augmentation

RealArray = Float32[np.ndarray, "real channel height width"]
"""As many as are drawn and shown, where an `ImageArray` has as many as are learned."""


@dataclass(frozen=True)
class LayerGradients:
    """Gradients of one parameter of the network, on real and on synthetic images."""

    name: str
    """Of the layer, in words: `convolution 1`."""
    real: float
    """Length of the gradient on the real images."""
    synthetic: float
    distance: float
    """Of this layer alone, by the run's own distance."""
    cosines: Float32[np.ndarray, " row"]
    """Of the two gradients, for each output row."""


@dataclass(frozen=True)
class LastLayerRow:
    """The gradient of one row of the last layer on the real images, computed in two ways."""

    weight: float
    """Mean of prediction − truth, the weights of the features."""
    gradient: float
    """Length of the mean gradient, by automatic differentiation."""
    weighted_mean: float
    """Length of the weighted mean of the features."""
    difference: float
    """Largest difference of an entry of the two."""
    alignment: float
    """Cosine of the gradient and of the plain mean of the features."""


@dataclass(frozen=True)
class Epoch:
    """One epoch of the network's training on the synthetic images."""

    loss: float
    """Mean cross-entropy of the images, each before its minibatch's step."""
    accuracy: float
    """Share of the images that were recognised."""


@dataclass(frozen=True)
class MatchingStep:
    """One matching step of an iteration of gradient matching, with the values of one class."""

    iteration: int
    """Iterations made before, and the network's number."""
    outer: int
    """Matching step of the iteration, from 0."""
    filters: Float32[np.ndarray, "..."]
    """Weights of the network's first layer."""
    augmentation: "Augmentation"
    """Of the class's real and synthetic images."""
    batch: int
    """Size of the class's real batch."""
    real: RealArray
    """First few images of it; all images are normalised and unclamped."""
    real_augmented: RealArray
    before: ImageArray
    augmented: ImageArray
    gradient: ImageArray
    """Of the distance, on the pixels."""
    after: ImageArray
    layers: tuple[LayerGradients, ...]
    loss: float
    """Distance of the gradients of this class."""
    mean_loss: float
    """Over all classes."""
    next_loss: float | None
    """Of this class in the next matching step; NaN where that ends in no number, None after the last one."""
    last_layer: tuple[LastLayerRow, ...]
    """Of each class."""
    epochs: tuple[Epoch, ...]
    """Of the network's training from the start of the iteration to the next matching step."""
    epochs_before: int
    """Those of them that were trained before this matching step."""
