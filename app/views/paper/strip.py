"""Strip of accuracies on data that the paper does not have: an axis of its own below the published figure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.components.figure_shapes import LETTER, METHOD_COLOURS, WIDTH, colour_of, line, mark, text
from app.components.small_figure import Shape
from app.views.paper.evidence import Evidence
from dmcore.config.formatting import NO_BREAK_SPACE, grouped, joined
from dmcore.config.network_source import RANDOM, parse_source
from dmcore.data.catalogue import CATALOGUE
from dmcore.experiments.registry import experiment_of
from dmcore.experiments.report.entries import TableEntry, known_entries
from dmcore.experiments.table import Table

HEIGHT = 70.0
EDGE = 12.0
ALL = parse_source("all")
SHORT = {
    "DM, instance norm": "instance norm",
    "DM, batch norm": "batch norm",
    "DSA, instance norm": "DSA, instance",
    "DSA, batch norm": "DSA, batch",
    "Whole set": "all",
}


@dataclass(frozen=True)
class Point:
    """Value on a strip."""

    value: float
    label: str
    """Written below the axis; empty for none."""
    method: str
    """Whose mark and colour it has; empty for a small quiet dot."""
    title: str
    first: bool
    """Whether its label has room before others."""


def draw_strip(evidence: Sequence[Evidence]) -> list[Shape]:
    """Draw results of one data set on one axis: recorded ones thin, one's own full over them.

    Args:
        evidence: of the same data set; empty draws nothing.
    """
    shown = [(each, points_of(each)) for each in evidence]
    values = [point.value for _, points in shown for point in points]
    if not values:
        return []
    low, high = 5 * int(min(values) // 5), min(100, 5 * int(max(values) // 5 + 1))

    def x_of(value: float) -> float:
        return EDGE + (value - low) / (high - low) * (WIDTH - 2 * EDGE)

    parts = [text(0, 11, strip_title(evidence[0]), "start", "q")]
    parts.append(line([(EDGE, 27), (WIDTH - EDGE, 27)], "var(--line)"))
    for tick, anchor in ((low, "start"), ((low + high) / 2, "middle"), (high, "end")):
        x = x_of(tick)
        parts.append(line([(x, 24), (x, 30)], "var(--edge)"))
        words = f"{tick:g}{NO_BREAK_SPACE}%"
        parts.append(text({"start": 0.0, "end": WIDTH}.get(anchor, x), HEIGHT - 4, words, anchor, "q"))
    for each, points in sorted(shown, key=lambda pair: pair[0].yours):
        for point in sorted(points, key=lambda point: point.first):
            size = (5.0 if each.yours else 4.0) if point.first else 2.5
            title = f"{each.name}: {point.title}"
            parts.append(mark(point.method, x_of(point.value), 27, size, full=each.yours, title=title))
    labelled = next(points for each, points in shown if each.yours == any(other.yours for other, _ in shown))
    return [*parts, *_labels(labelled, x_of)]


def strip_title(evidence: Evidence) -> str:
    """What a strip is of: 'recorded: Fashion-MNIST subset, 10 per class'."""
    data = data_title(evidence.table.dataset)
    learned = f"learned on {evidence.table.rows[0]}, {sizes_text(evidence.table)}"
    of = {"matrix": learned, "sizes": "DM and random (hollow)"}
    figure = experiment_of(evidence.table).figure
    return f"{evidence.name}: {data}, {of.get(figure, evidence.column or '')}"


def sizes_text(table: Table) -> str:
    """Images per class of a table's sets: '1 and 10 per class'."""
    sizes = dict.fromkeys(
        grouped(cell.recipe.images_per_class) for cell in table.cells if cell.recipe.method != "whole"
    )
    return f"{joined(sizes)} per class"


def data_title(dataset: str) -> str:
    """Name of a data set for people; of one's own data the last part of their path."""
    entry = CATALOGUE.get(dataset)
    return entry.title if entry is not None else dataset.rstrip("/").rsplit("/", 1)[-1]


def points_of(evidence: Evidence) -> list[Point]:
    """Values that a strip shows of a table: one column, one row of a matrix, or one row over all columns."""
    table, figure = evidence.table, experiment_of(evidence.table).figure
    if figure == "matrix":
        entries = known_entries(evidence.results, table.rows[:1])
        return [_point(entry, entry.column, "DM", index == 0) for index, entry in enumerate(entries)]
    if figure == "sizes":
        learned = known_entries(evidence.results, [table.learned_row or table.rows[0]])
        others = known_entries(evidence.results, [row for row in table.rows if row == "Random"])
        ends = (learned[0], learned[-1]) if learned else ()
        return [
            *(_point(entry, f"{entry.column}:", "DM", entry in ends) for entry in learned),
            *(_point(entry, "", "Random", False) for entry in others),
        ]
    entries = known_entries(evidence.results, columns=[evidence.column or ""])
    if figure == "sources":
        named = {RANDOM.name: "random networks", ALL.name: "all trained"}
        return [
            _point(
                entry, named.get(entry.row, entry.row), "DM" if entry.row in named else "", entry.row in named
            )
            for entry in entries
        ]
    points = []
    for entry in entries:
        name = entry.row.partition(",")[0]  # a row of table 2 names a norm, too
        method = name if name in METHOD_COLOURS else "DM"
        first = entry.row == table.learned_row or entry.row in ("Random", "Whole set") or len(entries) < 4
        points.append(_point(entry, SHORT.get(entry.row, entry.row), method, first))
    return points


def _point(entry: TableEntry, label: str, method: str, first: bool) -> Point:
    title = f"{entry.row}, {entry.column}: {entry.mean_text} % ({entry.counts_text})"
    words = f"{label}{NO_BREAK_SPACE}{entry.mean:.1f}" if label else ""
    return Point(entry.mean, words, method, title, first)


def _labels(points: Sequence[Point], x_of: Callable[[float], float]) -> list[Shape]:
    """Labels below the axis in the order of their values, moved apart; those of `first` before the others."""
    chosen: list[Point] = []
    for point in sorted(points, key=lambda point: (not point.first, -point.value)):
        if point.label and _width(*chosen, point) <= WIDTH:
            chosen.append(point)
    centres: list[float] = []
    chosen.sort(key=lambda point: point.value)
    for index, point in enumerate(chosen):
        half, reach = _half(point), centres[-1] + _half(chosen[index - 1]) + LETTER if centres else 0.0
        room = WIDTH - _width(*chosen[index + 1 :]) - (LETTER if chosen[index + 1 :] else 0.0)
        centres.append(min(max(x_of(point.value), reach + half), room - half))
    shapes = []
    for centre, point in zip(centres, chosen, strict=True):
        x, colour = x_of(point.value), colour_of(point.method)
        if abs(x - centre) > _half(point):  # a label that was moved: which mark it is of
            shapes.append(line([(x, 34), (centre, 38)], colour))
        shapes.append(text(centre, 49, point.label, "middle", "m", colour))
    return shapes


def _half(point: Point) -> float:
    return len(point.label) * LETTER / 2


def _width(*points: Point) -> float:
    """Width of labels beside each other."""
    return sum(2 * _half(point) for point in points) + LETTER * max(0, len(points) - 1)
