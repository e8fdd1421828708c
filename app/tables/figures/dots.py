"""Dot plot of accuracies: a line for each method and column, with a marker, its deviation and the number.

Small dots are single networks; dashed is what networks on all real images reach. A learned set is a star,
random real images are hollow.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.live_resource import Query
from app.plots import palette
from app.plots.annotations import widest
from app.plots.axis import Axis, percent_axis
from app.plots.figure import Figure, FigureBuilder
from app.plots.line_ends import wrapped_label
from app.plots.tokens import size
from app.tables.figures import Drawing, TableFigure
from app.tables.state import TableState
from dmcore.experiments.report.entries import (
    NO_NUMBER,
    TableEntry,
    compared_entries,
    describe_accuracies,
    whole_set_accuracies,
)
from dmcore.experiments.report.notes import PublishedMarker, published_markers, whole_set_epochs
from dmcore.experiments.table import Table

LINE, ROW_GAP = 27, 10
"""CSS pixels of a line and between two rows."""
NETWORK_OFFSET = 9
"""CSS pixels that single networks stand below their mean, and 2 more for each further set."""
NAME_LETTERS, COLUMN_LETTERS = 18, 12
NUMBERS_ROOM = 92
"""CSS pixels right of the plot, for means and deviations; where it is narrow, for means alone."""
NUMBERS_NARROW = 44
GAP = 8
"""CSS pixels between two texts beside the plot."""
SYMBOLS = {"Random": "circle-open"}
"""Marker of a method where it is not a dot."""
PER_CLASS = " per class"


@dataclass(frozen=True)
class DotRows:
    """Rows and columns of a dot plot, with their places in CSS pixels from the top."""

    rows: Sequence[str]
    columns: Sequence[str]

    @property
    def names(self) -> dict[str, str]:
        """Names of the rows as they are written, in up to three lines."""
        return {row: wrapped_label(row, NAME_LETTERS) for row in self.rows}

    @property
    def row_height(self) -> float:
        """Height of a row with the gap below it: of its lines, or of the longest name."""
        lines = max((name.count("\n") + 1 for name in self.names.values()), default=1)
        return max(self._lines_height, lines * size("text-line")) + ROW_GAP

    @property
    def _lines_height(self) -> float:
        return max(1, len(self.columns)) * LINE

    @property
    def height(self) -> float:
        """Height of all rows."""
        return len(self.rows) * self.row_height

    def at(self, row: str, column: str) -> float:
        """Place of a row's line of a column."""
        return self.middle(row) - self._lines_height / 2 + (self.columns.index(column) + 0.5) * LINE

    def middle(self, row: str) -> float:
        """Place of a row's name."""
        return (self.rows.index(row) + 0.5) * self.row_height - ROW_GAP / 2

    @property
    def column_names(self) -> list[str]:
        """Short names: '10' instead of '10 per class' where all columns are such; none of a single column."""
        if len(self.columns) < 2:
            return []
        counts = all(column.endswith(PER_CLASS) for column in self.columns)
        return [
            wrapped_label(c.removesuffix(PER_CLASS) if counts else c, COLUMN_LETTERS) for c in self.columns
        ]

    @property
    def column_heading(self) -> str:
        """What the short names count."""
        return PER_CLASS.strip() if self.column_names and self.columns[0].endswith(PER_CLASS) else ""


def dots_height(rows: Sequence[str], columns: Sequence[str], levels: int) -> int:
    """Height of the dot plot in CSS pixels; `levels` is the number of dashed lines."""
    frame = size("edge-open") + size("text-line") * max(1, levels) + size("axis") + size("edge")
    return int(frame + DotRows(rows, columns).height)


def dots_figure(
    rows: Sequence[str],
    columns: Sequence[str],
    points: Sequence[TableEntry],
    ceilings: Mapping[str, float],
    published: Sequence[PublishedMarker] = (),
    *,
    learned: Sequence[str] = ("DM",),
    whole_epochs: str = "",
) -> Figure:
    """Draw the dot plot.

    Args:
        rows: methods, from the top.
        columns: a line of each row.
        points: accuracies known so far.
        ceilings: percent of networks trained on all real images, by column.
        published: dotted, next to our own.
        learned: rows of learned sets: stars.
        whole_epochs: training of the networks on all real images, such as '60 epochs'.
    """
    place = DotRows(rows, columns)
    edges = [(index * place.row_height - ROW_GAP / 2, "") for index in range(len(rows) + 1)]
    y = Axis(ends=(-ROW_GAP / 2, place.height - ROW_GAP / 2), ticks=edges, downwards=True, zoom=False)
    figure = FigureBuilder(percent_axis(), y, values="x")
    colours = palette.row_colours(rows)
    for row in rows:
        symbol = "star" if row in learned else SYMBOLS.get(row, "circle")
        _draw_row(figure, place, row, colours[row], symbol, [point for point in points if point.row == row])
        markers = [marker for marker in published if marker.row == row and marker.column in columns]
        figure.marks(
            [(marker.value, place.at(row, marker.column)) for marker in markers],
            0.4 * LINE,
            colours[row],
            texts=[marker.text for marker in markers],
        )
    for name, level in _ceiling_lines(ceilings, columns).items():
        hover = f"{name}\n%{{x:.1f}} %" + (f"\nafter {whole_epochs}" if whole_epochs else "")
        ends = (-ROW_GAP / 2, place.height - ROW_GAP / 2)
        figure.level(level, ends, label="top", name=f"{name} {level:.1f} %", hover=hover)
    _write_beside(figure, place, colours, points)
    if not points:
        figure.empty("no network has arrived yet")
    return figure.build()


