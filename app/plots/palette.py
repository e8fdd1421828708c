"""Colours of all figures, as names that the browser resolves: a figure is built once for both themes.

The live figure looks the names (`series(2)`, `TEXT`) up in the page's theme when it draws. The colours are in
.streamlit/config.toml. Those of series start from Okabe and Ito's, darkened or lightened to at least 3:1
against the page and kept apart for readers without red or green cones (tests/app/plots/test_palette.py).
"""

SERIES = 10
"""Number of series that colour tells apart."""
TEXT = "var(--st-text-color)"
BACKDROP = "var(--st-background-color)"
PANEL = "var(--st-secondary-background-color)"
ACCENT = "var(--st-primary-color)"
REST = "rgba(128, 128, 128, 0.6)"
"""Colour of what lies beyond the palette, or in none of the series."""


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
