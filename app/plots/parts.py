"""Pieces that several figures of accuracies share. Must not import streamlit or torch."""

import html
import textwrap
from collections.abc import Mapping, Sequence

from app.plots import palette
from app.plots.loss import spread_apart
from dmcore.experiments.results import Entry

LABEL_HEIGHT = 19.0
"""CSS pixels kept between two labels at the line ends."""
LETTER_WIDTH = 7.4
"""CSS pixels of a letter, about."""
PERCENT = "test accuracy (%)"


def series_colour(index: int) -> str:
    """A colour of the palette; grey where it is used up."""
    return palette.series(index) if index < len(palette.LIGHT) else "rgba(128, 128, 128, 0.7)"


def wrapped_label(name: str, letters: int = 24) -> str:
    """A name on lines of so many letters, at most three, as plotly's own HTML."""
    lines = textwrap.wrap(name, letters, max_lines=3, placeholder=" …") or [""]
    return "<br>".join(map(html.escape, lines))


def label_margin(names: Sequence[str]) -> int:
    """CSS pixels right of a plot for names at the line ends."""
    return 28 + int(max((LETTER_WIDTH * len(name) for name in names), default=0))


def end_labels(
    ends: Mapping[str, tuple[float, str]], pixels_per_unit: float, highest: float, letters: int = 40
) -> list[dict[str, object]]:
    """A name right of the plot at each line's end, moved apart where lines meet.

    Args:
        ends: for each name its level on the axis and its colour.
        pixels_per_unit: CSS pixels for one unit of that axis.
        highest: where the axis ends: no name stands above it.
        letters: longer names are cut.
    """
    wanted = [level * pixels_per_unit for level, _ in ends.values()]
    places = capped_positions(spread_apart(wanted, LABEL_HEIGHT), highest * pixels_per_unit)
    return [
        {
            "text": f'<span style="color:{colour}"><b>—</b></span> {html.escape(cut(name, letters))}',
            **{"x": 1, "xref": "paper", "xanchor": "left", "xshift": 4, "align": "left", "showarrow": False},
            **{"y": level, "yref": "y", "yanchor": "middle", "yshift": free - place},
        }
        for (name, (level, colour)), place, free in zip(ends.items(), wanted, places, strict=True)
    ]


def capped_positions(places: Sequence[float], highest: float) -> list[float]:
    """The places, the upper ones moved down as far as is needed for none to be above `highest`."""
    moved = list(places)
    for index in sorted(range(len(moved)), key=moved.__getitem__, reverse=True):
        moved[index] = min(moved[index], highest)
        highest = moved[index] - LABEL_HEIGHT
    return moved


def mean_text(entry: Entry) -> str:
    """'79.4 ± 0.4'; of one network there is no deviation."""
    return f"{entry.mean:.1f}" if entry.networks == 1 else f"{entry.mean:.1f} ± {entry.std:.1f}"


def shortened(name: str, letters: int) -> str:
    """At most so many letters."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"


def padded_range(values: Sequence[float], share: float = 0.06, least: float = 1.0) -> tuple[float, float]:
    """From the lowest to the highest, with some room around."""
    if not values:
        return 0.0, 100.0
    low, high = min(values), max(values)
    room = max(share * (high - low), least)
    return low - room, high + room
