"""State of the chapter on averaging, as links name it: data set, images per class and class."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

PREFIX = "averaging_"
DATA = {"fashion": "Clothes", "digits": "Digits"}
"""Data sets by their name, and what they are called here."""
COUNTS = ("1", "10")
"""Images per class."""


@dataclass(frozen=True)
class AveragingState:
    """What is chosen; invalid parameters of the address get their default."""

    data: str = "fashion"
    """One of `DATA`."""
    images: str = "1"
    """One of `COUNTS`."""
    kind: str = ""
    """Name of a class; empty, or of another data set: the first choice of the chapter."""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "AveragingState":
        """Parse URL query parameters."""
        default = cls()
        data, images = query.get(f"{PREFIX}data", ""), query.get(f"{PREFIX}images", "")
        return cls(
            data if data in DATA else default.data,
            images if images in COUNTS else default.images,
            query.get(f"{PREFIX}kind", ""),
        )

    def as_query(self) -> dict[str, str]:
        """All URL query parameters; the text of a default is empty."""
        default = asdict(AveragingState())
        return {
            PREFIX + name: "" if value == default[name] else value for name, value in asdict(self).items()
        }


PARAMETERS = tuple(PREFIX + field.name for field in fields(AveragingState))
"""Names of the URL query parameters."""
