"""Colours that stand for numbers, the same in both themes, and the text that can be read on them.

Cividis looks the same to readers without red or green cones; the scale with a middle goes from orange over a
light grey to blue, which they tell apart too. Must not import streamlit, plotly or torch.
"""

from collections.abc import Sequence

CIVIDIS = (
    "#00224E", "#123570", "#3B496C", "#575D6D", "#707173",
    "#8A8678", "#A59C74", "#C3B369", "#E1CC55", "#FEE838",
)  # fmt: skip
"""From low to high."""
DIVERGING = (
    "#7A3500", "#B05A0A", "#D98B3D", "#F0C493", "#F2F2F2", "#A9CBE8", "#5B9BD0", "#1F6AAE", "#083F78",
)  # fmt: skip
"""From below over the middle to above."""
DARK_TEXT, LIGHT_TEXT = "#000000", "#FFFFFF"


def plotly_scale(stops: Sequence[str]) -> list[list[object]]:
    """The scale as plotly wants it."""
    return [[index / (len(stops) - 1), colour] for index, colour in enumerate(stops)]


def colour_at(stops: Sequence[str], share: float) -> str:
    """The colour at a share of the scale from 0 to 1, between its stops as plotly mixes them."""
    place = min(1.0, max(0.0, share)) * (len(stops) - 1)
    low = min(int(place), len(stops) - 2)
    mixed = (
        round(first + (place - low) * (second - first))
        for first, second in zip(_channels(stops[low]), _channels(stops[low + 1]), strict=True)
    )
    return "#" + "".join(f"{one:02X}" for one in mixed)


def text_on(colour: str) -> str:
    """Black or white, whichever is read more easily on this colour: at least 4.5 : 1 on any."""
    return max((DARK_TEXT, LIGHT_TEXT), key=lambda text: contrast(colour, text))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG measures it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (
        one / 255 / 12.92 if one <= 0.04045 * 255 else ((one / 255 + 0.055) / 1.055) ** 2.4
        for one in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[place : place + 2], 16) for place in (1, 3, 5))
