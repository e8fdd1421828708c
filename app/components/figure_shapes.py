"""Shapes of small figures: marks of the app's encoding, lines and labels; colours are the design tokens.

Coordinates are CSS pixels of a figure `WIDTH` wide; the style sheet keeps its text at 13 px or more.
"""

import math
from collections.abc import Iterable, Sequence

from app.components.small_figure import Shape

WIDTH = 280.0
LETTER = 7.0
"""Mean width of a letter of 13 px."""
LINE = 14.0
"""Distance of two labels below each other."""
METHOD_COLOURS = {
    "Random": "random",
    "Mean image": "mean",
    "Herding": "herding",
    "k-center": "kcenter",
    "k-means": "kmeans",
    "Forgetting": "forgetting",
    "DC": "dc",
    "DSA": "dsa",
    "DM": "dm",
    "Whole set": "whole",
}


def colour_of(method: str) -> str:
    """Colour of a method, as a name that the browser resolves; that of quiet text for others."""
    return f"var(--{METHOD_COLOURS.get(method, 'ink-2')})"


def text(
    x: float, y: float, words: str, anchor: str = "start", style: str = "", colour: str | None = None
) -> Shape:
    """Text at a baseline; style `q` is quiet, `v` a value, `m` a name in its method's colour."""
    attributes = {"x": f"{x:.1f}", "y": f"{y:.1f}", "text-anchor": anchor, "class": style}
    if colour is not None:
        attributes["style"] = f"fill:{colour}"
    return Shape("text", attributes, words)


def line(
    points: Sequence[tuple[float, float]], colour: str, width: float = 1.0, dashed: bool = False
) -> Shape:
    """Line through points."""
    path = "".join(f"{'L' if index else 'M'}{x:.1f} {y:.1f}" for index, (x, y) in enumerate(points))
    attributes = {"d": path, "fill": "none", "style": f"stroke:{colour}", "stroke-width": f"{width:g}"}
    return Shape("path", attributes | ({"stroke-dasharray": "4 3"} if dashed else {}))


def mark(method: str, x: float, y: float, size: float = 4.0, *, full: bool = True, title: str = "") -> Shape:
    """Mark of a method: DM a star, random real images hollow, the whole set a dashed tick, others dots.

    Args:
        method: its name for people.
        x: of its centre.
        y: of its centre.
        size: radius of a dot.
        full: whether it ran here; else it is drawn thin.
        title: shown on hover.
    """
    colour = colour_of(method)
    fill = colour if full and method != "Random" else "var(--bg)"
    paint = {"style": f"fill:{fill};stroke:{colour}", "stroke-width": "1.3"}
    if method == "Whole set":
        tick = line([(x, y - 9), (x, y + 9)], colour, 1.5, dashed=True)
        return tick._replace(title=title)
    if method == "DM":
        return Shape("path", {"d": _star(x, y, size + 3)} | paint, title=title)
    circle = {"cx": f"{x:.1f}", "cy": f"{y:.1f}", "r": f"{size - 0.5:.1f}"}
    return Shape("circle", circle | paint, title=title)


def spread(labels: Iterable[tuple[float, str, str]], gap: float = LINE) -> list[tuple[float, str, str]]:
    """Move labels (y, text, colour) apart, so that none is on another; from above down."""
    placed: list[tuple[float, str, str]] = []
    for y, words, colour in sorted(labels):
        placed.append((max(y, placed[-1][0] + gap) if placed else y, words, colour))
    return placed


def _star(x: float, y: float, radius: float) -> str:
    corners = []
    for corner in range(10):
        angle, reach = math.pi * (corner / 5 - 0.5), radius if corner % 2 == 0 else 0.45 * radius
        corners.append(f"{x + reach * math.cos(angle):.1f} {y + reach * math.sin(angle):.1f}")
    return f"M{'L'.join(corners)}Z"
