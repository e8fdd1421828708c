"""Figures of the published numbers: thin, with what ran here full over it where the data set is the same."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from app.components.figure_shapes import LETTER, WIDTH, colour_of, line, mark, spread, text
from app.components.small_figure import Shape
from dmcore.experiments.published.numbers import (
    CONTINUAL_STEPS,
    DATA_TITLES,
    FIGURE4_MINUTES,
    FIGURE5,
    FIGURES6_7,
    METHODS,
    SIZES,
    TABLE1,
    TABLE2,
    TABLE3,
    TABLE4,
    TABLE5,
    Number,
    numbers_of,
)
from dmcore.experiments.table3 import NAMES

HEIGHT = 148.0
"""CSS pixels of every figure."""
DATA = "cifar10"
"""Data set of tables 1, 3, 4 and figures 4 and 5 as drawn here."""
DRAWN_METHODS = ("dm", "dsa", "dc", "herding", "random")
"""Methods of table 1 that are drawn; all others are in its table."""
Curve = Mapping[float, float]
"""Percent by images per class."""
NO_CURVE: Curve = {}


class Axis(NamedTuple):
    """Where one's own values have a place in a figure: images per class from and to, and percent."""

    sizes: tuple[float, float]
    percent: tuple[float, float]

    def within(self, curve: Curve) -> dict[float, float]:
        """The values of a curve that have one."""
        (first, last), (low, high) = self
        return {
            size: value for size, value in curve.items() if first <= size <= last and low <= value <= high
        }


TABLE1_AXIS = Axis((SIZES[0], SIZES[-1]), (10, 90))
TABLE2_AXIS = Axis((50, 50), (20, 70))
FIGURE5_AXIS = Axis((min(FIGURE5), max(FIGURE5)), (60, 90))


def draw_table1(own: Curve = NO_CURVE) -> list[Shape]:
    """Accuracy by images per class, for each method."""
    curves = [(METHODS[name], _curve(TABLE1[DATA][name])) for name in DRAWN_METHODS]
    return _curves(SIZES, curves, own, TABLE1_AXIS, (20, 50, 80), end=lambda name, value: name)


def draw_figure5(own: Curve = NO_CURVE) -> list[Shape]:
    """Accuracy of DM by many images per class."""
    curves = [("DM", {float(size): value for size, value in FIGURE5.items()})]
    ticks = (70, 80, 90)
    return _curves(
        tuple(FIGURE5), curves, own, FIGURE5_AXIS, ticks, end=lambda name, value: f"{name} {value:g}"
    )


def draw_table2(own: Curve = NO_CURVE) -> list[Shape]:
    """DM and DSA with batch norm, for each data set."""
    left, (low, high) = 100.0, TABLE2_AXIS.percent
    bottom = HEIGHT - 20
    parts: list[Shape] = []

    def x_of(value: float) -> float:
        return left + (value - low) / (high - low) * (WIDTH - left - 12)

    for tick in (20, 40, 60):
        parts.append(line([(x_of(tick), 22), (x_of(tick), bottom)], "var(--line)"))
        parts.append(text(x_of(tick), HEIGHT - 4, f"{tick} %" if tick == 60 else f"{tick}", "middle", "q"))
    for index, (data, value) in enumerate(TABLE2["dm"].items()):
        y = 40 + index * 35.0
        parts.append(text(0, y + 4, DATA_TITLES[data]))
        other = TABLE2["dsa"].get(data)
        if other is not None:
            parts.append(line([(x_of(other), y), (x_of(value), y)], "var(--edge)"))
            parts.append(mark("DSA", x_of(other), y, full=False))
            parts.append(text(x_of(other) - 8, y + 4, f"{other:.1f}", "end", "", colour_of("DSA")))
        parts.append(mark("DM", x_of(value), y, 3.5, full=False))
        parts.append(text(x_of(value), y - 10, f"{value:.1f}", "middle", "v"))
    parts.append(text(x_of(59.9) - 6, 12, "DSA", "end", "m", colour_of("DSA")))
    parts.append(text(x_of(65.2) - 6, 12, "DM", "start", "m", colour_of("DM")))
    for value in TABLE2_AXIS.within(own).values():
        parts.append(mark("DM", x_of(value), 40, 5.5))
        parts.append(text(x_of(value), 62, f"yours {value:.1f}", "middle", "m", colour_of("DM")))
    return parts


