"""Figure of a coverage metric over the iterations."""

from collections.abc import Mapping, Sequence

from app.plots import palette
from app.plots.axis import Axis, iteration_axis
from app.plots.figure import Figure, FigureBuilder
from dmcore.feature_space.coverage.metrics import Metric


def metric_figure(
    metric: Metric,
    curves: Mapping[str, tuple[Sequence[int], Sequence[float]]],
    ceilings: Mapping[str, float],
    height: int,
) -> Figure:
    """Figure of a metric: lines with points, a label at the end of each; dashed what fresh real images reach.

    Args:
        metric: which metric is drawn.
        curves: iterations and values of each set, by its name.
        ceilings: levels of fresh real images, by name.
        height: CSS pixels the figure will have; keeps the labels apart.
    """
    figure = FigureBuilder(iteration_axis("log", start_at_1=True), Axis(metric.title.lower()), height=height)
    for index, (name, (iterations, values)) in enumerate(curves.items()):
        figure.line(
            [max(1, iteration) for iteration in iterations],
            values,
            palette.series(index),
            mark="dot",
            name=name,
            hover=f"{name}\niteration %{{x}}\n%{{y:.3g}}",
        )
        figure.end_label(name, values[-1], palette.series(index))
    last = max((iterations[-1] for iterations, _ in curves.values()), default=10)
    for name, level in ceilings.items():
        figure.level(level, (1, max(10, last)), name=name, hover=f"{name}\n%{{y:.3g}}")
    return figure.build()
