"""Curve of a coverage metric over the iterations: its choice, its figure, what is still to be measured."""

from collections.abc import Mapping

import streamlit as st

from app.components.live_figure import LiveFigure, show_live_figure
from app.plots import palette
from app.plots.axis import Axis, iteration_axis
from app.plots.figure import Figure, FigureBuilder
from app.run.live import RUN
from app.views.feature_space.coverage_table import CLOSER, short_number
from app.views.feature_space.projections import fresh_images, missing_projections
from app.views.feature_space.reference_sets import MAX_PANELS
from app.views.feature_space.run_questions import known_projections
from app.views.feature_space.scene import Scene
from app.views.feature_space.texts import metric_value
from dmcore.config.formatting import grouped
from dmcore.feature_space.coverage.metrics import METRICS, Metric
from dmcore.runs.display.titles import set_line_label
from dmcore.runs.folder import RunFolder

CURVE_HEIGHT = 330
CURVE_SECONDS = 2.0
"""Seconds between two polls for iterations that are still to be measured."""
METRIC_BY_NAME = {metric.name: metric for metric in METRICS}


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
    measured = [
        projection
        for projection in known_projections(scene.choice, run)
        if projection.metrics.iteration == projection.iteration
    ]
    curves: dict[str, dict[int, float]] = {}
    for item in run.sets[:MAX_PANELS]:
        values = {
            projection.iteration: value
            for projection in measured
            if (value := metric_value(projection.metrics_by_set.get(item.name, ()), name)) is not None
        }
        if values:
            curves[set_line_label(run, item.name)] = values
    image_counts = measured[-1].per_class if measured else []
    ceilings: dict[str, float] = {}
    for images_per_class in image_counts:
        fresh = fresh_images(scene.choice, images_per_class).value
        ceiling = None if fresh is None else metric_value(fresh.metrics, name)
        if ceiling is not None:
            single = len(image_counts) == 1
            ceilings["fresh real images" if single else f"fresh real, {images_per_class}"] = ceiling
    newest = ", ".join(f"{label} {short_number([*values.values()][-1])}" for label, values in curves.items())
    return LiveFigure(
        _metric_figure(METRIC_BY_NAME[name], curves, ceilings),
        revision=measured[-1].iteration if measured else 0,
        alt=f"{METRIC_BY_NAME[name].title} over the iterations; now {newest or 'not measured yet'}.",
        height=CURVE_HEIGHT,
        view=f"{run.id}-{name}",
        source=RUN.address("curve", run=run.id, **scene.as_query(), number=name),
        subject=run.id,
        mark=scene.at,
    )


def _metric_figure(
    metric: Metric, curves: Mapping[str, Mapping[int, float]], ceilings: Mapping[str, float]
) -> Figure:
    """Figure of a metric: lines with points, a label at the end of each; dashed what fresh real images reach.

    Args:
        metric: which metric is drawn.
        curves: value at each iteration of each set, by its label.
        ceilings: levels of fresh real images, by name.
    """
    figure = FigureBuilder(
        iteration_axis("log", start_at_1=True), Axis(metric.title.lower()), height=CURVE_HEIGHT
    )
    for index, (name, values) in enumerate(curves.items()):
        iterations, levels = [max(1, iteration) for iteration in values], [*values.values()]
        colour, hover = palette.set_colour(index), f"{name}\niteration %{{x}}\n%{{y:.3g}}"
        figure.curve(iterations, levels, colour, mark="dot", name=name, hover=hover)
        figure.end_label(name, levels[-1], colour)
    last = max((iteration for values in curves.values() for iteration in values), default=10)
    for name, level in ceilings.items():
        figure.level(level, (1, max(10, last)), name=name, hover=f"{name}\n%{{y:.3g}}")
    return figure.build()
