"""Heat map with text in its cells; a cell without a number is grey and says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.plots import palette
from app.plots.axis import Axis, Interval, html_lines
from app.plots.colour_scales import plotly_scale
from app.plots.figure import Figure
from app.plots.tokens import size

NO_LINE = {"ticks": "", "showline": False}
"""The cells show where an axis is."""
NARROW = 640
"""CSS pixels of a figure below which its cells have little room."""


@dataclass(frozen=True)
class Cell:
    """Cell of a heat map."""

    value: float | None
    hover: str
    """What is said of it, in lines; the first stands out."""
    lines: Sequence[str] = ()
    """What is written in it."""
    narrow: Sequence[str] = ()
    """What is written instead where there is little room."""
    colour: str = palette.TEXT
    """Of the text."""
    at_work: bool = False
    """Whether it is being computed; then it is framed."""


def heat_map_figure(
    cells: Sequence[Sequence[Cell]],
    x: Axis,
    y: Axis,
    stops: Sequence[str],
    ends: Interval,
    *,
    bar: Literal["right", "below", ""] = "",
    title: str = "",
    gap: float = 1,
    above: float = 0,
    below: float = 0,
) -> Figure:
    """Draw the heat map.

    Args:
        cells: [row][column].
        x: axis of the columns.
        y: axis of the rows.
        stops: colours from the lower to the upper end.
        ends: values of the two ends.
        bar: where the bar of colours stands.
        title: of that bar.
        gap: CSS pixels between two cells.
        above: CSS pixels kept above the cells, for names.
        below: CSS pixels kept below them.
    """
    holes = [[0.0 if cell.value is None else None for cell in row] for row in cells]
    traces = []
    if any(hole is None for row in holes for hole in row):
        values = [[cell.value for cell in row] for row in cells]
        traces.append(_trace(cells, values, stops, ends, gap) | _colour_bar(bar, title))
    if any(hole is not None for row in holes for hole in row):
        traces.append(_trace(cells, holes, [palette.PANEL] * 2, (0, 1), gap))
    places = [(column, row, cell) for row, line in enumerate(cells) for column, cell in enumerate(line)]
    layout = {
        **{"xaxis": x.as_json(0, 0) | NO_LINE, "yaxis": y.as_json(0, 0) | NO_LINE},
        "hoverlabel": {"align": "left"},
        "margin": {
            "l": size("edge"),
            "r": size("edge"),
            "t": above or size("edge"),
            "b": below or size("edge"),
        },
        "meta": {"narrow": NARROW},
        "annotations": [_text(*place) for place in places if place[2].lines],
        "shapes": [_frame(column, row) for column, row, cell in places if cell.at_work],
    }
    return {"data": traces, "layout": layout}


def _trace(
    cells: Sequence[Sequence[Cell]],
    values: Sequence[Sequence[float | None]],
    stops: Sequence[str],
    ends: Interval,
    gap: float,
) -> dict[str, object]:
    return {
        **{"type": "heatmap", "z": values, "zmin": ends[0], "zmax": ends[1], "xgap": gap, "ygap": gap},
        "colorscale": plotly_scale(stops),
        "hovertext": [[_first_bold(cell.hover.split("\n")) for cell in row] for row in cells],
        **{"hoverinfo": "text", "hoverongaps": False, "showscale": False},
    }


def _colour_bar(place: Literal["right", "below", ""], title: str) -> dict[str, object]:
    below = {"orientation": "h", "len": 0.9, "x": 0.5, "y": 0, "yref": "paper", "yanchor": "top", "ypad": 8}
    return {
        "showscale": bool(place),
        "colorbar": {
            **{"thickness": 12, "outlinewidth": 0, "nticks": 6, **(below if place == "below" else {})},
            "title": {
                **{"text": title, "side": "bottom" if place == "below" else "top"},
                "font": {"size": size("text")},
            },
        },
    }


def _text(column: int, row: int, cell: Cell) -> dict[str, object]:
    """Annotation in a cell; where the figure is narrow, `narrow` replaces its text (live_figure.js)."""
    return {
        **{"x": column, "y": row, "text": _lines(cell.lines, size("cell-number"))},
        **({"narrow": {"text": _lines(cell.narrow)}} if cell.narrow else {}),
        **{"showarrow": False, "font": {"color": cell.colour}, "captureevents": False},
    }


def _lines(lines: Sequence[str], larger: float = 1.0) -> str:
    """Lines as plotly's HTML; a number above others stands out."""
    if len(lines) > 1 and lines[0][:1] in "0123456789+−":
        return _first_bold(lines, f' style="font-size:{larger}em"')
    return html_lines("\n".join(lines))


def _first_bold(lines: Sequence[str], style: str = "") -> str:
    first, *rest = map(html_lines, lines)
    return "<br>".join((f"<b><span{style}>{first}</span></b>", *rest))


def _frame(column: int, row: int) -> dict[str, object]:
    inside = 0.485
    return {
        "type": "rect",
        **{"x0": column - inside, "x1": column + inside, "y0": row - inside, "y1": row + inside},
        "line": {"color": palette.ACCENT, "width": size("frame")},
    }
