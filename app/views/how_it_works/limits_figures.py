"""Small figures of the chapter on limits: accuracy by images per class, and values on one line each."""

import math
from collections.abc import Sequence

from app.components.figure_shapes import colour_of, line, mark, spread, text
from app.components.small_figure import Shape, SmallFigure
from app.views.how_it_works.limits_numbers import SizeCurve, Value
from dmcore.config.formatting import NO_BREAK_SPACE, grouped

WIDTH, HEIGHT = 400.0, 240.0
LEFT, RIGHT, TOP, BOTTOM = 112.0, 356.0, 26.0, 204.0
"""Frame of the curves in CSS pixels; left of it stand their names, right of it the scale."""
ROWS_WIDTH, ROW = 340.0, 20.0
NAMES_WIDTH, VALUE_WIDTH = 96.0, 56.0
QUIET = "var(--line)"


def curve_figure(curves: Sequence[SizeCurve], *, revealed: bool) -> SmallFigure:
    """Share of the accuracy of all real images by images per class; before the reveal only where it begins.

    Args:
        curves: the first one is recorded and drawn full, the others are published and drawn dashed.
        revealed: whether everything is shown.
    """
    most = max(max(curve.learned) for curve in curves)

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
    shapes.append(text(RIGHT, TOP - 13, "the accuracy of all real images", "end", "q"))
    ticks = [10**power for power in range(1 + int(math.log10(most)))]
    shapes += [text(x_of(size), BOTTOM + 16, grouped(size), "middle", "q") for size in ticks]
    shapes.append(text((LEFT + RIGHT) / 2, BOTTOM + 33, "images per class", "middle", "q"))
    names = []
    for curve in curves:
        for method, by_size in (("DM", curve.learned), ("Random", curve.random)):
            points = [(x_of(size), _height(curve.share(value))) for size, value in sorted(by_size.items())]
            shown = points if revealed else points[:1]
            colour, recorded = colour_of(method), curve.entry is not None
            shapes.append(line(shown, colour, 2.0 if recorded else 1.3, dashed=not recorded))
            for (x, y), (size, value) in zip(shown, sorted(by_size.items()), strict=False):
                words = f"{curve.data}, {grouped(size)} per class: {value:.1f}{NO_BREAK_SPACE}%"
                shapes.append(mark(method, x, y, 4.0 if recorded else 2.5, full=recorded, title=words))
            names.append((points[0][1] + 4, f"{curve.data}, {_word(method)}", colour))
    shapes += [text(LEFT - 6, y, words, "end", "m", colour) for y, words, colour in spread(names)]
    if not revealed:
        shapes.append(text((x_of(10) + RIGHT) / 2, _height(50) - 12, "?", "middle", "v"))
    return SmallFigure(shapes, WIDTH, HEIGHT, _curves_in_words(curves, revealed=revealed))


def _height(share: float) -> float:
    """Vertical place of a share in percent."""
    return BOTTOM - (BOTTOM - TOP) * share / 100


def _word(method: str) -> str:
    return {"DM": "learned", "Random": "random"}[method]


def _curves_in_words(curves: Sequence[SizeCurve], *, revealed: bool) -> str:
    texts = []
    for curve in curves:
        sizes = sorted(curve.learned) if revealed else sorted(curve.learned)[:1]
        values = (f"{curve.share(curve.learned[size]):.0f} % with {grouped(size)}" for size in sizes)
        texts.append(f"{curve.data}: {', '.join(values)}")
    return (
        "Accuracy after learned images as a share of that after all real ones, by images per class. "
        f"{'; '.join(texts)}."
    )


def values_figure(values: Sequence[Value], *, revealed: bool, unit: str = "%") -> SmallFigure:
    """Values, each a mark on a line of its own with its name; before the reveal without marks.

    Args:
        values: in percent; of another unit, the longest line ends at the largest of them.
        revealed: whether marks and numbers are shown.
        unit: of the numbers.
    """
    right = ROWS_WIDTH - VALUE_WIDTH
    most = 100.0 if unit == "%" else max(value.number for value in values)
    shapes: list[Shape] = []
    for index, value in enumerate(values):
        y = ROW * (index + 0.5)
        place = NAMES_WIDTH + 8 + (right - NAMES_WIDTH - 16) * value.number / most
        shapes.append(text(0, y + 4, value.label, "start", "m", colour_of(value.method)))
        shapes.append(line([(NAMES_WIDTH, y), (right, y)], QUIET))
        shapes += [mark(value.method, place, y)] if revealed else []
        shapes.append(text(ROWS_WIDTH, y + 4, _number(value, unit) if revealed else "?", "end", "v"))
    words = (f"{value.label}: {_number(value, unit) if revealed else '?'}" for value in values)
    return SmallFigure(shapes, ROWS_WIDTH, ROW * len(values), f"{'; '.join(words)}.")


def _number(value: Value, unit: str) -> str:
    digits = 0 if unit != "%" and value.number >= 10 else 1
    return f"{value.number:.{digits}f}{NO_BREAK_SPACE}{unit}"
