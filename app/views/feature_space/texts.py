"""Texts about the feature map: how it is to be read, its caption and its alternative text."""

import time
from collections.abc import Sequence

from app.views.feature_space.projection_values import CloudProjection, MetricRecord, RunProjection
from app.views.feature_space.reference_sets import MAX_PANELS
from dmcore.config.formatting import duration, grouped
from dmcore.runs.folder import RunFolder

MEANING = {
    "tsne": "t-SNE keeps neighbours together: who stands near whom means something, how far clusters lie "
    "apart and how large they are does not. The metrics are computed in the features, not on the map.",
    "joint": "One t-SNE of the real and the learned images together, as in the paper's figure 3: every "
    "image moves every other one, so each moment has its own map, and it does not follow the run. Who stands "
    "near whom means something, distances between clusters do not. Metrics are computed in the features.",
    "pca": "The two directions in which the real images differ most: distances are true along these two and "
    "say nothing of the others. The metrics are computed in all features, not on the map.",
}


def alt_text(run: RunFolder, projection: RunProjection, real: int) -> str:
    """Alternative text of the map, in a sentence or two."""
    stars = sum(len(projected.label) for projected in projection.sets.values())
    text = (
        f"Map of {real} real images of {run.description.data.title}, with {stars} learned images among "
        f"them at iteration {projection.iteration}."
    )
    worst = worst_covered(run, projection)
    return f"{text} {worst}" if worst else text


def map_caption(
    run: RunFolder, projection: RunProjection, cloud: CloudProjection, moving: bool
) -> tuple[str, ...]:
    """Caption below the map, as sentences."""
    age = max(0.0, time.time() - projection.created_at)
    when = f", {duration(age)} ago" if moving and age >= 1 else ""
    sentences = [f"Stars: iteration {grouped(projection.iteration)}{when}."]
    for description in run.sets[:MAX_PANELS]:
        projected = projection.sets.get(description.name)
        if projected is None:
            continue
        if (each := projected.per_class) < description.images_per_class:
            sentences.append(
                f"Projected and measured: the first {each} of the "
                f"{grouped(description.images_per_class)} images of each class."
            )
            break
    if len(run.sets) > MAX_PANELS:
        sentences.append(f"Shown: {MAX_PANELS} of {len(run.sets)} sets.")
    sentences.append(
        f"Dots: {grouped(len(cloud.label))} of {grouped(cloud.total)} real training images, the same for "
        f"every run. Features: {cloud.sentence}."
    )
    if cloud.note:
        sentences.append(cloud.note)
    return tuple(sentences)


def worst_covered(run: RunFolder, projection: RunProjection) -> str:
    """Worst and best covered class of the first set, in a sentence; empty with a single class."""
    coverage = metric_by_name(projection.first_metrics, "coverage")
    by_class = () if coverage is None else coverage["by_class"]
    shares = [(share, label) for label, share in enumerate(by_class) if share is not None]
    if len(shares) < 2:
        return ""
    (low, worst), (high, best) = min(shares), max(shares)
    if low == high:
        return ""
    return (
        f"Covered worst: {run.class_names[worst]} ({low:.0%} of its real images have a learned one "
        f"near); best: {run.class_names[best]} ({high:.0%})."
    )


def metric_by_name(metrics: Sequence[MetricRecord], name: str) -> MetricRecord | None:
    """The metric with this name; None where it was not measured."""
    return next((metric for metric in metrics if metric["name"] == name), None)


def metric_value(metrics: Sequence[MetricRecord], name: str) -> float | None:
    """Value of the metric with this name; None where it was not measured or is not defined."""
    record = metric_by_name(metrics, name)
    return None if record is None else record["value"]
