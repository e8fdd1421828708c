"""Coverage metrics of the sets on the map: table, explanations, and curves over the iterations.

Metrics come from `dmcore.feature_space.coverage`: they are computed in the features and never on the map.
"""

import html
from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.run.live import RUN
from app.text.escaping import plain_text
from app.views.feature_space.metric_plot import metric_figure
from app.views.feature_space.projection_values import MetricRecord, RunProjection
from app.views.feature_space.projections import fresh_images, missing_projections
from app.views.feature_space.reference_sets import MAX_PANELS, OTHER, reference_metrics
from app.views.feature_space.run_questions import known_projections
from app.views.feature_space.scene import Scene, start_projection
from app.views.feature_space.texts import metric_by_name, metric_value, worst_covered
from dmcore.config.formatting import NO_BREAK_SPACE, grouped
from dmcore.feature_space.coverage.metrics import METRICS, Metric
from dmcore.runs.display.titles import set_line_label, set_title
from dmcore.runs.folder import RunFolder

CURVE_HEIGHT = 330
SMALL_DATA = 20_000
"""Training images below which a cloud holds more than a tenth of them."""
CURVE_SECONDS = 2.0
"""Seconds between two polls for iterations that are still to be measured."""
METRIC_BY_NAME = {metric.name: metric for metric in METRICS}
SHARES = ("coverage", "outliers")
MEASURED = (
    "Do condensed images cover the real ones better than as many random real images do? 500 iterations, "
    "width 32, 64 real images, three seeds each, in the features of a network trained on all real images. "
    "CIFAR-10 with 1\u202f000 images per class: coverage 34 against 22 % at 10 per class and 73 against 69 % "
    "at 50, outliers 2 against 11 % at 10: these hold (Welch, p < 0.05); outliers at 50, 6 against 10 %: not "
    "resolved. Fashion-MNIST: coverage 71 against 66 % at 50 holds; coverage at 10 (20 against 22 %) and "
    "outliers (12 against 12 %, 9 against 7 %) are not resolved. The squared distance of the "
    "means is 2 to 6 times smaller, and the spread stays that of the real images (0.97 to 1.04 times): it "
    "does not shrink."
)
SIGNS = {"lower": "↓", "higher": "↑", "one": "≈ 1"}
CLOSER = {"lower": "lower is closer", "higher": "higher is closer", "one": "near 1 is like the real images"}


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
        "↑ higher is closer to the real images, ↓ lower is. Mean over the classes; below it the interval "
        "that resampling gives (95 %). “Fresh real images”: as many "
        "real images that are not in the cloud, mean of 5 draws: what can be reached with so few images."
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
        st.markdown(f"**What was found.** {MEASURED}")
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
    methods: dict[str, Sequence[MetricRecord]] = {}
    for item in run.sets[:MAX_PANELS]:
        if item.name in projection.metrics_by_set:
            title = f"Condensed, {set_title(run, item)}" if len(run.sets) > 1 else "Condensed"
            methods[title] = projection.metrics_by_set[item.name]
    for each in projection.per_class:
        if (fresh := fresh_images(scene.choice, each).value) is not None:
            methods[f"Fresh real images, {grouped(each)} per class"] = fresh.metrics
    if scene.reference == OTHER:
        methods |= reference_metrics(scene.choice, scene.reference_sets(run))
    start = start_projection(scene.choice, run)
    if start is None or start.iteration == projection.iteration:
        return methods
    for item in run.sets[:MAX_PANELS]:
        if item.name in start.metrics_by_set:
            title = f"At the start, {set_title(run, item)}" if len(run.sets) > 1 else "At the start"
            methods[title] = start.metrics_by_set[item.name]
    return methods


def metrics_table(methods: Mapping[str, Sequence[MetricRecord]]) -> str:
    """HTML table with a row for each metric and a column for each method; everything in it is escaped."""
    head = "".join(f"<th scope='col'>{html.escape(name)}</th>" for name in ("Metric", *methods))
    rows = []
    for metric in METRICS:
        cells = [f"<td data-heading='Metric'>{html.escape(metric.title)} {SIGNS[metric.closer]}</td>"]
        for name, records in methods.items():
            value, interval = format_metric(metric, metric_by_name(records, metric.name))
            below = f"<br><span class='interval'>{interval}</span>" if interval else ""
            cells.append(f"<td data-heading='{html.escape(name)}'>{value}{below}</td>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f"<div class='wide'><table class='results numbers'><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


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
    text = f"{now:.0%} of the real images have a condensed one among their neighbours"
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
        "On networks they were not learned with, the squared distance of the condensed images' means from "
        f"those of the real images is {ratio:.2g} times that of as many fresh real images"
    )
    if spread is None:
        return f"{text}."
    return f"{text}; their spread is {spread:.2g} times that of the real images."


def show_metric_curve(run: RunFolder, scene: Scene, missing: int, busy: bool) -> None:
    """Draw a metric over the iterations, for each set; dashed what fresh real images reach."""
    name = st.selectbox(
        "Metric",
        list(METRIC_BY_NAME),
        index=list(METRIC_BY_NAME).index("coverage"),
        format_func=lambda metric: (
            f"{METRIC_BY_NAME[metric].title} ({CLOSER[METRIC_BY_NAME[metric].closer]})"
        ),
        key="curve_of",
        bind="query-params",
        help="Which metric is drawn over the iterations.",
    )

    def poll() -> None:
        """Go on requesting the missing iterations; rerun the page when one arrives."""
        left = missing_projections(scene.choice, run)
        if left != missing:
            st.rerun()
        when = "when no job is running" if busy else "now, one after the other"
        st.caption(f"{grouped(left)} stored iterations are still to be measured: {when}.")

    show_live_figure("feature_metric_curve", metric_curve(run, scene, name))
    st.caption(METRIC_BY_NAME[name].help)
    if missing:
        st.fragment(run_every=CURVE_SECONDS)(poll)()


def metric_curve(run: RunFolder, scene: Scene, name: str) -> LiveFigure:
    """Live figure of a metric over the iterations, for the page and for its live address."""
    known = known_projections(scene.choice, run)
    projections = [projection for projection in known if projection.metrics.iteration == projection.iteration]
    curves: dict[str, tuple[list[int], list[float]]] = {}
    ceilings: dict[str, float] = {}
    for item in run.sets[:MAX_PANELS]:
        points = [
            (projection.iteration, value)
            for projection in projections
            if (value := metric_value(projection.metrics_by_set.get(item.name, ()), name)) is not None
        ]
        if points:
            iterations, values = map(list, zip(*points, strict=True))
            curves[set_line_label(run, item.name)] = (iterations, values)
    counts = projections[-1].per_class if projections else []
    for each in counts:
        fresh = fresh_images(scene.choice, each).value
        ceiling = None if fresh is None else metric_value(fresh.metrics, name)
        if ceiling is not None:
            ceilings["fresh real images" if len(counts) == 1 else f"fresh real, {each}"] = ceiling
    values_text = ", ".join(f"{label} {short_number(values[-1])}" for label, (_, values) in curves.items())
    return LiveFigure(
        metric_figure(METRIC_BY_NAME[name], curves, ceilings, CURVE_HEIGHT),
        revision=projections[-1].iteration if projections else 0,
        alt=f"{METRIC_BY_NAME[name].title} over the iterations; now {values_text or 'not measured yet'}.",
        height=CURVE_HEIGHT,
        view=f"{run.id}-{name}",
        source=RUN.address("curve", run=run.id, **scene.as_query(), number=name),
        subject=run.id,
        mark=scene.at,
    )