def _draw_row(
    figure: FigureBuilder,
    place: DotRows,
    row: str,
    colour: str,
    symbol: str,
    points: Sequence[TableEntry],
) -> None:
    """Draw the single networks of a row, and the mean of each of its columns."""
    networks = [
        (
            percent,
            place.at(row, point.column) + NETWORK_OFFSET + 2 * min(number, 3),
            f"{row}, {point.column}\nset {number + 1}: one network\n{percent:.1f} %",
        )
        for point in points
        for number, percents in enumerate(point.by_set)
        for percent in percents
    ]
    figure.points(
        [percent for percent, _, _ in networks],
        [level for _, level, _ in networks],
        colour,
        name=row,
        texts=[text for _, _, text in networks],
    )
    figure.points(
        [point.mean for point in points],
        [place.at(row, point.column) for point in points],
        colour,
        mark="mean",
        symbol=symbol,
        spread=[point.std for point in points],
        name=row,
        texts=[point.description for point in points],
    )


def _write_beside(
    figure: FigureBuilder, place: DotRows, colours: Mapping[str, str], points: Sequence[TableEntry]
) -> None:
    """Write the names left of the plot and the numbers right of it."""
    texts, columns = figure.annotations, place.column_names
    names = place.names
    gap = GAP + (widest(columns) + GAP if columns else 0)
    texts.keep_beside(left=widest([*names.values()]) + gap + GAP, right=NUMBERS_ROOM, narrow=NUMBERS_NARROW)
    texts.left(place.column_heading, None, GAP, palette.QUIET_TEXT)
    if points:
        texts.right("mean ± std", None, palette.QUIET_TEXT, narrow="mean")
    known = {(point.row, point.column): point for point in points}
    for row in place.rows:
        hover = row if names[row].endswith("…") else ""
        texts.left(names[row], place.middle(row), gap, colours[row], strong=True, hover=hover)
        for index, column in enumerate(place.columns):
            level = place.at(row, column)
            texts.left(columns[index] if columns else "", level, GAP, palette.QUIET_TEXT)
            if (point := known.get((row, column))) is not None:
                mean, _, deviation = point.mean_text.partition(" ")
                after = f" {deviation}" if deviation else ""
                texts.right(mean, level, palette.TEXT, strong=True, after=after, narrow=mean)
            elif points:
                texts.right(NO_NUMBER, level, palette.QUIET_TEXT)


def _ceiling_lines(ceilings: Mapping[str, float], columns: Sequence[str]) -> dict[str, float]:
    """Levels of the dashed lines: a single one where all columns have the same, else one for each."""
    if len({f"{level:.1f}" for level in ceilings.values()}) == 1:
        return {"all real images": next(iter(ceilings.values()))}
    names = dict(zip(columns, DotRows((), columns).column_names or columns, strict=True))
    return {f"all real, {names[column]}": level for column, level in ceilings.items()}


def _draw(state: TableState, query: Query) -> Drawing:
    table = state.table
    learned = table.learned_rows
    rows = sorted(table.compared_rows, key=lambda row: row not in learned)  # the learned ones on top
    points, ceilings = compared_entries(state.results), whole_set_accuracies(state.results)
    figure = dots_figure(
        rows,
        table.columns,
        points,
        ceilings,
        published_markers(table),
        learned=learned,
        whole_epochs=whole_set_epochs(table),
    )
    levels = len(_ceiling_lines(ceilings, table.columns))
    return Drawing(figure, describe_accuracies(points, ceilings), dots_height(rows, table.columns, levels))


def _show_notes(table: Table, query: Query) -> None:
    st.caption(
        "Bar: ± one standard deviation over all networks of a line; how many sets and networks stands in the "
        "table below. Small dot: one network, a little lower for each further set. Dashed: all real images"
        + (f", {epochs}." if (epochs := whole_set_epochs(table)) else ".")
    )


FIGURE = TableFigure(_draw, show_notes=_show_notes)
