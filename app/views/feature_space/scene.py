"""Scene of the feature map: the selection, and the component's value with panels, captions and addresses.

The page draws it once; the server's live addresses answer with newer projections.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from app.answers.question import Look
from app.components.image_grid import Pick
from app.components.star_map.values import FeatureMap, Panel, pack_projection
from app.jobs.run_view import RunView
from app.run.live import RUN
from app.views.feature_space.projection_values import (
    FEATURES,
    FRESH_PANEL,
    MAPS,
    CloudChoice,
    CloudProjection,
    JointProjection,
    RunProjection,
    SetProjection,
    StoredSet,
    cloud_choice,
)
from app.views.feature_space.projections import (
    fresh_images,
    joint_projection,
    newest_projection,
    stored_projection,
)
from app.views.feature_space.reference_sets import (
    FRESH,
    MAX_PANELS,
    REFERENCES,
    reference_projections,
    stored_reference_sets,
)
from app.views.feature_space.texts import alt_text, map_caption
from dmcore.runs.display import DisplayImages, images_at
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder

COLOURED = 10
PICKED_CLASSES = 8
ORIGIN_TITLES = {
    "condense": "Learned images",
    "select": "Selected real images",
    "import": "Imported images",
}
"""Title of a run's only set, by the run's origin."""
JOINT = "joint"


@dataclass(frozen=True)
class Scene:
    """Selection on the feature map: cloud, reference, iteration, and whether the map is a joint t-SNE."""

    choice: CloudChoice
    reference: str = FRESH
    """One of `REFERENCES`."""
    at: int | None = None
    """Iteration on screen; None: the newest."""
    other: str = ""
    """Id of the run that is the reference, if one is."""
    joint: bool = False
    """Whether real and synthetic images are mapped together; the choice's map then only serves metrics."""

    def as_query(self) -> dict[str, object]:
        """Query parameters of a live address for this scene."""
        kind = JOINT if self.joint else self.choice.map
        query = {"features": self.choice.features, "map": kind, "beside": self.reference}
        return query | ({} if self.at is None else {"at": self.at})

    @classmethod
    def of_query(cls, run: RunFolder, query: Mapping[str, str]) -> "Scene":
        """Parse the query parameters of a live address; invalid values become the defaults.

        Raises:
            ValueError: the run has no cloud.
        """
        features, kind = query.get("features", ""), query.get("map", "")
        reference, at = query.get("beside", FRESH), query.get("at", "")
        return cls.of(
            run,
            features if features in FEATURES else FEATURES[1],
            kind if kind in (*MAPS, JOINT) else MAPS[0],
            reference if reference in REFERENCES else FRESH,
            int(at) if at.isdecimal() else None,
        )

    @classmethod
    def of(
        cls, run: RunFolder, features: str, kind: str, reference: str, at: int | None, other: str = ""
    ) -> "Scene":
        """Create the scene of a run.

        Raises:
            ValueError: the run has no cloud.
        """
        choice = cloud_choice(run, features, "pca" if kind == JOINT else kind)
        return cls(choice, reference, at, other, kind == JOINT)

    def reference_sets(self, run: RunFolder) -> list[StoredSet]:
        """Reference sets of the scene that are stored sets."""
        return stored_reference_sets(run, self.reference, self.other, self.at)


def scene_projection(scene: Scene, run: RunFolder, patience: float = 0.0) -> Look[RunProjection]:
    """Projection of the scene; unknown before any images."""
    if scene.at is None:
        return newest_projection(scene.choice, run, patience)
    return stored_projection(scene.choice, run, scene.at, patience)


def set_panels(
    run: RunFolder,
    projection: RunProjection,
    images: Mapping[str, DisplayImages],
    start: RunProjection | None,
) -> list[Panel]:
    """Panels of the run's sets, as many as there is room for."""
    panels = []
    for item in run.sets[:MAX_PANELS]:
        projected = projection.sets.get(item.name)
        if projected is None:
            continue
        all_images = images.get(item.name)
        panels.append(
            _panel(
                item.name,
                set_title(run, item) if len(run.sets) > 1 else ORIGIN_TITLES[run.description.origin],
                projected,
                None if all_images is None else all_images[projected.label, projected.image],
                start.sets.get(item.name) if start is not None else None,
                moving=True,
            )
        )
    return panels


def reference_panels(
    scene: Scene, run: RunFolder, projection: RunProjection, joint: JointProjection | None
) -> list[Panel]:
    """Panels of the reference sets; empty while they are pending."""
    if len(run.sets) >= MAX_PANELS:
        return []
    if scene.reference == FRESH:
        fresh = fresh_images(scene.choice, max(projection.per_class, default=0)).value
        projected = None if fresh is None else fresh.projected
        if projected is not None and joint is not None:
            on_joint = joint.sets.get(FRESH_PANEL)
            images = projected.display_images
            projected = None if on_joint is None else replace(on_joint, display_images=images)
        if projected is None:
            return []
        title, kind = "As many random real images", "real, drawn at random"
        images = projected.display_images
        return [_panel(FRESH_PANEL, title, projected, images, None, moving=False, kind=kind)]
    panels = []
    for stored, projected in reference_projections(scene.choice, scene.reference_sets(run), joint):
        all_images = _images_of(stored)
        images = None if all_images is None else all_images[projected.label, projected.image]
        panels.append(_panel(stored.panel, stored.title, projected, images, None, moving=False))
    return panels


