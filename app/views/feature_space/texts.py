"""What is said about the feature map: below it, to those who do not see it, and while it is being made.

Must not draw, nor import torch.
"""

import time
from collections.abc import Sequence

from app.views.feature_space.projection_client import ProjectionFailed, ProjectionPending
from app.views.feature_space.projection_values import (
    MetricRecord,
    ProjectedCloud,
    ProjectedSet,
    RunProjection,
)
from app.views.feature_space.reference_sets import MAX_PANELS
from dmcore.config.formatting import duration, grouped
from dmcore.runs.folder import RunFolder

MEANING = {
    "tsne": "t-SNE keeps neighbours together: who stands near whom means something, how far clusters lie "
    "apart and how large they are does not. The numbers are measured in the features, not on the map.",
    "joint": "One t-SNE of the real and the synthetic images together, as in the paper's figure 3: every "
    "image moves every other one, so each moment has its own map, and it does not follow the run. Who stands "
    "near whom means something, distances between clusters do not. Numbers are measured in the features.",
    "pca": "The two directions in which the real images differ most: distances are true along these two and "
    "say nothing of the others. The numbers are measured in all features, not on the map.",
}


def alt_text(run: RunFolder, placement: RunProjection, real: int) -> str:
    """One sentence for readers who do not see the map."""
    stars = sum(len(one.label) for one in placement.sets.values())
    said = (
        f"Map of {real} real images of {run.description.data.title}, with {stars} synthetic images among "
        f"them at iteration {placement.iteration}."
    )
    worst = worst_covered(run, placement)
    return f"{said} {worst}" if worst else said


def map_caption(
    run: RunFolder, placement: RunProjection, cloud: ProjectedCloud, moving: bool
) -> tuple[str, ...]:
    """What has to be said below the map."""
    age = max(0.0, time.time() - placement.made_at)
    when = f", {duration(age)} ago" if moving and age >= 1 else ""
    said = [f"Stars: iteration {grouped(placement.iteration)}{when}."]
    for one in run.sets[:MAX_PANELS]:
        placed = placement.sets.get(one.name)
        if placed is not None and (each := projected_per_class(placed)) < one.images_per_class:
            said.append(
                f"Placed and measured: the first {each} of the {grouped(one.images_per_class)} images "
                "of each class."
            )
            break
    if len(run.sets) > MAX_PANELS:
        said.append(f"Shown: {MOST_PANELS} of {len(run.sets)} sets.")
    said.append(
        f"Dots: {grouped(len(cloud.label))} of {grouped(cloud.total)} real training images, the same for "
        f"every run. Features: {cloud.sentence}."
    )
    if cloud.note:
        said.append(cloud.note)
    return tuple(said)


def worst_covered(run: RunFolder, placement: RunProjection) -> str:
    """Which class of the first set is covered worst and best, in a sentence; empty with one class."""
    name = next(iter(placement.measures), None)
    told = metric_by_name(placement.measures.get(name or "", ()), "coverage")
    shares = (
        []
        if told is None
        else [(share, label) for label, share in enumerate(told["by_class"]) if share is not None]
    )
    if len(shares) < 2:
        return ""
    (low, worst), (high, best) = min(shares), max(shares)
    if low == high:
        return ""
    return (
        f"Covered worst: {run.class_names[worst]} ({low:.0%} of its real images have a synthetic one "
        f"near); best: {run.class_names[best]} ({high:.0%})."
    )


def metric_by_name(measures: Sequence[MetricRecord], name: str) -> MetricRecord | None:
    """One of the numbers."""
    return next((one for one in measures if one["name"] == name), None)


def projected_per_class(placed: ProjectedSet) -> int:
    """Images of each class that were placed."""
    return int(placed.image.max()) + 1 if len(placed.image) else 0


def pending_text(found: object) -> str:
    """Why there is nothing to draw yet, in a sentence."""
    if isinstance(found, ProjectionFailed):
        return found.sentence
    if isinstance(found, ProjectionPending):
        share = f", {found.done:.0%}" if found.done else ""
        return f"{found.doing[:1].upper()}{found.doing[1:]}{share} …"
    return "No images are stored yet: look again in a moment."
