"""Coverage metrics of the sets on the map: table and explanations.

Metrics come from `dmcore.feature_space.coverage`: they are computed in the features and never on the map.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.html_table import Cell, html_table
from app.text.escaping import plain_text
from app.views.feature_space.projection_values import MetricRecord, RunProjection
from app.views.feature_space.projections import fresh_images
from app.views.feature_space.reference_sets import MAX_PANELS, OTHER, reference_metrics
from app.views.feature_space.scene import Scene, start_projection
from app.views.feature_space.texts import metric_by_name, metric_value, worst_covered
from dmcore.config.formatting import NO_BREAK_SPACE, grouped
from dmcore.feature_space.coverage.metrics import FRESH_DRAWS, METRICS, Metric
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder

SMALL_DATA = 20_000
"""Training images below which a cloud holds more than a tenth of them."""
SHARES = ("coverage", "outliers")
PLAIN = {
    "mean_distance": "how far their mean lies from the real images' mean",
    "mmd": "how different both are as a whole; 0: not at all, by chance also slightly below",
    "coverage": "real images with a learned one near",
    "density": "how densely real images lie around the learned ones",
    "outliers": "learned images with no real one near",
    "nearest": "to the closest real image; 1: as between real ones",
    "spread": "how much they differ from each other; 1: as real ones do",
}
"""What each metric says, in half a sentence."""
MANY_COLUMNS = 3
"""Methods beside each other that fit; with more the table scrolls."""
SIGNS = {"lower": "↓", "higher": "↑", "one": "≈ 1"}
CLOSER = {"lower": "lower is closer", "higher": "higher is closer", "one": "1 is as the real images"}


def show_metrics(run: RunFolder, scene: Scene, projection: RunProjection) -> None:
    """Draw the table of metrics, the worst covered class, and what the metrics mean."""
    methods = metrics_by_method(run, scene, projection)
    st.markdown("**How well do the stars cover the cloud?**")
    real = fresh_metrics(scene, projection)
    if (measured_at := projection.metrics.iteration) != projection.iteration:
        st.caption(
            f"Measured at iteration {grouped(measured_at)}: while a run is running the stars move every few "
            "seconds and their metrics are updated every quarter of a minute, so that looking costs the run "
            "little."
        )
    prefix = f"{next(iter(methods), '')}: " if len(run.sets) > 1 else ""
    for sentence in (headline(projection, real), worst_covered(run, projection)):
        if sentence:
            st.markdown(plain_text(prefix + sentence[0].lower() + sentence[1:] if prefix else sentence))
    st.html(metrics_table(methods))
    if comparison := spread_sentence(projection, real):
        st.markdown(plain_text(comparison))
    st.caption(
        "↑ higher is closer to the real images, ↓ lower is, ≈ 1: 1 is as the real images. Mean over the "
        "classes; below it a 95 % interval from resampling this set's parts (networks, classes or images), "
        "which says nothing of other sets. –: not defined, as with one image per class. “Fresh real images”: "
        f"as many real images that are not in the cloud, mean of {FRESH_DRAWS} draws, for comparison."
    )
    if starts_in_cloud(run):
        st.caption(
            "Sets that start from real images may start on dots of the cloud, which flatters the metrics of "
            "the start where the data set is small."
        )
    for note in dict.fromkeys(metric["note"] for metric in projection.first_metrics):
        if note:
            st.caption(plain_text(note))
    with st.popover("What the metrics mean"):
        st.markdown(
            "The maximum mean discrepancy is an unbiased estimate: its chance errors go both ways, so that "
            "for nearly equal distributions it comes out a little below 0 about as often as above. In papers "
            "learned images are called synthetic or condensed."
        )
        for explained in METRICS:
            st.markdown(f"**{explained.title}** ({CLOSER[explained.closer]}). {explained.help}")
            st.latex(explained.formula)
            st.caption(f"Interval over {explained.parts}. Source: {explained.source}.")


def starts_in_cloud(run: RunFolder) -> bool:
    """Whether many of the images that the run's sets started from are likely in the cloud."""
    real = any(item.spec is not None and item.spec.init != "noise" for item in run.sets)
    return real and (run.description.data.train_count or 0) < SMALL_DATA


