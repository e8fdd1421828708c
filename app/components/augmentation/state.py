"""State of the augmentation as links name it, and as the browser reports it: every value is checked here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields

from app.components.reported_values import number_of, option_of
from dmcore.config import ALL_OPERATIONS
from dmcore.data.fashion import CLASSES

ANY = "any"
"""One of the six operations, drawn each time, as in the paper."""
OPERATIONS = (ANY, *ALL_OPERATIONS)
LABELS, SEEDS = range(CLASSES), range(1000)
_PREFIX = "augmentation_"
_VALUES = re.compile(r"(-?[0-9]{1,2}(\.[0-9]{1,2})?)(_-?[0-9]{1,2}(\.[0-9]{1,2})?){0,2}")


@dataclass(frozen=True)
class AugmentationState:
    """What is augmented, and how; its fields are what the component's JavaScript reads."""

    label: int = 9
    """Class of the images, one of `LABELS`."""
    operation: str = ANY
    """One of `OPERATIONS`."""
    seed: int = 0
    """Seed of the network and of the draws."""
    real: str = ""
    """Parameters that a reader has set for the real images, joined by `_`; empty: drawn ones."""
    copies: str = ""
    """The same for the copies of the right side."""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "AugmentationState":
        """Parse URL query parameters; invalid ones get their default."""
        return cls.of_report({name: query[_PREFIX + name] for name in NAMES if _PREFIX + name in query})

    @classmethod
    def of_report(cls, report: Mapping[str, object]) -> "AugmentationState":
        """Parse what the browser reported; invalid values get their default."""
        default = cls()
        return cls(
            number_of(report.get("label"), LABELS, default.label),
            option_of(report.get("operation"), OPERATIONS, default.operation),
            number_of(report.get("seed"), SEEDS, default.seed),
            _values(report.get("real")),
            _values(report.get("copies")),
        )

    def as_query(self) -> dict[str, str]:
        """All URL query parameters; the text of a default is empty."""
        default = AugmentationState()
        return {
            _PREFIX + name: "" if getattr(self, name) == getattr(default, name) else str(getattr(self, name))
            for name in NAMES
        }


NAMES = tuple(field.name for field in fields(AugmentationState))
PARAMETERS = tuple(_PREFIX + name for name in NAMES)
"""Names of the URL query parameters."""


def _values(value: object) -> str:
    return value if isinstance(value, str) and _VALUES.fullmatch(value) else ""
