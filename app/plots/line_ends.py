"""Direct labels: the name of each line at its right end, moved apart where lines meet; shortened names."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.plots.axis import html_lines
from app.plots.tokens import size

LABEL_HEIGHT = size("text-line")
"""CSS pixels kept between two labels at the line ends."""
NAME_LETTERS = 40
"""Letters of a name at a line's end, at most."""
NARROW_LETTERS = 18
"""The same where the figure is narrow."""


@dataclass(frozen=True)
class LineEnd:
    """Right end of a line: its name, its level on the vertical axis and its colour."""

    name: str
    level: float
    """In the axis's own units; in powers of ten where the axis is logarithmic."""
    colour: str


def label_margin(ends: Sequence[LineEnd], letters: int = NAME_LETTERS) -> int:
    """CSS pixels right of a plot that the names at the line ends need, of at most so many letters."""
    return 28 + int(max((size("letter") * min(letters, len(end.name)) for end in ends), default=0))


def end_labels(
    ends: Sequence[LineEnd], pixels_per_unit: float, highest: float, letters: int = NAME_LETTERS
) -> list[dict[str, object]]:
    """Plotly annotations: a name right of the plot at each line's end, behind a dash in the line's colour.

    Args:
        ends: the lines' ends, in the order in which the labels are listed.
        pixels_per_unit: CSS pixels of the vertical axis for each unit, or for each power of ten.
        highest: level that no label stands above.
        letters: longer names are shortened.
    """
    positions = [end.level * pixels_per_unit for end in ends]
    moved = capped_positions(spread_apart(positions, LABEL_HEIGHT), highest * pixels_per_unit)
    return [
        {
            "text": _name(end, letters),
            "narrow": {"text": _name(end, min(letters, NARROW_LETTERS))},
            **{"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4, "align": "left", "showarrow": False},
            **{"y": end.level, "yref": "y", "yanchor": "middle", "yshift": new - position},
        }
        for end, position, new in zip(ends, positions, moved, strict=True)
    ]


def _name(end: LineEnd, letters: int) -> str:
    return coloured_sign("—", end.colour) + html_lines(shortened(end.name, letters))


def coloured_sign(sign: str, colour: str) -> str:
    """Sign before a name in the colour of what it names, as plotly's HTML."""
    return f'<span style="color:{colour}"><b>{sign}</b></span> '


def spread_apart(positions: Sequence[float], gap: float) -> list[float]:
    """The positions moved as little as is needed for each two to be `gap` apart, in their order.

    Of two that nearly meet the first stands above the second, however they cross: names do not jump.
    """
    order = sorted(range(len(positions)), key=positions.__getitem__)
    for _ in order:
        for at, (low, high) in enumerate(pairwise(order)):
            if low < high and positions[high] - positions[low] < gap / 2:
                order[at : at + 2] = high, low
                break
    groups: list[list[int]] = []
    for index in order:
        groups.append([index])
        while len(groups) > 1:
            (lower, upper) = (_centred(group, positions, gap) for group in groups[-2:])
            if upper[0] - lower[-1] >= gap - 1e-9:
                break
            groups[-2:] = [groups[-2] + groups[-1]]
    moved = dict(
        pair for group in groups for pair in zip(group, _centred(group, positions, gap), strict=True)
    )
    return [moved[index] for index in range(len(positions))]


def capped_positions(positions: Sequence[float], highest: float) -> list[float]:
    """The positions, the upper ones moved down as far as is needed for none to be above `highest`."""
    moved = list(positions)
    for index in sorted(range(len(moved)), key=moved.__getitem__, reverse=True):
        moved[index] = min(moved[index], highest)
        highest = moved[index] - LABEL_HEIGHT
    return moved


def wrapped_label(name: str, letters: int = 24) -> str:
    """Wrap a name into at most three lines of so many letters."""
    return "\n".join(textwrap.wrap(name, letters, max_lines=3, placeholder=" …"))


def shortened(name: str, letters: int) -> str:
    """Cut a name to at most so many letters, with an ellipsis."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"


def _centred(group: list[int], positions: Sequence[float], gap: float) -> list[float]:
    """Positions of a group that is `gap` apart around its mean."""
    middle = sum(positions[index] for index in group) / len(group)
    return [middle + (rank - (len(group) - 1) / 2) * gap for rank in range(len(group))]
