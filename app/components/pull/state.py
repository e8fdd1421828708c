"""State of the pull as links name it, and as the browser reports it: every value is checked here."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from app.components.reported_values import number_of

PHASES = range(1, 8)
"""1 draw a network, 2 draw real images, 3 augment both alike, 4 features, 5 distance, 6 gradient, 7 step."""
_PREFIX, _NUMBERS = "pull_", range(10_000)


@dataclass(frozen=True)
class PullState:
    """What the pull shows; its fields are what the component's JavaScript reads."""

    iteration: int = 0
    """Position of the iteration among those that are there."""
    phase: int = 0
    """One of `PHASES`, standing still; 0: it plays."""
    label: int = -1
    """The class; -1: the one that is shown first."""
    image: int = 0
    """Position of the real image whose feature maps are shown."""
    formula: int = 0
    """1: Algorithm 1 stands in symbols, 0: in words."""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "PullState":
        """Parse URL query parameters; invalid ones get their default."""
        return cls.of_report({name: query.get(_PREFIX + name) for name in NAMES})

    @classmethod
    def of_report(cls, report: Mapping[str, object]) -> "PullState":
        """Parse what the browser reported; invalid values get their default."""
        return cls(
            iteration=number_of(report.get("iteration"), _NUMBERS, 0),
            phase=number_of(report.get("phase"), PHASES, 0),
            label=number_of(report.get("label"), _NUMBERS, -1),
            image=number_of(report.get("image"), _NUMBERS, 0),
            formula=number_of(report.get("formula"), range(2), 0),
        )

    def as_query(self) -> dict[str, str]:
        """All URL query parameters; the text of a default is empty."""
        default = asdict(PullState())
        return {
            _PREFIX + name: "" if value == default[name] else str(value)
            for name, value in asdict(self).items()
        }


NAMES = tuple(field.name for field in fields(PullState))
PARAMETERS = tuple(_PREFIX + name for name in NAMES)
"""Names of the URL query parameters."""
