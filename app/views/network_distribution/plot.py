"""Figure of table 4: accuracy by the embedding networks, a panel for each number of images per class.

Sources with an order, such as bands of rising accuracy, are joined by a line.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from app.plots import palette
from app.plots.axis import Axis, percent_axis
from app.plots.figure import Figure, FigureBuilder
from app.plots.line_ends import wrapped_label
from dmcore.experiments.report.entries import TableEntry
from dmcore.experiments.report.notes import PublishedMarker

ORDERED = ("band", "fixed", "interpolated")
"""Kinds of sources that have an order."""
PANEL, AROUND = 140, 84
"""CSS pixels of a panel, and of the labels below the last."""
DOT_OFFSET = 0.17
"""Horizontal offset of the dots of single sets from their mean."""
MARK_REACH = 0.4
"""Half the width of a published accuracy's mark."""


def distribution_height(columns: int) -> int:
    """Height of the figure in CSS pixels."""
    return AROUND + PANEL * max(1, columns)


def distribution_figure(
    kinds: Mapping[str, str],
    columns: Sequence[str],
    points: Sequence[TableEntry],
    published: Sequence[PublishedMarker] = (),
    reference: str = "",
) -> Figure:
    """Create the figure.

    Args:
        kinds: kind of the source of each row, in order.
        columns: images per class, a panel each.
        points: accuracies that are known.
        published: published accuracies of the same experiments, drawn dotted.
        reference: row whose mean is drawn as a thin line through its panel.
    """
    position = {row: index for index, row in enumerate(kinds)}
    names = [wrapped_label(row, 14) for row in kinds]
    across = Axis("embedding networks", names=names, zoom=len(names) > 1)
    figure = FigureBuilder(across, percent_axis("accuracy (%)"))
    colour = palette.METHODS["DM"]  # every set was learned
    for column in columns:
        figure.panel(column, colour)
        by_row = {point.row: point for point in points if point.column == column and point.row in position}
        if reference in by_row:
            ends = (-0.5, len(names) - 0.5)
            figure.level(by_row[reference].mean, ends, dash="solid", label="")
        joined = [pair for pair in pairwise(kinds) if _in_order(kinds, *pair) and {*pair} <= by_row.keys()]
        figure.line(
            [place for row, after in joined for place in (position[row], position[after], None)],
            [m for row, after in joined for m in (by_row[row].mean, by_row[after].mean, None)],
            colour,
        )
        sets = [
            (position[row] + DOT_OFFSET, mean, f"{row}\nset {number + 1}: {mean:.1f} %")
            for row, point in by_row.items()
            for number, mean in enumerate(point.set_means)
        ]
        figure.points(
            [x for x, _, _ in sets],
            [mean for _, mean, _ in sets],
            colour,
            texts=[text for _, _, text in sets],
        )
        figure.points(
            [position[row] for row in by_row],
            [point.mean for point in by_row.values()],
            colour,
            mark="mean",
            spread=[point.std for point in by_row.values()],
            name=column,
            texts=[point.description for point in by_row.values()],
        )
        markers = [marker for marker in published if marker.column == column and marker.row in position]
        figure.marks(
            [(position[marker.row], marker.value) for marker in markers],
            MARK_REACH,
            palette.TEXT,
            texts=[marker.text for marker in markers],
        )
    if not points and not published:
        figure.empty("no network has arrived yet")
    return figure.build()


def _in_order(kinds: Mapping[str, str], row: str, following: str) -> bool:
    """Whether two sources are neighbours of the same kind, one that has an order."""
    return kinds[row] == kinds[following] and kinds[row] in ORDERED