def draw_table3(own: Curve = NO_CURVE) -> list[Shape]:
    """The matrix: learned on a row, tested on a column."""
    del own  # a matrix has no curve: yours stands below it
    names = list(TABLE3)
    left, top = 68.0, 20.0
    width, height = (WIDTH - left) / len(names), (HEIGHT - top) / len(names)
    short = [NAMES[name].split("-")[0] for name in names]  # type: ignore[index]
    parts = [
        text(left + width * (index + 0.5), 13, name.replace("Net", ""), "middle", "q")
        for index, name in enumerate(short)
    ]
    for row, learner in enumerate(names):
        parts.append(text(0, top + height * (row + 0.5) + 4, short[row], "start", "m" if row == 0 else ""))
        for column, tester in enumerate(names):
            value = TABLE3[learner][tester]
            x, y = left + width * column, top + height * row
            strength = 0.06 + 0.4 * (value - 48) / 18
            box = {"x": x + 1, "y": y + 1, "width": width - 2, "height": height - 2, "rx": 4}
            attributes = {name: f"{length:.1f}" for name, length in box.items()}
            attributes |= {"style": "fill:var(--accent)", "fill-opacity": f"{strength:.2f}"}
            parts.append(Shape("rect", attributes))
            parts.append(text(x + width / 2, y + height / 2 + 4, f"{value:.1f}", "middle", "v"))
    return parts


def draw_table4(own: Curve = NO_CURVE) -> list[Shape]:
    """Accuracy by embedding networks, for each number of images."""
    del own  # has other networks on its axis: yours stands below it
    left, right, top, bottom = 26.0, WIDTH - 76, 8.0, HEIGHT - 20
    sources = list(TABLE4)

    def y_of(value: float) -> float:
        return bottom - (value - 14) / 56 * (bottom - top)

    def x_of(index: int) -> float:
        return left + index / (len(sources) - 1) * (right - left)

    parts = [shape for tick in (20, 40, 60) for shape in _level(y_of(tick), f"{tick}", left, right)]
    shown = {0: "random", 4: "40–50 %", 8: "all"}
    for place, words in shown.items():
        anchor = "start" if place == 0 else "middle"
        parts.append(text(0 if place == 0 else x_of(place), HEIGHT - 4, words, anchor, "q"))
    for column, size in enumerate(SIZES):
        values = [number.value for source in sources if (number := numbers_of(TABLE4[source])[column])]
        points = [(x_of(index), y_of(value)) for index, value in enumerate(values)]
        parts.append(line(points, colour_of("DM"), 1.2))
        parts += [mark("DM", *points[index], 2, full=False) for index in (0, len(points) - 1)]
        label = f"{size} per class" if size == SIZES[-1] else f"{size}"
        parts.append(text(right + 9, points[-1][1] + 4, label, "start", "m", colour_of("DM")))
    return parts


def draw_figure4(own: Curve = NO_CURVE) -> list[Shape]:
    """Hours of condensing, DM and DSA."""
    del own
    left, end = 44.0, WIDTH - 4

    def x_of(minutes: float) -> float:
        return left + minutes / 900 * (end - left)

    parts = [line([(left, 8), (left, HEIGHT - 22)], "var(--line)")]
    for hours in (0, 5, 10, 15):
        words = f"{hours} h" if hours == 15 else f"{hours}"
        parts.append(text(x_of(hours * 60), HEIGHT - 4, words, "end" if hours == 15 else "middle", "q"))
    for method, y in (("dm", 0.3 * HEIGHT), ("dsa", 0.62 * HEIGHT)):
        name, minutes = METHODS[method], FIGURE4_MINUTES[method]
        parts.append(text(0, y + 4, name, "start", "m", colour_of(name)))
        parts.append(line([(left, y), (x_of(minutes), y)], colour_of(name), 1.2))
        parts.append(mark(name, x_of(minutes), y, full=False))
    parts.append(text(x_of(20) + 13, 0.3 * HEIGHT + 4, "under 20 min", "start", "v"))
    parts.append(text(end - 10, 0.62 * HEIGHT - 10, "15 h", "end", "v"))
    return parts


def draw_figures6_7(own: Curve = NO_CURVE) -> list[Shape]:
    """Final accuracy of continual learning in five and in ten steps: two experiments, not a trend."""
    del own
    left, right, top, bottom = 26.0, WIDTH - 84, 8.0, HEIGHT - 20
    five_at, ten_at = left + 30, right - 16

    def y_of(value: float) -> float:
        return bottom - (value - 22) / 15 * (bottom - top)

    parts = [shape for tick in (25, 30, 35) for shape in _level(y_of(tick), f"{tick}", left, right)]
    parts.append(text(five_at, HEIGHT - 4, f"in {CONTINUAL_STEPS[0]} steps", "middle", "q"))
    parts.append(text(ten_at, HEIGHT - 4, f"in {CONTINUAL_STEPS[1]} steps", "middle", "q"))
    for method, (five, ten) in FIGURES6_7.items():
        name = METHODS[method]
        parts += [mark(name, x, y_of(value), 3, full=False) for x, value in ((five_at, five), (ten_at, ten))]
        parts.append(text(ten_at + 12, y_of(ten) + 4, f"{name} {ten:g}", "start", "m", colour_of(name)))
    return parts