def metrics_by_method(
    run: RunFolder, scene: Scene, projection: RunProjection
) -> dict[str, Sequence[MetricRecord]]:
    """Metrics of everything that can be compared, by the column heading of the table."""

    def of_sets(title: str, projection: RunProjection) -> dict[str, Sequence[MetricRecord]]:
        return {
            f"{title}, {set_title(run, item)}" if len(run.sets) > 1 else title: metrics
            for item in run.sets[:MAX_PANELS]
            if (metrics := projection.metrics_by_set.get(item.name)) is not None
        }

    methods = of_sets("Learned", projection)
    for images_per_class in projection.per_class:
        if (fresh := fresh_images(scene.choice, images_per_class).value) is not None:
            methods[f"Fresh real images, {grouped(images_per_class)} per class"] = fresh.metrics
    if scene.reference == OTHER:
        methods |= reference_metrics(scene.choice, scene.reference_sets(run))
    start = start_projection(scene.choice, run)
    if start is not None and start.iteration != projection.iteration:
        methods |= of_sets("At the start", start)
    return methods


def metrics_table(methods: Mapping[str, Sequence[MetricRecord]]) -> str:
    """HTML table with a row for each metric and a column for each method."""
    rows: list[list[Cell]] = []
    for metric in METRICS:
        records = [metric_by_name(records, metric.name) for records in methods.values()]
        title = f"{metric.title} {SIGNS[metric.closer]}"
        rows.append([(title, PLAIN[metric.name]), *(format_metric(metric, record) for record in records)])
    many = f"{len(methods)} columns: scroll the table sideways to see them all."
    hint = f"<p class='sideways'>{many}</p>" if len(methods) > MANY_COLUMNS else ""
    return f"{hint}<div class='wide'>{html_table(('Metric', *methods), rows)}</div>"


def format_metric(metric: Metric, record: MetricRecord | None) -> tuple[str, str]:
    """Format a value and its interval: ('41 %', '38 to 44'); ('–', '') where it is not defined."""
    if record is None or record["value"] is None:
        return "–", ""
    ends = [end for end in (record["low"], record["high"]) if end is not None]
    if metric.name in SHARES:
        value = f"{100 * record['value']:.0f}{NO_BREAK_SPACE}%"
        texts = [f"{100 * end:.0f}" for end in ends]
    else:
        value, texts = short_number(record["value"]), [short_number(end) for end in ends]
    return value, f"{texts[0]} to {texts[1]}" if len(texts) == 2 else ""


def short_number(number: float) -> str:
    """Format a number with about two digits and a true minus sign: 0.0086, −0.019, 1.4, 12."""
    digits = 2 if abs(number) < 10 else 3
    return f"{number:.{digits}g}".replace("-", "−")


def fresh_metrics(scene: Scene, projection: RunProjection) -> Sequence[MetricRecord]:
    """Metrics of as many fresh real images as the smallest set has; empty while they are pending."""
    counts = projection.per_class
    fresh = fresh_images(scene.choice, counts[0]).value if counts else None
    return () if fresh is None else fresh.metrics


def headline(projection: RunProjection, real: Sequence[MetricRecord]) -> str:
    """Coverage of the first set compared with that of fresh real images, in a sentence."""
    now, theirs = metric_value(projection.first_metrics, "coverage"), metric_value(real, "coverage")
    if now is None:
        return ""
    text = f"{now:.0%} of the real images have a learned one among their neighbours"
    return f"{text}." if theirs is None else f"{text}; as many fresh real images reach {theirs:.0%}."


def spread_sentence(projection: RunProjection, real: Sequence[MetricRecord]) -> str:
    """Mean distance and spread of the first set, in a sentence: means match, but does the spread shrink?"""
    now = projection.first_metrics
    distance, theirs = metric_value(now, "mean_distance"), metric_value(real, "mean_distance")
    spread = metric_value(now, "spread")
    if distance is None or theirs is None:
        return ""
    ratio = distance / theirs if theirs else float("inf")
    text = (
        "On networks they were not learned with, the squared distance of the learned images' means from "
        f"those of the real images is {ratio:.2g} times that of as many fresh real images"
    )
    if spread is None:
        return f"{text}."
    return f"{text}; their spread is {spread:.2g} times that of the real images."
