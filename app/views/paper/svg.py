"""Small figures as SVG text: marks of the app's encoding, lines and labels; colours are the design tokens.

Coordinates are CSS pixels of a figure `WIDTH` wide; the style sheet keeps its text at 13 px or more.
"""

import html
import math
from collections.abc import Iterable, Sequence

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
) -> str:
    """Text at a baseline; style `q` is quiet, `v` a value, `m` a name in its method's colour."""
    fill = f' style="fill:{colour}"' if colour else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{style}"{fill}>'
        f"{html.escape(words)}</text>"
    )


def line(points: Sequence[tuple[float, float]], colour: str, width: float = 1.0, dashed: bool = False) -> str:
    """Line through points."""
    path = "".join(f"{'L' if index else 'M'}{x:.1f} {y:.1f}" for index, (x, y) in enumerate(points))
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width:g}"{dash}/>'


def mark(method: str, x: float, y: float, size: float = 4.0, *, full: bool = True, title: str = "") -> str:
    """Mark of a method: DM a star, random real images hollow, the whole set a dashed tick, others dots.

    Args:
        method: its name for people.
        x: of its centre.
        y: of its centre.
        size: radius of a dot.
        full: whether it ran here; else it is drawn thin.
        title: shown on hover.
    """
    colour, hover = colour_of(method), f"<title>{html.escape(title)}</title>" if title else ""
    fill = colour if full else "var(--bg)"
    paint = f'fill="{fill}" stroke="{colour}" stroke-width="1.2"'
    if method == "Whole set":
        path = f"M{x:.1f} {y - 9:.1f}V{y + 9:.1f}"
        return f'<g>{hover}<path d="{path}" stroke="{colour}" stroke-width="1.5" stroke-dasharray="4 3"/></g>'
    if method == "DM":
        return f'<g>{hover}<path d="{_star(x, y, size + 3)}" {paint}/></g>'
    hollow = method == "Random" or not full
    inner = f'fill="var(--bg)" stroke="{colour}" stroke-width="1.4"' if hollow else paint
    return f'<g>{hover}<circle cx="{x:.1f}" cy="{y:.1f}" r="{size - 0.5:.1f}" {inner}/></g>'


def spread(labels: Iterable[tuple[float, str, str]], gap: float = LINE) -> list[tuple[float, str, str]]:
    """Move labels (y, text, colour) apart, so that none is on another; from above down."""
    placed: list[tuple[float, str, str]] = []
    for y, words, colour in sorted(labels):
        placed.append((max(y, placed[-1][0] + gap) if placed else y, words, colour))
    return placed


def svg(content: str, height: float, name: str) -> str:
    """A figure with its accessible name."""
    return (
        f'<svg viewBox="0 0 {WIDTH:g} {height:g}" role="img" aria-label="{html.escape(name, quote=True)}">'
        f"{content}</svg>"
    )


def _star(x: float, y: float, radius: float) -> str:
    corners = []
    for corner in range(10):
        angle, reach = math.pi * (corner / 5 - 0.5), radius if corner % 2 == 0 else 0.45 * radius
        corners.append(f"{x + reach * math.cos(angle):.1f} {y + reach * math.sin(angle):.1f}")
    return f"M{'L'.join(corners)}Z"