def _images_of(stored: StoredSet) -> DisplayImages | None:
    """Display images of a stored set; None where their file cannot be read."""
    try:
        return images_at(stored.run, stored.name, stored.iteration)
    except (ValueError, OSError):
        return None


def scene_joint_projection(scene: Scene, run: RunFolder, projection: RunProjection) -> Look[JointProjection]:
    """Joint t-SNE of the scene."""
    own = [StoredSet(run, name, projection.iteration) for name in run.set_names[:MAX_PANELS]]
    with_fresh = scene.reference == FRESH and len(run.sets) < MAX_PANELS
    fresh = max(projection.per_class, default=0) if with_fresh else 0
    return joint_projection(scene.choice, (*own, *scene.reference_sets(run)), fresh)


def with_joint_positions(
    run: RunFolder, cloud: CloudProjection, projection: RunProjection, joint: JointProjection
) -> tuple[CloudProjection, RunProjection]:
    """Replace the coordinates of a cloud and a projection by those of a joint t-SNE."""
    own = [StoredSet(run, name, projection.iteration) for name in run.set_names]
    sets = {stored.name: joint.sets[stored.panel] for stored in own if stored.panel in joint.sets}
    on_joint = replace(cloud, key=joint.key, positions=joint.positions, note=joint.note)
    return on_joint, replace(projection, sets=sets)


def references_pending(scene: Scene, run: RunFolder, projection: RunProjection) -> bool:
    """Ask for what else the page shows, fresh real images, start, reference sets; whether any is pending."""
    stored = [(reference.run, reference.iteration) for reference in scene.reference_sets(run)]
    if 0 in run.snapshots():
        stored.append((run, 0))
    looks = (  # all are asked for, also if the first is pending
        *(fresh_images(scene.choice, each) for each in projection.per_class),
        *(stored_projection(scene.choice, of_run, iteration) for of_run, iteration in stored),
    )
    return any(look.pending for look in looks)


def start_projection(choice: CloudChoice, run: RunFolder) -> RunProjection | None:
    """Projection of the initial images; None while it is pending or if iteration 0 is not stored."""
    return stored_projection(choice, run, 0).value if 0 in run.snapshots() else None


def build_feature_map(
    scene: Scene,
    run: RunFolder,
    view: RunView,
    cloud: CloudProjection,
    projection: RunProjection,
    *,
    coloured: Sequence[int],
    picked: Pick | None,
    starts: bool,
    height: int,
    joint: JointProjection | None = None,
) -> FeatureMap:
    """Build the value of the map component; cloud and projection are those of the joint t-SNE, if any."""
    start = start_projection(scene.choice, run) if starts else None
    panels = set_panels(run, projection, view.images, start)
    panels += reference_panels(scene, run, projection, joint)
    moving = scene.at is None and view.status.in_progress
    query = {"run": run.id, **scene.as_query(), "on": cloud.key}
    return FeatureMap(
        key=cloud.key,
        positions=cloud.positions,
        label=cloud.label,
        class_names=run.class_names,
        coloured=tuple(coloured),
        panels=panels,
        alt=alt_text(run, projection, len(cloud.label)),
        caption=map_caption(run, projection, cloud, moving),
        iteration=projection.iteration,
        source=RUN.address("placement", **query) if moving else "",
        subject=run.id,
        film="" if joint is not None else RUN.address("placements", **{**query, "at": ""}),
        thumbs=RUN.address("cloud", **{**query, "at": ""}),
        picked=picked,
        starts=starts,
        height=height,
    )


def pack_run_projection(
    run: RunFolder, view: RunView, cloud: CloudProjection, projection: RunProjection
) -> bytes:
    """Pack a newer projection for the browser."""
    panels = set_panels(run, projection, view.images, None)
    moving = view.status.in_progress
    return pack_projection(
        projection.iteration,
        alt_text(run, projection, len(cloud.label)),
        map_caption(run, projection, cloud, moving),
        panels,
        behind=projection.iteration != view.iteration,
    )


def _panel(
    name: str,
    title: str,
    projected: SetProjection,
    images: DisplayImages | None,
    start: SetProjection | None,
    moving: bool,
    kind: str = "synthetic",
) -> Panel:
    if start is not None and len(start.label) != len(projected.label):
        start = None  # other images than those of the start
    return Panel(
        name=name,
        title=title,
        positions=projected.positions,
        label=projected.label,
        image=projected.image,
        hover_images=None if images is None else np.ascontiguousarray(images),
        start=None if start is None else start.positions,
        kind=kind,
        moving=moving,
    )
