"""Texts of a figure as plotly's annotations: in the plot, in lines above it, and beside it in its margins."""

from collections.abc import Sequence

from app.plots import palette
from app.plots.axis import html_lines
from app.plots.tokens import size

NARROW = 560
"""CSS pixels of a figure below which texts beside it may say less."""


class Annotations:
    """Texts of a figure in the making; those above the plot stand in rows, counted upwards."""

    def __init__(self) -> None:
        """Begin without any."""
        self.entries: list[dict[str, object]] = []
        self.rows_above = 0
        self.margin: dict[str, float] = {}
        """CSS pixels left and right of the plot, where texts beside it need them."""
        self.narrow_margin: dict[str, float] = {}
        """The same where the figure is narrow."""

    @property
    def meta(self) -> dict[str, object]:
        """What the live figure does where the figure is narrow."""
        return {"narrow": NARROW, "margin": self.narrow_margin} if self.narrow_margin else {}

    def note(self, text: str, x: float, y: float, before: str = "", **place: object) -> None:
        """Text, on the whole figure's axes unless told otherwise; on the page's colour, to be read."""
        usual = {"xref": "paper", "yref": "paper", "xanchor": "left", "align": "left", "showarrow": False}
        behind = {"bgcolor": palette.BACKDROP, "opacity": 0.9, "borderpad": 1}
        self.entries.append({"text": before + html_lines(text), "x": x, "y": y} | usual | behind | place)

    def above(self, text: str, row: int, before: str = "") -> None:
        """Line of text above the plot, from its left."""
        self._above(text, row, 0, before)

    def above_level(self, text: str, at: float, *, before_it: bool) -> None:
        """Name of a vertical line in the next row above the plot; ends at the line, or begins there."""
        side, shift = ("right", 4) if before_it else ("left", -4)
        self._above(text, self.rows_above, at, xref="x", xanchor=side, xshift=shift)

    def keep_beside(self, left: float, right: float, narrow: float) -> None:
        """Keep room for texts beside the plot, in CSS pixels; `narrow` is that right of a narrow figure."""
        self.margin = {"l": left, "r": right}
        self.narrow_margin = {"r": narrow}

    def left(
        self, text: str, y: float | None, gap: float, colour: str, *, strong: bool = False, hover: str = ""
    ) -> None:
        """Text that ends `gap` CSS pixels left of the plot, at a level or, without one, above the plot.

        Args:
            text: what stands there; nothing for an empty one.
            y: level; without one it stands above the plot.
            gap: CSS pixels.
            colour: of the text.
            strong: whether it stands out.
            hover: all of a shortened text, shown on hover.
        """
        if text:
            place = {"x": 0, "xanchor": "right", "xshift": -gap, "align": "right"}
            self._beside(text, y, place | ({"hovertext": html_lines(hover)} if hover else {}), colour, strong)

    def right(
        self,
        text: str,
        y: float | None,
        colour: str,
        *,
        strong: bool = False,
        after: str = "",
        narrow: str = "",
    ) -> None:
        """Text at the right edge of the room right of the plot, with a quiet one `after` it.

        Args:
            text: what stands there.
            y: level; without one it stands above the plot.
            colour: of the text.
            strong: whether it stands out.
            after: what follows quietly.
            narrow: what is written instead, all of it, where the figure is narrow.
        """
        place: dict[str, object] = {"x": 1, "xanchor": "right", "xshift": self.margin["r"], "align": "right"}
        self._beside(text, y, place, colour, strong)
        entry = self.entries[-1]
        if after:
            quiet = f'<span style="color:{palette.QUIET_TEXT}">{html_lines(after)}</span>'
            entry["text"] = f"{entry['text']}{quiet}"
        instead = {"text": _marked(narrow, strong)} if narrow else {}
        entry["narrow"] = {"xshift": self.narrow_margin["r"]} | instead

    def _beside(
        self, text: str, y: float | None, place: dict[str, object], colour: str, strong: bool
    ) -> None:
        if y is None:
            self.rows_above = max(self.rows_above, 1)
            level: dict[str, object] = {"y": 1, "yref": "paper", "yanchor": "bottom", "yshift": 4}
        else:
            level = {"y": y, "yref": "y", "yanchor": "middle"}
        entry = {"text": _marked(text, strong), "showarrow": False, "xref": "paper"} | place | level
        self.entries.append(entry | {"font": {"color": colour}})

    def _above(self, text: str, row: int, x: float, before: str = "", **place: object) -> None:
        self.rows_above = max(self.rows_above, row + 1)
        shift = 4 + row * size("text-line")
        self.note(text, x, 1, before, yanchor="bottom", yshift=shift, **place)


def widest(labels: Sequence[str]) -> float:
    """CSS pixels of the longest line of some labels."""
    return max((len(line) for label in labels for line in label.split("\n")), default=0) * size("letter")


def _marked(text: str, strong: bool) -> str:
    return f"<b>{html_lines(text)}</b>" if strong else html_lines(text)
