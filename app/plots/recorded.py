"""Figures of recorded results: thin and hollow, as everything that was not computed here."""

from app.plots.figure import Figure
from app.plots.marks import OPEN
from app.plots.tokens import size


def drawn_thin(figure: Figure) -> Figure:
    """A figure with hollow markers and thin lines; heat maps and dots of single networks stay as they are."""
    data = figure["data"]
    assert isinstance(data, list)
    return figure | {"data": [_thin(trace) for trace in data]}


def _thin(trace: dict[str, object]) -> dict[str, object]:
    if trace["type"] != "scatter":
        return trace
    thin: dict[str, object] = {}
    line, marker = trace.get("line"), trace.get("marker")
    if isinstance(line, dict) and line.get("width"):
        thin["line"] = line | {"width": size("thin")}
    if isinstance(marker, dict) and marker.get("size") != size("dot"):
        symbol = str(marker.get("symbol", "circle")).removesuffix(OPEN)
        thin["marker"] = marker | {"symbol": symbol + OPEN, "line": {"width": size("thin")}}
    return trace | thin
