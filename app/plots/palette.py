"""Colour-blind-safe palette of all figures, one per theme, and colour names that the browser resolves.

A figure is built once for both themes: it names colours (`series(2)`, `TEXT`), and the live figure looks them
up in the page's theme when it draws. The palettes start from Okabe and Ito's, darkened or lightened to at
least 3:1 against the theme's background and kept apart for readers without red or green cones
(tests/app/plots/test_palette.py). They are also written in .streamlit/config.toml.
"""

from typing import Literal

LIGHT = (
    "#0067B1", "#D04A00", "#12936B", "#993377", "#7A5200",
    "#CC66FF", "#0A0A8F", "#7C8FA3", "#440055", "#1F2A1F",
)  # fmt: skip
DARK = (
    "#56B4E9", "#FF8A3C", "#2BC77F", "#FFBDEB", "#FFF04D",
    "#3D7BFF", "#BBFFFF", "#E0353B", "#9A8796", "#BB33CC",
)  # fmt: skip
BACKGROUND = {"light": "#FFFFFF", "dark": "#05070A"}

TEXT = "var(--st-text-color)"
GRID = "var(--st-border-color)"
BACKDROP = "var(--st-background-color)"


def series(index: int) -> str:
    """Colour of a line, bar or set by its index, as a name that the live figure resolves.

    Raises:
        ValueError: beyond the palette; more than ten series are not told apart by colour.
    """
    if not 0 <= index < len(LIGHT):
        raise ValueError(
            f"there are {len(LIGHT)} colours, not {index + 1}: draw the rest in grey and let some be picked"
        )
    return f"var(--dm-series-{index})"


def colours(theme: Literal["light", "dark"]) -> tuple[str, ...]:
    """Palette of a theme as hex colours, for images that are not drawn by the live figure."""
    return LIGHT if theme == "light" else DARK
