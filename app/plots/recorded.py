"""Figures of recorded results: thin and hollow, as everything that was not computed here."""

from app.plots import palette
from app.plots.figure import Figure
from app.plots.marks import OPEN
from app.plots.tokens import size

CELL_OPACITY = 0.3
"""Of the colours of a heat map, whose cells a thin frame keeps apart."""
_HALF_CELL = 0.49


def drawn_thin(figure: Figure) -> Figure:
    """A figure with hollow markers and bars and thin lines; dots of single networks stay as they are.

    The cells of a heat map are pale in a thin frame, their text is the page's, and its bar of colours says
    that they are recorded.
    """
    data, layout = figure["data"], figure["layout"]
    assert isinstance(data, list)
    assert isinstance(layout, dict)
    thin = figure | {"data": [_thin(trace) for trace in data]}
    values = next((trace for trace in data if trace["type"] == "heatmap" and trace.get("showscale")), None)
    return thin if values is None else thin | {"layout": layout | _pale_layout(values, layout)}


def _thin(trace: dict[str, object]) -> dict[str, object]:
    if trace["type"] == "heatmap" and trace.get("showscale"):
        return trace | _pale(trace)
    if trace["type"] not in ("scatter", "bar"):
        return trace
    thin: dict[str, object] = {}
    line, marker = trace.get("line"), trace.get("marker")
    if isinstance(line, dict) and line.get("width"):
        thin["line"] = line | {"width": size("thin")}
    if isinstance(marker, dict) and trace["type"] == "bar":
        outline = {"width": size("thin"), "color": marker.get("color")}
        thin["marker"] = marker | {"color": "rgba(0,0,0,0)", "line": outline}
    elif isinstance(marker, dict) and marker.get("size") != size("dot"):
        symbol = str(marker.get("symbol", "circle")).removesuffix(OPEN)
        thin["marker"] = marker | {"symbol": symbol + OPEN, "line": {"width": size("thin")}}
    return trace | thin


def _pale(trace: dict[str, object]) -> dict[str, object]:
    """Of a heat map: pale cells, as pale a bar of colours, and the word on it."""
    bar, scale = trace.get("colorbar"), trace["colorscale"]
    assert isinstance(bar, dict)
    assert isinstance(scale, list)
    pale = [[share, _see_through(colour)] for share, colour in scale]
    return {"colorscale": pale, "colorbar": bar | {"title": _recorded(bar.get("title"))}}


def _see_through(colour: str) -> str:
    """A colour '#rrggbb' through which the page is seen."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red}, {green}, {blue}, {CELL_OPACITY})"


def _recorded(title: object) -> dict[str, object]:
    parts = title if isinstance(title, dict) else {}
    return parts | {"text": ", ".join(filter(None, (str(parts.get("text", "")), "recorded")))}


def _pale_layout(trace: dict[str, object], layout: dict[str, object]) -> dict[str, object]:
    """Of a heat map: text in the page's colour, and a frame around each cell that has a number."""
    rows, notes, shapes = trace["z"], layout.get("annotations") or [], layout.get("shapes") or []
    assert isinstance(rows, list)
    assert isinstance(notes, list)
    assert isinstance(shapes, list)
    frames = [
        {
            "type": "rect",
            **{"x0": column - _HALF_CELL, "x1": column + _HALF_CELL},
            **{"y0": row - _HALF_CELL, "y1": row + _HALF_CELL},
            "line": {"color": palette.QUIET_TEXT, "width": size("thin")},
        }
        for row, values in enumerate(rows)
        for column, value in enumerate(values)
        if value is not None
    ]
    text = [note | {"font": note.get("font", {}) | {"color": palette.TEXT}} for note in notes]
    return {"annotations": text, "shapes": [*shapes, *frames]}
