"""Wire format: fields of Python's values are the names that the components' JavaScript declares and reads."""

import re
from dataclasses import fields
from pathlib import Path

import pytest
from support.frames import unpack_pixels

import app.components
from app.components.augmentation.state import AugmentationState
from app.components.averaging.component import Averaging
from app.components.embedding.state import EmbeddingState
from app.components.front.component import Mark, Recording, Source
from app.components.image_grid import ImageGrid, Lane
from app.components.live_figure import LiveFigure
from app.components.live_line import LinePart, LiveLine
from app.components.matching.component import Matching
from app.components.plane.state import PlaneState
from app.components.pull.component import Pull
from app.components.pull.state import PullState
from app.components.random_network.sheet import ImageSheet
from app.components.star_map.values import PROJECTED, FeatureMap, Panel, pack_projection
from app.components.test_stream import component as test_stream
from app.components.timeline import Timeline
from dmcore.runs.recompute.matching_scene import LayerScene, MatchingScene
from dmcore.runs.recompute.matching_values import Epoch, LastLayerRow
from dmcore.runs.recompute.scene import UpdateScene

COMPONENTS = Path(app.components.__file__).parent
BRACES = r"\{(?:[^{}]|\{[^{}]*\})*\}"


def declared_in(file: str, name: str) -> set[str]:
    """Fields of an interface or typedef that are always there; those with `?` or brackets may be missing."""
    source = (COMPONENTS / file).read_text(encoding="utf-8")
    if file.endswith(".js"):
        typedef = re.search(rf"@typedef {{object}} {name}\n(.*?)\*/", source, re.DOTALL)
        assert typedef is not None, f"{file} declares no {name}"
        return set(re.findall(rf"^ \* @property {BRACES} (\w+)", typedef[1], re.MULTILINE))
    interface = re.search(
        rf"^interface {name}(?: extends (\w+))? {{(.*?)^}}", source, re.DOTALL | re.MULTILINE
    )
    assert interface is not None, f"{file} declares no {name}"
    inherited = declared_in(file, interface[1]) if interface[1] else set()
    return inherited | set(re.findall(r"^  (\w+): ", interface[2], re.MULTILINE))


def names_of(value: type) -> set[str]:
    return {field.name for field in fields(value)}


@pytest.mark.parametrize(
    ("file", "name", "sent"),
    [
        ("image_grid/types.d.ts", "PackedLane", names_of(Lane)),
        ("image_grid/types.d.ts", "Head", names_of(ImageGrid) | {"pickable"}),
        ("star_map/types.d.ts", "PanelStars", set(PROJECTED)),
        ("star_map/types.d.ts", "PanelHead", names_of(Panel)),
        ("star_map/types.d.ts", "MapHead", names_of(FeatureMap) | {"pickable"}),
        ("plane/types.d.ts", "PlaneState", names_of(PlaneState)),
        ("plane/types.d.ts", "PlaneData", names_of(PlaneState) | {"revealed", "guessed"}),
        ("pull/types.d.ts", "PackedScene", names_of(UpdateScene)),
        (
            "pull/types.d.ts",
            "PullHead",
            names_of(Pull) | {"state", "revealed", "page_keys", "remote", "below"},
        ),
        ("pull/types.d.ts", "PullState", names_of(PullState)),
        ("matching/types.d.ts", "MatchingHead", names_of(Matching)),
        ("matching/types.d.ts", "PackedMatching", names_of(MatchingScene)),
        ("matching/types.d.ts", "PackedLayer", names_of(LayerScene)),
        ("matching/types.d.ts", "LastLayerRow", names_of(LastLayerRow)),
        ("matching/types.d.ts", "Epoch", names_of(Epoch)),
        ("augmentation/types.d.ts", "AugmentationHead", {"sheet", "state", "revealed"}),
        ("augmentation/types.d.ts", "AugmentationState", names_of(AugmentationState)),
        ("averaging/types.d.ts", "Head", names_of(Averaging)),
        ("embedding/types.d.ts", "EmbeddingHead", {"sheet", "state", "revealed"}),
        ("embedding/types.d.ts", "EmbeddingState", names_of(EmbeddingState)),
        ("front/types.d.ts", "Mark", names_of(Mark)),
        ("front/types.d.ts", "RecordingHead", names_of(Recording)),
        ("front/types.d.ts", "Source", names_of(Source)),
        ("random_network/types.d.ts", "SheetHead", names_of(ImageSheet)),
        ("test_stream/types.d.ts", "Head", names_of(test_stream.TestStream)),
        ("test_stream/types.d.ts", "PackedLane", names_of(test_stream.Lane)),
        ("live_line.js", "Line", names_of(LiveLine)),
        ("live_figure.js", "FigureData", names_of(LiveFigure)),
        ("timeline.js", "TimelineData", names_of(Timeline)),
    ],
)
def test_what_python_sends_is_what_the_scripts_declare(file: str, name: str, sent: set[str]) -> None:
    assert declared_in(file, name) == sent


def test_every_component_with_types_of_its_own_is_compared() -> None:
    assert {file.parent.name for file in COMPONENTS.glob("*/types.d.ts")} == {
        *("augmentation", "averaging", "embedding", "front", "image_grid", "matching", "plane", "pull"),
        *("random_network", "star_map", "test_stream"),
    }


def test_parts_of_a_line_are_what_the_script_declares() -> None:
    source = (COMPONENTS / "live_line.js").read_text(encoding="utf-8")
    part = re.search(rf"@property {{({BRACES})\[\]}} parts", source)
    assert part is not None
    assert set(re.findall(r"(\w+):", part[1])) == names_of(LinePart)


def test_a_projection_has_what_the_script_declares() -> None:
    head, _ = unpack_pixels(pack_projection(0, "", (), []))
    assert head.keys() == declared_in("star_map/types.d.ts", "ProjectionHead") | {"behind"}
