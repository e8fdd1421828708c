"""Parts that several figures of accuracies share: colours, wrapped names, axis range, text of a mean."""

import html
import textwrap
from collections.abc import Sequence

from app.plots import palette
from dmcore.experiments.results import TableEntry

PERCENT = "test accuracy (%)"


def series_colour(index: int) -> str:
    """Colour of a series by its index; grey beyond the palette."""
    return palette.series(index) if index < len(palette.LIGHT) else "rgba(128, 128, 128, 0.7)"


def wrapped_label(name: str, letters: int = 24) -> str:
    """Wrap a name into at most three lines of so many letters, as plotly's own HTML."""
    lines = textwrap.wrap(name, letters, max_lines=3, placeholder=" …") or [""]
    return "<br>".join(map(html.escape, lines))


def mean_text(entry: TableEntry) -> str:
    """Format a mean and its deviation: '79.4 ± 0.4'; of one network there is no deviation."""
    return f"{entry.mean:.1f}" if entry.networks == 1 else f"{entry.mean:.1f} ± {entry.std:.1f}"


def shortened(name: str, letters: int) -> str:
    """Cut a name to at most so many letters, with an ellipsis."""
    return name if len(name) <= letters else f"{name[: letters - 1].rstrip()}…"


def padded_range(values: Sequence[float], share: float = 0.06, least: float = 1.0) -> tuple[float, float]:
    """Axis range from the lowest to the highest value, with some room around."""
    if not values:
        return 0.0, 100.0
    low, high = min(values), max(values)
    room = max(share * (high - low), least)
    return low - room, high + room
