"""Small still figures as SVG, drawn by the browser from shapes: at once, in the theme's colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from app.components.scripts import declare_component

_FIGURES = declare_component("dm_small_figure", __file__)


class Shape(NamedTuple):
    """SVG element: a path, a circle, a rectangle or a text."""

    tag: str
    attributes: dict[str, str]
    words: str = ""
    """Of a text."""
    title: str = ""
    """Shown on hover; may be empty."""


@dataclass(frozen=True)
class SmallFigure:
    """Figure with its accessible name; lengths are CSS pixels of its own coordinates."""

    shapes: Sequence[Shape]
    width: float
    height: float
    name: str


def show_small_figures(key: str, figures: Sequence[SmallFigure], most: int = 400) -> None:
    """Draw figures below each other, as wide as there is room for, up to `most` CSS pixels."""
    _FIGURES(key=key, data={"figures": [vars(figure) for figure in figures], "most": most})
