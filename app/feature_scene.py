"""What the feature map shows of a run at a moment, as values: panels, captions, addresses.

The page draws it once; the server's live addresses answer with newer placements. Must not import torch.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from app.clouds import fresh_placement, newest_placement, stored_placement
from app.feature_words import MOST_PANELS, alt_of, caption_of, stars_each
from app.jobs import JobManager
from app.layers import start_pictures
from app.live import Pictures
from app.live_addresses import run_address
from app.placements import FEATURES, MAPS, CloudChoice, MadeCloud, PlacedSet, Placement, cloud_choice
from app.run_view import RunView, kept_iterations
from app.set_labels import lane_title
from app.star_map import FeatureMap, Panel, pack_placement
from dmcore.runs import RunFolder

COLOURED = 10
PICKED_CLASSES = 8
FRESH, STARTS = "as many random real images", "where they started"
ALONE = "nothing"
BESIDE_RUN = (FRESH, STARTS, ALONE)
"""What can stand beside a run's sets."""


@dataclass(frozen=True)
class Scene:
    """What a person chose to look at."""

    choice: CloudChoice
    beside: str = FRESH
    at: int | None = None
    """Iteration looked back at; None: the newest."""

    def as_query(self) -> dict[str, object]:
        """The same for a live address."""
        asked = {"features": self.choice.features, "map": self.choice.map, "beside": self.beside}
        return asked | ({} if self.at is None else {"at": self.at})

    @classmethod
    def of_query(cls, run: RunFolder, asked: Mapping[str, str]) -> "Scene":
        """What an address asks for; what it says wrong is left at its usual value.

        Raises:
            ValueError: the run has no cloud.
        """
        features, kind = asked.get("features", ""), asked.get("map", "")
        choice = cloud_choice(
            run, features if features in FEATURES else FEATURES[1], kind if kind in MAPS else MAPS[0]
        )
        beside, at = asked.get("beside", FRESH), asked.get("at", "")
        return cls(choice, beside if beside in BESIDE_RUN else FRESH, int(at) if at.isdecimal() else None)


def placement_of(scene: Scene, run: RunFolder, manager: JobManager, patience: float = 0.0) -> object:
    """The placement that the scene shows: `Placement`, `Making`, `Failed`, or None before any images."""
    if scene.at is None:
        return newest_placement(scene.choice, run, manager, patience)
    return stored_placement(scene.choice, run, scene.at, patience)


def set_panels(
    run: RunFolder, placement: Placement, pictures: Mapping[str, Pictures], start: Placement | None
) -> list[Panel]:
    """A panel for each of the run's sets, as many as there is room for."""
    panels = []
    for one in run.sets[:MOST_PANELS]:
        placed = placement.sets.get(one.name)
        if placed is None:
            continue
        began = start.sets.get(one.name) if start is not None else None
        shown = pictures.get(one.name)
        panels.append(
            _panel(
                one.name,
                lane_title(run, one) if len(run.sets) > 1 else "Condensed images",
                placed,
                None if shown is None else shown[placed.label, placed.image],
                began,
                moving=True,
            )
        )
    return panels


def still_panels(scene: Scene, run: RunFolder, placement: Placement, start: Placement | None) -> list[Panel]:
    """What stands beside the run's sets for comparison; nothing while it is not there yet."""
    largest = max(run.sets, key=lambda one: one.images_per_class)
    if len(run.sets) >= MOST_PANELS or largest.name not in placement.sets:
        return []
    if scene.beside == FRESH:
        found = fresh_placement(scene.choice, stars_each(placement.sets[largest.name]))
        if isinstance(found, tuple):
            placed = found[0]
            return [
                _panel(
                    "fresh",
                    "As many random real images",
                    placed,
                    placed.pictures,
                    None,
                    moving=False,
                    kind="real, drawn at random",
                )
            ]
    if scene.beside == STARTS and start is not None:
        placed, pictures = start.sets[largest.name], start_pictures(run).get(largest.name)
        shown = None if pictures is None else pictures[placed.label, placed.image]
        return [_panel("start", "Where they started", placed, shown, None, moving=False)]
    return []


def beside_wants(scene: Scene, run: RunFolder, placement: Placement) -> list[Callable[[], object]]:
    """What the page also shows, once it is there: looks at fresh real images and at the start."""
    counts = {stars_each(one) for one in placement.sets.values()}
    wants: list[Callable[[], object]] = [
        partial(fresh_placement, scene.choice, each) for each in sorted(counts)
    ]
    kept = kept_iterations(run)
    if kept and kept[0] == 0:
        wants.append(partial(stored_placement, scene.choice, run, 0))
    return wants


def start_placement(choice: CloudChoice, run: RunFolder, patience: float = 0.0) -> Placement | None:
    """Where the sets started, once that is known."""
    kept = kept_iterations(run)
    if not kept or kept[0] != 0:
        return None
    found = stored_placement(choice, run, 0, patience)
    return found if isinstance(found, Placement) else None


def feature_map(
    scene: Scene,
    run: RunFolder,
    view: RunView,
    cloud: MadeCloud,
    placement: Placement,
    *,
    coloured: Sequence[int],
    picked: tuple[str, int, int] | None,
    starts: bool,
    trails: int,
    height: int,
    alone: bool = False,
) -> FeatureMap:
    """The whole map; `alone` leaves away what stands beside the sets."""
    start = start_placement(scene.choice, run)
    panels = set_panels(run, placement, view.pictures, start if starts else None)
    if not alone:
        panels += still_panels(scene, run, placement, start)
    moving = scene.at is None and view.status in ("running", "paused", "stopping")
    asked = scene.as_query()
    return FeatureMap(
        key=scene.choice.key,
        x=cloud.positions[:, 0],
        y=cloud.positions[:, 1],
        label=cloud.label,
        class_names=run.class_names,
        coloured=tuple(coloured),
        panels=panels,
        alt=alt_of(run, placement, len(cloud.label)),
        caption=caption_of(run, placement, cloud, moving),
        iteration=placement.iteration,
        source=run_address(run.id, "placement", **asked) if moving else "",
        subject=run.id,
        film=run_address(run.id, "placements", **{**asked, "at": ""}),
        thumbs=run_address(run.id, "cloud", **{**asked, "at": ""}),
        picked=picked,
        trails=trails,
        starts=starts,
        height=height,
    )


def packed_placement(
    scene: Scene, run: RunFolder, view: RunView, cloud: MadeCloud, placement: Placement
) -> bytes:
    """A newer placement, as the browser's half reads it."""
    panels = set_panels(run, placement, view.pictures, None)
    moving = view.status in ("running", "paused", "stopping")
    return pack_placement(
        placement.iteration,
        alt_of(run, placement, len(cloud.label)),
        caption_of(run, placement, cloud, moving),
        panels,
        behind=placement.iteration != view.iteration,
    )


def _panel(
    name: str,
    title: str,
    placed: PlacedSet,
    pictures: Pictures | None,
    began: PlacedSet | None,
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
