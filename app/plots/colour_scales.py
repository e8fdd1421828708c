"""Sequential and diverging colour scales, the same in both themes, and the text colour readable on them.

Cividis looks the same to readers without red or green cones; the diverging scale goes from blue over a
light grey to orange, which they tell apart too, as all signed pictures do.
"""

from collections.abc import Sequence

CIVIDIS = (
    "#00224E", "#123570", "#3B496C", "#575D6D", "#707173",
    "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838",
)  # fmt: skip
"""Sequential, from low to high."""
DIVERGING = (
    "#083F78", "#1F6AAE", "#5B9BD0", "#A9CBE8", "#F2F2F2", "#F0C493", "#D98B3D", "#B05A0A", "#7A3500",
)  # fmt: skip
"""From below zero over the middle to above."""
DARK_TEXT, LIGHT_TEXT = "#000000", "#FFFFFF"


def plotly_scale(stops: Sequence[str]) -> list[list[object]]:
    """Colour scale in plotly's format: [[share from 0 to 1, colour], …]."""
    return [[index / (len(stops) - 1), colour] for index, colour in enumerate(stops)]


def colour_at(stops: Sequence[str], share: float) -> str:
    """Colour at a share of the scale from 0 to 1, interpolated between its stops as plotly does."""
    position = min(1.0, max(0.0, share)) * (len(stops) - 1)
    low = min(int(position), len(stops) - 2)
    mixed = (
        round(first + (position - low) * (second - first))
        for first, second in zip(_channels(stops[low]), _channels(stops[low + 1]), strict=True)
    )
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def text_on(colour: str) -> str:
    """Text colour for a background: black or white, whichever has more contrast; at least 4.5 : 1 on any."""
    return max((DARK_TEXT, LIGHT_TEXT), key=lambda text: contrast(colour, text))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, 1 to 21, by WCAG."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 255 / 12.92 if channel <= 0.04045 * 255 else ((channel / 255 + 0.055) / 1.055) ** 2.4
        for channel in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[start : start + 2], 16) for start in (1, 3, 5))
