"""Projection of features to the plane through both means: the distance drawn there is the true one."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

Features = Float32[np.ndarray, "_ feature"]
Points = Float32[np.ndarray, "_ 2"]


@dataclass(frozen=True)
class FeaturePlane:
    """Features in the plane: the real mean is at (0, 0), the synthetic mean at (distance, 0)."""

    real: Points
    synthetic: Points
    distance: float
    """Of the two means, in all dimensions: its square is the loss of the class (equation 6)."""


def project_features(
    real: Features,
    synthetic: Features,
    real_mean: Float32[np.ndarray, " feature"],
    synthetic_mean: Float32[np.ndarray, " feature"],
) -> FeaturePlane:
    """Project features to a plane: across, the line through the means; up, what the real ones differ in most.

    Up is the first principal component of the real features perpendicular to that line.
    """
    origin = real_mean.astype(np.float64)
    between = synthetic_mean.astype(np.float64) - origin
    distance = float(np.linalg.norm(between))
    centred = real.astype(np.float64) - origin
    across = between / distance if distance > 0 else _first_component(centred)
    up = _first_component(centred - np.outer(centred @ across, across))
    axes = np.stack([across, up], axis=1)

    def points(features: Features) -> Points:
        projected: Points = ((features.astype(np.float64) - origin) @ axes).astype(np.float32)
        return projected

    return FeaturePlane(points(real), points(synthetic), distance)


def _first_component(centred: np.ndarray) -> np.ndarray:
    """Direction of the largest spread, of length 1, its largest entry positive; 0 where there is none."""
    _, spread, components = np.linalg.svd(centred, full_matrices=False)
    if spread[0] <= 1e-9:
        return np.zeros(centred.shape[1])
    component: np.ndarray = components[0] * np.sign(components[0][np.abs(components[0]).argmax()])
    return component