def draw_table5(own: Curve = NO_CURVE) -> list[Shape]:
    """Rank correlation between a proxy and the whole set."""
    del own
    rows = [
        (METHODS[name], TABLE5[name].correlation)
        for name in ("dm", "dsa", "early_stopping", "random")
        if TABLE5[name].correlation is not None
    ]
    left, high, low = 100.0, 0.8, -0.08
    step = (HEIGHT - 8) / len(rows)

    def x_of(value: float) -> float:
        return left + (value - low) / (high - low) * (WIDTH - left - 44)

    parts = [line([(x_of(0), 2), (x_of(0), HEIGHT - 6)], "var(--line)")]
    for index, (name, value) in enumerate(rows):
        assert value is not None
        y = 4 + step * (index + 0.5)
        parts.append(text(0, y + 4, name, "start", "m", colour_of(name)))
        parts.append(line([(x_of(0), y), (x_of(value), y)], colour_of(name), 1.2))
        parts.append(mark(name, x_of(value), y, full=False))
        words = f"{value:.2f}".replace("-", "−")
        parts.append(text(max(x_of(value), x_of(0)) + 12, y + 4, words, "start", "v"))
    return parts


def _curve(printed: str) -> dict[float, float]:
    numbers: Sequence[Number | None] = numbers_of(printed)
    return {
        float(size): number.value for size, number in zip(SIZES, numbers, strict=True) if number is not None
    }


def _level(y: float, words: str, left: float, right: float) -> list[Shape]:
    return [line([(left, y), (right, y)], "var(--line)"), text(left - 6, y + 4, words, "end", "q")]


def _curves(
    sizes: Sequence[int],
    curves: Sequence[tuple[str, Curve]],
    own: Curve,
    axis: Axis,
    ticks: Sequence[int],
    end: Callable[[str, float], str],
) -> list[Shape]:
    """Curves by method over a log scale, with their labels at the end; `own` of DM thick over them."""
    left, right, top, bottom = 26.0, WIDTH - 74, 8.0, HEIGHT - 20
    whole = _curve(TABLE1[DATA]["whole"] + " / – / –")[1.0]
    first, last = math.log(sizes[0]), math.log(sizes[-1])

    def x_of(size: float) -> float:
        return left + (math.log(size) - first) / (last - first) * (right - left)

    def y_of(value: float) -> float:
        return bottom - (value - axis.percent[0]) / (axis.percent[1] - axis.percent[0]) * (bottom - top)

    parts = [shape for tick in ticks for shape in _level(y_of(tick), f"{tick}", left, right)]
    taken: list[tuple[float, float]] = []
    for size in (sizes[-1], *sizes[:-1]):
        x, half = x_of(size), len(str(size)) * LETTER / 2 + LETTER / 2
        if all(x + half < start or x - half > end for start, end in taken):
            parts.append(text(x, HEIGHT - 4, str(size), "middle", "q"))
            taken.append((x - half, x + half))
    parts.append(line([(left, y_of(whole)), (right, y_of(whole))], "var(--whole)", 1.2, dashed=True))
    labels = [(y_of(whole), f"all {whole}", "var(--whole)")]
    for name, curve in curves:
        points = [(x_of(size), y_of(value)) for size, value in curve.items()]
        parts.append(line(points, colour_of(name), 1.2))
        parts += [mark(name, x, y, 3, full=False) for x, y in points]
        labels.append((points[-1][1], end(name, list(curve.values())[-1]), colour_of(name)))
    parts += [text(right + 10, y + 4, words, "start", "m", colour) for y, words, colour in spread(labels)]
    inside = axis.within(own)
    if inside:
        points = [(x_of(size), y_of(value)) for size, value in inside.items()]
        parts.append(line(points, colour_of("DM"), 3))
        parts += [mark("DM", x, y, 5) for x, y in points]
        x, y = points[-1]
        words = f"yours {list(inside.values())[-1]:.1f}"
        parts.append(
            text(min(x + 4, right - len(words) * LETTER / 2), y + 20, words, "start", "m", colour_of("DM"))
        )
    return parts
