"""Accuracy matrix as a plotly heat map: number in each cell, frame around the cell being computed.

A missing number is a grey cell that says why; `narrow` of an annotation is its text where the figure is
narrow (app/components/live_figure.js).
"""

import html
import math
import textwrap
from collections.abc import Sequence

from app.plots import palette
from app.plots.colour_scales import CIVIDIS, DIVERGING, colour_at, plotly_scale, text_on
from app.plots.loss import Figure
from app.views.architectures.matrix_cells import MatrixCell, cell_lines, signed

EMPTY = "var(--st-secondary-background-color)"
FRAME = "var(--st-primary-color)"
LINE_HEIGHT, LARGER = 19, 1.15
"""CSS pixels of a line of text in a cell; the mean is larger by this."""
CELL_ROOM = 14
ABOVE, BELOW = 64, 84
"""CSS pixels for the names of the columns, and for the colour bar."""
HOVER_WIDTH = 46
FULL_WIDTH = 640
"""CSS pixels of the figure from which on cells have room for sentences."""
SENTENCE_WIDTH, SENTENCE_LINES = 780, 4
"""CSS pixels that all columns of a wide figure have, and lines of a sentence."""
LETTER_WIDTH = 7.6
TITLE_SIZE = 14
STEP_PERCENT = 5
"""The colour bar ends at multiples of this."""


def matrix_height(rows: int, published: bool) -> int:
    """Height of the figure in CSS pixels."""
    return ABOVE + BELOW + rows * _cell_height(published)


def matrix_figure(
    cells: Sequence[Sequence[MatrixCell]], row_title: str, column_title: str, *, published: bool, drop: bool
) -> Figure:
    """Heat map of the accuracies, or of the drops against the diagonal.

    Args:
        cells: [row][column].
        row_title: what the rows are.
        column_title: what the columns are.
        published: whether cells show published values too.
        drop: whether cells show points against their row's diagonal.
    """
    values = [[_value(cell, drop) for cell in row] for row in cells]
    numbers = [value for row in values for value in row if value is not None]
    low, high = _ends(numbers, drop)
    stops = DIVERGING if drop else CIVIDIS
    annotations, shapes = [], []
    for y, row in enumerate(cells):
        for x, cell in enumerate(row):
            value = values[y][x]
            colour = palette.TEXT
            if value is not None:
                colour = text_on(colour_at(stops, (value - low) / (high - low)))
            wide, narrow = _cell_text(cell, value, len(row), published=published, drop=drop)
            annotations.append(_annotation(x, y, wide, narrow, colour))
            if cell.step:
                shapes.append(_frame(x, y))
    rows, columns = len(cells), len(cells[0])
    layout: dict[str, object] = {
        "xaxis": {
            **_axis([cell.column for cell in cells[0]], column_title),
            "side": "top",
            "range": [-0.5, columns - 0.5],
        },
        "yaxis": {
            **_axis([row[0].row for row in cells], row_title),
            "range": [rows - 0.5, -0.5],
        },
        "margin": {"l": 10, "r": 6, "t": ABOVE, "b": BELOW},
        "meta": {"narrow": FULL_WIDTH},
        "annotations": annotations,
        "shapes": shapes,
        "hoverlabel": {"align": "left"},
    }
    traces = [] if not numbers else [_numbers(cells, values, low, high, stops, drop)]
    if any(value is None for row in values for value in row):
        traces.append(_missing(cells, values))
    return {"data": traces, "layout": layout}


def _value(cell: MatrixCell, drop: bool) -> float | None:
    if drop:
        return cell.drop
    return cell.entry.mean if cell.entry is not None else None


def _ends(numbers: Sequence[float], drop: bool) -> tuple[float, float]:
    """Ends of the colour scale: round numbers around all values, so that they seldom move."""
    if drop:
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


def _numbers(
    cells: Sequence[Sequence[MatrixCell]],
    values: Sequence[Sequence[float | None]],
    low: float,
    high: float,
    stops: Sequence[str],
    drop: bool,
) -> dict[str, object]:
    title = "points against the row's diagonal" if drop else "test accuracy, %"
    return {
        **_heatmap(cells, values),
        "colorscale": plotly_scale(stops),
        "zmin": low,
        "zmax": high,
        "hoverongaps": False,
        "colorbar": {
            "orientation": "h",
            "thickness": 12,
            "len": 0.9,
            "x": 0.5,
            "y": 0,
            "yref": "paper",
            "yanchor": "top",
            "ypad": 8,
            "outlinewidth": 0,
            "nticks": 6,
            "title": {"text": title, "side": "bottom", "font": {"size": TITLE_SIZE}},
        },
    }


