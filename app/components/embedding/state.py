"""State of the embedding as links name it, and as the browser reports it: every value is checked here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from app.components.random_network.sheet import PER_CLASS
from app.components.reported_values import number_of
from dmcore.data.fashion import CLASSES, SIDE

LABELS, IMAGES, SEEDS = range(CLASSES), range(PER_CLASS), range(1000)
_PREFIX = "embed_"
_DRAWING = re.compile(rf"[A-Za-z0-9_-]{{{-(-SIDE * SIDE // 2 * 4 // 3)}}}")


@dataclass(frozen=True)
class EmbeddingState:
    """What goes through which network; its fields are what the component's JavaScript reads."""

    label: int = 9
    """Class of the image, one of `LABELS`."""
    other: int = 8
    """Class that its class is compared with, another of `LABELS`."""
    image: int = 0
    """Image of the class, one of `IMAGES`."""
    seed: int = 0
    """Seed of the network."""
    drawing: str = ""
    """Pixels of a drawing, as the component's pixel_editing.js writes them; empty: an image of the class."""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "EmbeddingState":
        """Parse URL query parameters; invalid ones get their default."""
        return cls.of_report({name: query[_PREFIX + name] for name in NAMES if _PREFIX + name in query})

    @classmethod
    def of_report(cls, report: Mapping[str, object]) -> "EmbeddingState":
        """Parse what the browser reported; invalid values get their default."""
        default = cls()
        label = number_of(report.get("label"), LABELS, default.label)
        other = number_of(report.get("other"), LABELS, default.other)
        drawing = report.get("drawing")
        return cls(
            label,
            other if other != label else (label - 1) % CLASSES,
            number_of(report.get("image"), IMAGES, default.image),
            number_of(report.get("seed"), SEEDS, default.seed),
            drawing if isinstance(drawing, str) and _DRAWING.fullmatch(drawing) else default.drawing,
        )

    def as_query(self) -> dict[str, str]:
        """All URL query parameters; the text of a default is empty."""
        default = EmbeddingState()
        return {
            _PREFIX + name: "" if getattr(self, name) == getattr(default, name) else str(getattr(self, name))
            for name in NAMES
        }


NAMES = tuple(field.name for field in fields(EmbeddingState))
PARAMETERS = tuple(_PREFIX + name for name in NAMES)
"""Names of the URL query parameters."""
