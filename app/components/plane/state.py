"""State of the planes as links name it, and as the browser reports it: every value is checked here."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

from app.components.reported_values import number_of, option_of

CLOUDS = ("ring", "moon", "clusters", "own")
NETWORKS = ("1", "4", "16", "new")
"""Planes by their number of networks; `new`: a new one at each step."""
BEHIND = ("nothing", "folds", "loss")
STARS, FEATURES, SEEDS = range(1, 21), range(2, 65), range(1000)
MOST_POINTS = 600
_PREFIX = "plane_"
_POINTS = re.compile(rf"[A-Za-z0-9_-]{{0,{-(-MOST_POINTS * 2 * 4 // 3)}}}")


@dataclass(frozen=True)
class PlaneState:
    """What the planes show; its fields are what the component's JavaScript reads."""

    cloud: str = "ring"
    """One of `CLOUDS`."""
    stars: int = 12
    """Number of stars, one of `STARS`."""
    features: int = 8
    """Features per network, one of `FEATURES`."""
    networks: tuple[str, ...] = NETWORKS
    """Planes that are shown, some of `NETWORKS`."""
    seed: int = 0
    """Seed of the networks."""
    behind: str = "nothing"
    """What is drawn behind the cloud: one of `BEHIND`."""
    points: str = ""
    """Points of the own cloud, as the component's editing.js writes them."""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "PlaneState":
        """Parse URL query parameters; invalid ones get their default."""
        values = {name: query[_PREFIX + name] for name in NAMES if _PREFIX + name in query}
        return cls.of_report({**values, "networks": values.get("networks", "").split(".")})

    @classmethod
    def of_report(cls, report: Mapping[str, object]) -> "PlaneState":
        """Parse what the browser reported; invalid values get their default."""
        default = cls()
        shown = report.get("networks")
        chosen = tuple(name for name in NETWORKS if isinstance(shown, list | tuple) and name in shown)
        points = report.get("points")
        return cls(
            option_of(report.get("cloud"), CLOUDS, default.cloud),
            number_of(report.get("stars"), STARS, default.stars),
            number_of(report.get("features"), FEATURES, default.features),
            chosen or default.networks,
            number_of(report.get("seed"), SEEDS, default.seed),
            option_of(report.get("behind"), BEHIND, default.behind),
            points if isinstance(points, str) and _has_points(points) else default.points,
        )

    def as_query(self) -> dict[str, str]:
        """All URL query parameters; the text of a default is empty."""
        default = PlaneState()
        texts = {**asdict(self), "networks": ".".join(self.networks)}
        return {
            _PREFIX + name: "" if getattr(self, name) == getattr(default, name) else str(texts[name])
            for name in NAMES
        }


NAMES = tuple(field.name for field in fields(PlaneState))
PARAMETERS = tuple(_PREFIX + name for name in NAMES)
"""Names of the URL query parameters."""


def _has_points(text: str) -> bool:
    """Whether it is base64 of at least two bytes: a point."""
    return bool(_POINTS.fullmatch(text)) and len(text) > 2 and len(text) % 4 != 1
