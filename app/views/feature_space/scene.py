"""What the feature map shows of a run at a moment, as values: panels, captions, addresses.

The page draws it once; the server's live addresses answer with newer placements. Must not import torch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from app.components.star_map.values import FeatureMap, Panel, pack_placement
from app.jobs.live_snapshot import DisplayImages
from app.jobs.manager import JobManager
from app.run.addresses import run_address
from app.run.run_view import RunView, stored_iterations
from app.text.set_labels import set_title
from app.views.feature_space.joint_tsne import JointProjection, joint_projection
from app.views.feature_space.projection_requests import fresh_projection, newest_projection, stored_projection
from app.views.feature_space.projection_values import (
    FEATURES,
    FRESH_PANEL,
    MAPS,
    CloudChoice,
    ProjectedCloud,
    ProjectedSet,
    RunProjection,
    cloud_choice,
)
from app.views.feature_space.reference_sets import (
    FRESH,
    MAX_PANELS,
    REFERENCES,
    StoredSet,
    reference_projections,
    stored_reference_sets,
)
from app.views.feature_space.texts import alt_text, map_caption, projected_per_class
from dmcore.runs.folder import RunFolder

COLOURED = 10
PICKED_CLASSES = 8
SHOWN = {"condense": "Condensed images", "select": "Selected real images", "import": "Imported images"}
"""What a run's only set is called, by where it came from."""
JOINT = "joint"


@dataclass(frozen=True)
class Scene:
    """What a person chose to look at."""

    choice: CloudChoice
    beside: str = FRESH
    at: int | None = None
    """Iteration looked back at; None: the newest."""
    other: str = ""
    """Id of the run that stands beside, if one does."""
    joint: bool = False
    """Whether real and synthetic images are mapped together; the choice's map then only serves numbers."""

    def as_query(self) -> dict[str, object]:
        """The same for a live address."""
        kind = JOINT if self.joint else self.choice.map
        asked = {"features": self.choice.features, "map": kind, "beside": self.beside}
        return asked | ({} if self.at is None else {"at": self.at})

    @classmethod
    def of_query(cls, run: RunFolder, asked: Mapping[str, str]) -> "Scene":
        """What an address asks for; what it says wrong is left at its usual value.

        Raises:
            ValueError: the run has no cloud.
        """
        features, kind = asked.get("features", ""), asked.get("map", "")
        beside, at = asked.get("beside", FRESH), asked.get("at", "")
        return cls.of(
            run,
            features if features in FEATURES else FEATURES[1],
            kind if kind in (*MAPS, JOINT) else MAPS[0],
            beside if beside in REFERENCES else FRESH,
            int(at) if at.isdecimal() else None,
        )

    @classmethod
    def of(
        cls, run: RunFolder, features: str, kind: str, beside: str, at: int | None, other: str = ""
    ) -> "Scene":
        """The scene of a run.

        Raises:
            ValueError: the run has no cloud.
        """
        choice = cloud_choice(run, features, "pca" if kind == JOINT else kind)
        return cls(choice, beside, at, other, kind == JOINT)

    def stored_reference_sets(self, run: RunFolder) -> list[StoredSet]:
        """Sets that stand beside the run's own."""
        return stored_reference_sets(run, self.beside, self.other, self.at)


def scene_projection(scene: Scene, run: RunFolder, manager: JobManager, patience: float = 0.0) -> object:
    """The placement that the scene shows: `RunProjection`, `Making`, `Failed`, or None before any images."""
    if scene.at is None:
        return newest_projection(scene.choice, run, manager, patience)
    return stored_projection(scene.choice, run, scene.at, patience)


def set_panels(
    run: RunFolder,
    placement: RunProjection,
    pictures: Mapping[str, DisplayImages],
    start: RunProjection | None,
) -> list[Panel]:
    """A panel for each of the run's sets, as many as there is room for."""
    panels = []
    for one in run.sets[:MAX_PANELS]:
        placed = placement.sets.get(one.name)
        if placed is None:
            continue
        began = start.sets.get(one.name) if start is not None else None
        shown = pictures.get(one.name)
        panels.append(
            _panel(
                one.name,
                set_title(run, one) if len(run.sets) > 1 else SHOWN[run.description.origin],
                placed,
                None if shown is None else shown[placed.label, placed.image],
                began,
                moving=True,
            )
        )
    return panels


def reference_panels(
    scene: Scene, run: RunFolder, placement: RunProjection, joint: JointProjection | None
) -> list[Panel]:
    """What stands beside the run's sets for comparison; nothing while it is not there yet."""
    if len(run.sets) >= MAX_PANELS:
        return []
    if scene.beside == FRESH:
        found = fresh_projection(scene.choice, max_projected_per_class(placement))
        placed = found[0] if isinstance(found, tuple) else None
        if placed is not None and joint is not None:
            there = joint.sets.get(FRESH_PANEL)
            placed = None if there is None else replace(there, pictures=placed.pictures)
        if placed is None:
            return []
        title, kind = "As many random real images", "real, drawn at random"
        return [_panel(FRESH_PANEL, title, placed, placed.pictures, None, moving=False, kind=kind)]
    panels = []
    beside = reference_projections(
        scene.choice, scene.stored_beside(run), joint.sets if joint is not None else None
    )
    for one, placed in beside:
        pictures = one.pictures()
        shown = None if pictures is None else pictures[placed.label, placed.image]
        panels.append(_panel(one.panel, one.title, placed, shown, None, moving=False))
    return panels


