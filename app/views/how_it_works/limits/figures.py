"""Figures of the chapter on limits: accuracy by images per class, and values on one line each."""

import math
from collections.abc import Sequence

from app.components.figure_shapes import colour_of, line, mark, spread, text
from app.components.small_figure import Shape, SmallFigure
from app.views.how_it_works.limits.numbers import PublishedCost, SizeCurve, Value
from dmcore.config.formatting import NO_BREAK_SPACE, capitalised, grouped
from dmcore.experiments.table1 import NAMES

WIDTH, HEIGHT = 350.0, 228.0
LEFT, RIGHT, TOP, BOTTOM = 56.0, 312.0, 42.0, 190.0
"""Frame of the curves; left of it stand their names, right of it the scale. All figures are drawn larger than
these coordinates where there is room: in a phone's width a text still has 13 pixels."""
ROWS_WIDTH, ROW = 350.0, 26.0
NAMES_WIDTH, VALUE_WIDTH = 96.0, 56.0
QUIET = "var(--line)"


def curve_figure(curve: SizeCurve, *, revealed: bool) -> SmallFigure:
    """Share of the accuracy of all real images by images per class; before the reveal only where it begins.

    What is recorded is drawn full, what is published dashed.
    """
    most = max(curve.learned)

    def x_of(size: int) -> float:
        return LEFT + 8 + (RIGHT - LEFT - 16) * math.log(size) / math.log(most)

    shapes = [
        line([(LEFT, y), (RIGHT, y)], "var(--whole)" if share == 100 else QUIET, dashed=share == 100)
        for share in (0, 50, 100)
        for y in (_height(share),)
    ]
    shapes += [
        text(RIGHT + 6, _height(share) + 4, f"{share}{NO_BREAK_SPACE}%", "start", "q")
        for share in (0, 50, 100)
    ]
    shapes.append(_heading(f"{capitalised(curve.data)}: share of the accuracy after all real images"))
    shapes.append(text(LEFT, TOP - 7, "all real images", "start", "q"))
    ticks = [10**power for power in range(1 + int(math.log10(most)))]
    shapes += [text(x_of(size), BOTTOM + 16, grouped(size), "middle", "q") for size in ticks]
    shapes.append(text((LEFT + RIGHT) / 2, BOTTOM + 33, "images per class", "middle", "q"))
    names = []
    for method, by_size in (("DM", curve.learned), ("Random", curve.random)):
        points = [(x_of(size), _height(curve.share(value))) for size, value in sorted(by_size.items())]
        shown = points if revealed else points[:1]
        colour, recorded = colour_of(method), curve.entry is not None
        shapes.append(line(shown, colour, 2.0 if recorded else 1.3, dashed=not recorded))
        for (x, y), (size, value) in zip(shown, sorted(by_size.items()), strict=False):
            words = f"{curve.data}, {grouped(size)} per class: {value:.1f}{NO_BREAK_SPACE}%"
            shapes.append(mark(method, x, y, 4.0 if recorded else 3.0, full=recorded, title=words))
        names.append((points[0][1] + 4, _word(method), colour))
    shapes += [text(LEFT - 6, y, words, "end", "m", colour) for y, words, colour in spread(names)]
    if not revealed:
        shapes.append(text((x_of(10) + RIGHT) / 2, _height(50) - 12, "?", "middle", "v"))
    return SmallFigure(shapes, WIDTH, HEIGHT, _curve_in_words(curve, revealed=revealed))


def _heading(words: str) -> Shape:
    """Of which data a curve is, and what its height says."""
    return text(0, 14, words, "start", "q")


def _height(share: float) -> float:
    """Vertical place of a share in percent."""
    return BOTTOM - (BOTTOM - TOP) * share / 100


def _word(method: str) -> str:
    return {"DM": "learned", "Random": "random"}[method]


def _curve_in_words(curve: SizeCurve, *, revealed: bool) -> str:
    sizes = sorted(curve.learned) if revealed else sorted(curve.learned)[:1]
    values = (f"{curve.share(curve.learned[size]):.0f} % with {grouped(size)}" for size in sizes)
    return (
        "Accuracy after learned images as a share of that after all real ones, by images per class. "
        f"{curve.data}: {', '.join(values)}."
    )


def cost_figure(cost: PublishedCost, *, revealed: bool) -> SmallFigure:
    """Minutes altogether by the number of networks, with and without learning; before the reveal of one."""
    networks = 2 * cost.networks
    most = networks * cost.training_all

    def place(count: float, minutes: float) -> tuple[float, float]:
        return LEFT + (RIGHT - LEFT) * count / networks, BOTTOM - (BOTTOM - TOP) * minutes / most

    shapes = [line([place(0, 0), place(networks, 0)], QUIET)]
    shapes.append(_heading(f"{cost.data}, {cost.size} per class: minutes altogether"))
    for minutes in (0, most / 2, most):
        x, y = place(networks, minutes)
        shapes.append(text(x + 6, y + 4, f"{minutes:.0f}{NO_BREAK_SPACE}min", "start", "q"))
    for count in (1, cost.networks, networks):
        shapes.append(text(place(count, 0)[0], BOTTOM + 16, f"{count}", "middle", "q"))
    shapes.append(text((LEFT + RIGHT) / 2, BOTTOM + 33, "networks trained", "middle", "q"))
    counts, names = range(1, networks + 1), []
    for method, word, start, each in (
        ("DM", "learn first", cost.condensing, cost.training_learned),
        (NAMES["whole"], "all images", 0.0, cost.training_all),
    ):
        points = [place(count, start + count * each) for count in counts]
        shown = points if revealed else points[:1]
        shapes.append(line(shown, colour_of(method), 2.0, dashed=method != "DM"))
        shapes += [mark("DM" if method == "DM" else "", *point, 3.0) for point in shown]
        names.append((points[0][1] + 4, word, colour_of(method)))
    shapes += [text(LEFT + 13, y, words, "end", "m", colour) for y, words, colour in spread(names)]
    if not revealed:
        shapes.append(text(*place(cost.networks, most / 2), "?", "middle", "v"))
    words = (
        f"Learning takes {cost.condensing:.0f} minutes, then each network {cost.training_learned:.1f}; "
        + (f"on all images each takes {cost.training_all:.0f}.")
    )
    return SmallFigure(shapes, WIDTH, HEIGHT, words)


def values_figure(heading: str, values: Sequence[Value], *, shown: int) -> SmallFigure:
    """Values in percent, each a mark on a line of its own with its name.

    Args:
        heading: what the numbers are.
        values: from top to bottom.
        shown: of so many, from the first one on, mark and number are shown: the others are asked for.
    """
    right = ROWS_WIDTH - VALUE_WIDTH
    shapes = [_heading(heading)]
    for index, value in enumerate(values):
        y = ROW * (index + 1.5)
        place = NAMES_WIDTH + 8 + (right - NAMES_WIDTH - 16) * value.number / 100
        shapes.append(text(0, y + 4, value.label, "start", "m", colour_of(value.method)))
        shapes.append(line([(NAMES_WIDTH, y), (right, y)], QUIET))
        known = index < shown
        shapes += [mark(value.method, place, y)] if known else []
        shapes.append(text(ROWS_WIDTH, y + 4, _number(value) if known else "?", "end", "v"))
    words = (
        f"{value.label}: {_number(value) if index < shown else '?'}" for index, value in enumerate(values)
    )
    return SmallFigure(shapes, ROWS_WIDTH, ROW * (len(values) + 1), f"{heading}. {'; '.join(words)}.")


def _number(value: Value) -> str:
    return f"{value.number:.1f}{NO_BREAK_SPACE}%"
