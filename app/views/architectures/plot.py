"""Accuracy matrix as a heat map: number in each cell, frame around the cell being computed.

A missing number is a grey cell that says why.
"""

import math
import textwrap
from collections.abc import Sequence

from app.plots import palette
from app.plots.axis import Axis
from app.plots.colour_scales import CIVIDIS, DIVERGING, colour_at, text_on
from app.plots.figure import Figure
from app.plots.heat_map import Cell, heat_map_figure
from app.plots.tokens import size
from dmcore.config.formatting import signed
from dmcore.experiments.report.matrix import MatrixCell, cell_lines

CELL_ROOM = 18
"""CSS pixels of a cell around its lines of text."""
ABOVE, BELOW = 64, 84
"""CSS pixels for the names of the columns, and for the colour bar."""
CELL_GAP = 3
HOVER_WIDTH = 46
SENTENCE_WIDTH, SENTENCE_LINES = 780, 4
"""CSS pixels that all columns of a wide figure have, and lines of a sentence."""
STEP_PERCENT = 5
"""The colour bar ends at multiples of this."""


def matrix_height(rows: int, published: bool) -> int:
    """Height of the figure in CSS pixels."""
    lines = 4 if published else 3
    return ABOVE + BELOW + rows * (CELL_ROOM + int(size("text-line")) * lines)


def matrix_figure(
    cells: Sequence[Sequence[MatrixCell]],
    row_title: str,
    column_title: str,
    *,
    published: bool,
    difference: bool,
) -> Figure:
    """Heat map of the accuracies, or of the differences to the tested architecture's own images.

    Args:
        cells: [row][column].
        row_title: what the rows are.
        column_title: what the columns are.
        published: whether cells show published values too.
        difference: whether cells show points against their column's diagonal.
    """
    values = [[_value(cell, difference) for cell in row] for row in cells]
    low, high = _ends([value for row in values for value in row if value is not None], difference)
    stops = DIVERGING if difference else CIVIDIS

    def drawn(cell: MatrixCell, columns: int) -> Cell:
        value = _value(cell, difference)
        colour = palette.TEXT if value is None else text_on(colour_at(stops, (value - low) / (high - low)))
        wide, narrow = _cell_text(cell, value, columns, published=published, difference=difference)
        hover = [part for line in cell_lines(cell) for part in textwrap.wrap(line, HOVER_WIDTH)]
        return Cell(value, "\n".join(hover), wide, narrow, colour, at_work=bool(cell.step))

    return heat_map_figure(
        [[drawn(cell, len(row)) for cell in row] for row in cells],
        Axis(column_title, names=[_two_lines(cell.column) for cell in cells[0]], top=True),
        Axis(row_title, names=[_two_lines(row[0].row) for row in cells], downwards=True),
        stops,
        (low, high),
        bar="below",
        title="points against the tested one's own images" if difference else "test accuracy, %",
        gap=CELL_GAP,
        above=ABOVE,
        below=BELOW,
    )


def _value(cell: MatrixCell, difference: bool) -> float | None:
    if difference:
        return cell.difference
    return cell.entry.mean if cell.entry is not None else None


def _two_lines(architecture: str) -> str:
    return architecture.replace(" AP", "\nAP").replace(" by ", "\nby ")


def _ends(numbers: Sequence[float], difference: bool) -> tuple[float, float]:
    """Ends of the colour scale: round numbers around all values, so that they seldom move."""
    if difference:
        reach = max([STEP_PERCENT, *(abs(value) for value in numbers)])
        reach = STEP_PERCENT * math.ceil(reach / STEP_PERCENT)
        return -reach, reach
    if not numbers:
        return 0.0, 100.0
    low = STEP_PERCENT * math.floor(min(numbers) / STEP_PERCENT)
    high = STEP_PERCENT * math.ceil(max(numbers) / STEP_PERCENT)
    return (
        (low, high) if high - low >= 2 * STEP_PERCENT else (max(0, low - STEP_PERCENT), high + STEP_PERCENT)
    )


def _cell_text(
    cell: MatrixCell, value: float | None, columns: int, *, published: bool, difference: bool
) -> tuple[list[str], list[str]]:
    """Lines of a cell, where there is room and where there is little; the first is the largest."""
    wide: list[str] = []
    narrow: list[str] = []
    if value is not None:
        wide, narrow = _number_text(cell, value, difference)
    elif cell.entry is not None:
        wide = ["no own images" if not cell.has_own else "own to come"]
        narrow = ["–"]
    if cell.step:
        step = cell.step.replace("epoch ", "") if cell.training else cell.step
        wide = [*wide[:2], cell.step]
        narrow = [*narrow[:1], *textwrap.wrap(step.replace(" of ", "/"), 7)]
    elif cell.failure and cell.entry is None:
        letters = max(9, int(SENTENCE_WIDTH / columns / size("letter")))
        wide = textwrap.wrap(cell.failure, letters, max_lines=SENTENCE_LINES, placeholder=" …")
        narrow = ["failed"]
    elif not wide:
        wide, narrow = ["–"], ["–"]
    if published and cell.published is not None and not difference:
        same = not cell.differences
        wide.append(f"paper {cell.published.value:.1f}" if same else f"published {cell.published.value:.1f}*")
        narrow.append(f"{cell.published.value:.1f}{'' if same else '*'}")
    return wide, narrow


def _number_text(cell: MatrixCell, value: float, difference: bool) -> tuple[list[str], list[str]]:
    assert cell.entry is not None
    counts = cell.counts
    if difference:
        number = "0.0" if cell.diagonal else signed(value)
        return [number, f"({cell.entry.mean:.1f} %)", f"n = {counts}"], [number, counts.replace(" ", "")]
    spread = [f"± {cell.entry.std:.1f}"] if cell.entry.networks > 1 else []
    return [f"{value:.1f}", *spread, f"n = {counts}"], [f"{value:.1f}", *spread, counts.replace(" ", "")]