def max_projected_per_class(placement: RunProjection) -> int:
    """Images of each class in the largest set that is placed."""
    return max((projected_per_class(one) for one in placement.sets.values()), default=0)


def scene_joint_projection(scene: Scene, run: RunFolder, placement: RunProjection) -> object:
    """The joint map of the scene: `JointProjection`, `Making` or `Failed`."""
    own = [StoredSet(run, name, placement.iteration, "") for name in run.set_names[:MAX_PANELS]]
    fresh = max_projected_per_class(placement) if scene.beside == FRESH and len(run.sets) < MAX_PANELS else 0
    return joint_projection(scene.choice, [*own, *scene.stored_beside(run)], fresh)


def with_joint_positions(
    run: RunFolder, cloud: ProjectedCloud, placement: RunProjection, joint: JointProjection
) -> tuple[ProjectedCloud, RunProjection]:
    """Cloud and placement as they stand on a joint map."""
    own = [StoredSet(run, name, placement.iteration, "") for name in run.set_names]
    sets = {one.name: joint.sets[one.panel] for one in own if one.panel in joint.sets}
    mapped = replace(cloud, key=joint.key, positions=joint.positions, note=joint.note)
    return mapped, replace(placement, sets=sets)


def reference_requests(scene: Scene, run: RunFolder, placement: RunProjection) -> list[Callable[[], object]]:
    """What the page also shows, once it is there: fresh real images, the start, what stands beside."""
    counts = {projected_per_class(one) for one in placement.sets.values()}
    wants: list[Callable[[], object]] = [
        partial(fresh_projection, scene.choice, each) for each in sorted(counts)
    ]
    if stored_iterations(run)[:1] == [0]:
        wants.append(partial(stored_projection, scene.choice, run, 0))
    return [*wants, *(partial(one.placement, scene.choice) for one in scene.stored_beside(run))]


def start_projection(choice: CloudChoice, run: RunFolder, patience: float = 0.0) -> RunProjection | None:
    """Where the sets started, once that is known."""
    kept = stored_iterations(run)
    if not kept or kept[0] != 0:
        return None
    found = stored_projection(choice, run, 0, patience)
    return found if isinstance(found, RunProjection) else None


def build_feature_map(
    scene: Scene,
    run: RunFolder,
    view: RunView,
    cloud: ProjectedCloud,
    placement: RunProjection,
    *,
    coloured: Sequence[int],
    picked: tuple[str, int, int] | None,
    starts: bool,
    trails: int,
    height: int,
    joint: JointProjection | None = None,
) -> FeatureMap:
    """The whole map; cloud and placement are those of the joint map, if there is one."""
    start = start_projection(scene.choice, run) if starts else None
    panels = set_panels(run, placement, view.pictures, start)
    panels += reference_panels(scene, run, placement, joint)
    moving = scene.at is None and view.status in ("running", "paused", "stopping")
    asked = {**scene.as_query(), "on": cloud.key}
    return FeatureMap(
        key=cloud.key,
        x=cloud.positions[:, 0],
        y=cloud.positions[:, 1],
        label=cloud.label,
        class_names=run.class_names,
        coloured=tuple(coloured),
        panels=panels,
        alt=alt_text(run, placement, len(cloud.label)),
        caption=map_caption(run, placement, cloud, moving),
        iteration=placement.iteration,
        source=run_address(run.id, "placement", **asked) if moving else "",
        subject=run.id,
        film="" if joint is not None else run_address(run.id, "placements", **{**asked, "at": ""}),
        thumbs=run_address(run.id, "cloud", **{**asked, "at": ""}),
        picked=picked,
        trails=trails,
        starts=starts,
        height=height,
    )


def pack_run_projection(
    scene: Scene, run: RunFolder, view: RunView, cloud: ProjectedCloud, placement: RunProjection
) -> bytes:
    """A newer placement, as the browser's half reads it."""
    panels = set_panels(run, placement, view.pictures, None)
    moving = view.status in ("running", "paused", "stopping")
    return pack_placement(
        placement.iteration,
        alt_text(run, placement, len(cloud.label)),
        map_caption(run, placement, cloud, moving),
        panels,
        behind=placement.iteration != view.iteration,
    )


def _panel(
    name: str,
    title: str,
    placed: ProjectedSet,
    pictures: DisplayImages | None,
    began: ProjectedSet | None,
    moving: bool,
    kind: str = "synthetic",
) -> Panel:
    same = began is not None and len(began.label) == len(placed.label)
    return Panel(
        name=name,
        title=title,
        x=placed.place[:, 0],
        y=placed.place[:, 1],
        label=placed.label,
        image=placed.image,
        pictures=None if pictures is None else np.ascontiguousarray(pictures),
        start_x=began.place[:, 0] if same and began is not None else None,
        start_y=began.place[:, 1] if same and began is not None else None,
        kind=kind,
        moving=moving,
    )
