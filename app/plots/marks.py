"""Marks of figures as plotly has them: lines, and markers that are full or hollow."""

from typing import Literal

from app.plots import palette
from app.plots.tokens import size

Mark = Literal["dot", "point", "mean"]
"""Marker of one of many values, of a value on a line, of a mean."""
OPEN = "-open"
"""Ending of plotly's hollow symbols."""
Dash = Literal["solid", "dash", "dot"]


def marker_style(mark: Mark, symbol: str, colour: str, *, alone: bool) -> dict[str, object]:
    """Style of the markers of a trace.

    Args:
        mark: what each stands for.
        symbol: of plotly; with `-open` hollow.
        colour: of the markers.
        alone: whether no line goes through them: dots of many values are then faint.
    """
    style: dict[str, object] = {"color": colour, "size": size(mark), "symbol": symbol}
    if symbol.startswith("star"):
        style["size"] = size(mark) * size("star")
    if symbol.endswith(OPEN):
        style["line"] = {"color": colour, "width": size("thin")}
    elif mark == "mean":
        style["line"] = {"color": palette.BACKDROP, "width": size("outline")}
    if alone and mark == "dot":
        style["opacity"] = size("faint")
    return style


def line_style(colour: str, dash: Dash, *, thin: bool) -> dict[str, object]:
    """Style of a line; `thin` stands back."""
    return {"color": colour, "width": size("thin" if thin else "line"), "dash": dash}
