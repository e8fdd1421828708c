"""Colours of all figures, as names that the browser resolves: a figure is built once for both themes.

The live figure looks the names (`series(2)`, `TEXT`) up in the page's theme when it draws. Methods, real and
synthetic have the colours of app/assets/tokens.css everywhere. Those of series are in .streamlit/config.toml;
they start from Okabe and Ito's, darkened or lightened to at least 3:1 against the page and kept apart for
readers without red or green cones (tests/app/plots/test_palette.py).
"""

from collections.abc import Sequence

SERIES = 10
"""Number of series that colour tells apart."""
TEXT = "var(--ink)"
QUIET_TEXT = "var(--ink-3)"
BACKDROP = "var(--bg)"
PANEL = "var(--raise)"
ACCENT = "var(--accent)"
REAL, SYNTHETIC = "var(--real)", "var(--synthetic)"
REST = "rgba(128, 128, 128, 0.6)"
"""Colour of what lies beyond the palette, or in none of the series."""
METHODS = {
    "DM": "var(--dm)",
    "DSA": "var(--dsa)",
    "DC": "var(--dc)",
    "Herding": "var(--herding)",
    "Random": "var(--random)",
    "Mean image": "var(--mean)",
    "k-center": "var(--kcenter)",
    "k-means": "var(--kmeans)",
    "Forgetting": "var(--forgetting)",
    "Whole set": "var(--whole)",
}
"""Colour of each method by the name that tables give it."""
_OTHERS = (3, 2, 4, 5, 6, 7, 8, 9)
"""Series that look like no method."""


def series(index: int) -> str:
    """Colour of a line, bar or set by its index, as a name that the live figure resolves.

    Raises:
        ValueError: beyond the palette; more than ten series are not told apart by colour.
    """
    if not 0 <= index < SERIES:
        raise ValueError(
            f"there are {SERIES} colours, not {index + 1}: draw the rest in grey and let some be picked"
        )
    return f"var(--dm-series-{index})"


def series_or_rest(index: int) -> str:
    """Colour of a series by its index; grey beyond the palette."""
    return series(index) if index < SERIES else REST


def set_colour(index: int) -> str:
    """Colour of a synthetic set of a run by its index: the first has that of DM; grey beyond the palette."""
    return METHODS["DM"] if index == 0 else series_or_rest(0 if index == 1 else index)


def row_colours(rows: Sequence[str]) -> dict[str, str]:
    """Colour of each row of a table: its method's own, else one of the series that look like no method.

    A row that names a method and more, such as "DM, batch norm", has the method's colour where no row before
    it has.
    """
    colours: dict[str, str] = {}
    others = iter(_OTHERS)
    for row in rows:
        own = METHODS.get(row) or METHODS.get(row.partition(",")[0])
        if own is None or own in colours.values():
            index = next(others, None)
            own = REST if index is None else series(index)
        colours[row] = own
    return colours
