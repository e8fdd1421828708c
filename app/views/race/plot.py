"""Figure of a race: test accuracy against the seconds of each lane's own clock, or against iterations."""

from collections.abc import Callable

from app.plots import palette
from app.plots.axis import Axis, percent_axis
from app.plots.figure import Figure, FigureBuilder
from dmcore.experiments.figure4.config import FIRST_SHARE, NAMES
from dmcore.experiments.figure4.report import Curve, CurvePoint, curves, iterations_text, time_text
from dmcore.experiments.figure4.results import RaceResults
from dmcore.experiments.published.numbers import FIGURE4_MINUTES, FIGURE4_SIZE, SIZES, TABLE1, numbers_of

HEIGHT = 320
ITERATIONS = "iterations"
"""Value of the URL parameter `against` for the other question."""
START_SHARE = FIRST_SHARE / 2
"""Share of the time at which the start is drawn: a logarithmic axis has no zero."""
TICKS = (
    (0.1, "0.1 s"),
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (36000, "10 h"),
)


def race_figure(results: RaceResults, against: str) -> Figure:
    """Draw a curve for each method over the complete races, with their deviation; all tests as dots."""
    config, by_iterations = results.config, against == ITERATIONS
    last = max((point.seconds for point in results.points), default=0.0)  # an update may outlast the time
    start = 0.5 if by_iterations else config.seconds * START_SHARE
    place: Callable[[CurvePoint], float] = (
        (lambda point: max(start, point.iterations))
        if by_iterations
        else (lambda point: max(start, point.seconds))
    )
    figure = FigureBuilder(_axis(by_iterations, config.seconds, last), percent_axis(), height=HEIGHT)
    found = curves(results)
    for curve in found:
        colour = palette.METHODS[curve.name]
        tests = [point for point in results.points if point.method == curve.method]
        if len(results.seeds) > 1:
            x = [max(start, point.iterations if by_iterations else point.seconds) for point in tests]
            figure.points(x, [point.accuracy for point in tests], colour, name=curve.name)
        figure.line(
            [place(point) for point in curve.points],
            [point.mean for point in curve.points],
            colour,
            mark="point",
            spread=[point.std or 0.0 for point in curve.points],
            name=curve.name,
            texts=[_hover(curve, point) for point in curve.points],
        )
        figure.end_label(curve.name, curve.points[-1].mean, colour)
    if not found:
        figure.empty("no lane has been tested yet")
    return figure.build()


def published_figure() -> Figure:
    """Draw the paper's two points, with their machine."""
    figure = FigureBuilder(
        Axis("condensing, on one GTX 1080", "log", ends=(300, 200_000), ticks=TICKS[3:]),
        percent_axis("test accuracy (%), CIFAR-10, 50 per class"),
        height=HEIGHT,
    )
    for method, name in NAMES.items():
        number = numbers_of(TABLE1["cifar10"][method])[SIZES.index(FIGURE4_SIZE)]
        if method not in FIGURE4_MINUTES or number is None:
            continue
        minutes, percent = FIGURE4_MINUTES[method], number.value
        within = f"under {minutes:.0f} min" if method == "dm" else f"{minutes / 60:.0f} h"
        text = f"published: {name}, {percent} % after {within}"
        colour = palette.METHODS[name]
        figure.points(
            [60 * minutes], [percent], colour, mark="point", symbol="circle-open", name=name, texts=[text]
        )
        figure.end_label(f"{name}, {within}", percent, colour)
    return figure.build()


def _axis(by_iterations: bool, seconds: int, last: float) -> Axis:
    if by_iterations:
        return Axis("iterations (start drawn at 0.5)", "log", empty=(0.5, 100))
    first, last = seconds * START_SHARE, 1.15 * max(seconds, last)
    return Axis(
        f"seconds of condensing (start drawn at {time_text(first)})",
        "log",
        ends=(0.87 * first, last),
        ticks=[(at, text) for at, text in TICKS if first < at <= last],
    )


def _hover(curve: Curve, point: CurvePoint) -> str:
    when = f"after {time_text(point.seconds)}" if point.seconds else "at the start"
    iterations = iterations_text(point.iterations)
    return f"{curve.name} {when}, {iterations}\n{point.text}"