def _missing(
    cells: Sequence[Sequence[MatrixCell]], values: Sequence[Sequence[float | None]]
) -> dict[str, object]:
    """Cells without a number: a trace of their own, so that they have a colour and can be hovered."""
    holes = [[0.0 if value is None else None for value in row] for row in values]
    flat = [[0, EMPTY], [1, EMPTY]]
    return {**_heatmap(cells, holes), "colorscale": flat, "showscale": False, "hoverongaps": False}


def _heatmap(
    cells: Sequence[Sequence[MatrixCell]], values: Sequence[Sequence[float | None]]
) -> dict[str, object]:
    return {
        "type": "heatmap",
        "z": [list(row) for row in values],
        "xgap": 3,
        "ygap": 3,
        "hovertext": [[_hover(cell) for cell in row] for row in cells],
        "hoverinfo": "text",
    }


def _hover(cell: MatrixCell) -> str:
    lines = [part for line in cell_lines(cell) for part in textwrap.wrap(line, HOVER_WIDTH)]
    first, *rest = (html.escape(line) for line in lines)
    return "<br>".join((f"<b>{first}</b>", *rest))


def _cell_text(
    cell: MatrixCell, value: float | None, columns: int, *, published: bool, drop: bool
) -> tuple[list[str], list[str]]:
    """Lines of a cell, where there is room and where there is little; the first is the largest."""
    wide: list[str] = []
    narrow: list[str] = []
    if value is not None:
        wide, narrow = _number_text(cell, value, drop)
    elif cell.entry is not None:
        wide = ["no diagonal" if not cell.has_diagonal else "diagonal to come"]
        narrow = ["–"]
    if cell.step:
        step = cell.step.replace("epoch ", "") if cell.training else cell.step
        wide = [*wide[:2], cell.step]
        narrow = [*narrow[:1], *textwrap.wrap(step.replace(" of ", "/"), 7)]
    elif cell.failure and cell.entry is None:
        letters = max(9, int(SENTENCE_WIDTH / columns / LETTER_WIDTH))
        wide = textwrap.wrap(cell.failure, letters, max_lines=SENTENCE_LINES, placeholder=" …")
        narrow = ["failed"]
    elif not wide:
        wide, narrow = ["–"], ["–"]
    if published and cell.published is not None and not drop:
        same = not cell.differences
        wide.append(f"paper {cell.published.value:.1f}" if same else f"published {cell.published.value:.1f}*")
        narrow.append(f"{cell.published.value:.1f}{'' if same else '*'}")
    return [html.escape(line) for line in wide], [html.escape(line) for line in narrow]


def _number_text(cell: MatrixCell, value: float, drop: bool) -> tuple[list[str], list[str]]:
    assert cell.entry is not None
    counts = cell.counts
    if drop:
        number = "0.0" if cell.diagonal else signed(value)
        return [number, f"({cell.entry.mean:.1f} %)", f"n = {counts}"], [number, counts.replace(" ", "")]
    spread = [f"± {cell.entry.std:.1f}"] if cell.entry.networks > 1 else []
    return [f"{value:.1f}", *spread, f"n = {counts}"], [f"{value:.1f}", *spread, counts.replace(" ", "")]


def _annotation(x: int, y: int, wide: Sequence[str], narrow: Sequence[str], colour: str) -> dict[str, object]:
    return {
        "x": x,
        "y": y,
        "text": _joined_lines(wide, LARGER),
        "narrow": {"text": _joined_lines(narrow, 1)},
        "showarrow": False,
        "font": {"color": colour},
        "captureevents": False,
    }


def _joined_lines(lines: Sequence[str], larger: float) -> str:
    first, *rest = lines
    number = first[:1] in "0123456789+−"
    head = f'<b><span style="font-size:{larger}em">{first}</span></b>' if number else first
    return "<br>".join((head, *rest))


def _frame(x: int, y: int) -> dict[str, object]:
    """Frame around the cell that is being computed."""
    inside = 0.485
    return {
        "type": "rect",
        **{"x0": x - inside, "x1": x + inside, "y0": y - inside, "y1": y + inside},
        "line": {"color": FRAME, "width": 4},
    }


def _axis(names: Sequence[str], title: str) -> dict[str, object]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [html.escape(name).replace("ResNet-18 AP", "ResNet-18<br>AP") for name in names],
        "title": {"text": html.escape(title), "standoff": 6},
        "showgrid": False,
        "showline": False,
        "ticks": "",
    }


def _cell_height(published: bool) -> int:
    return CELL_ROOM + LINE_HEIGHT * (4 if published else 3) + 4
