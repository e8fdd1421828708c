"""The Feature space page: synthetic images as stars moving through the still cloud of real ones (figure 3).

The address says what is looked at; run, iteration and opened image are those of the Watch page. The map
follows a run by itself; the script draws one moment. Must not import torch.
"""

from typing import NamedTuple

import streamlit as st

from app.components.image_grid import Pick
from app.components.live_line import show_live_line
from app.components.page_links import WATCH_PAGE
from app.components.star_map.component import show_feature_map
from app.components.star_map.values import StarPick
from app.components.styles import WATCH_STYLE
from app.components.timeline import Timeline, show_timeline
from app.data.folders import runs_root
from app.jobs.manager import JobManager, get_manager
from app.run.addresses import run_address
from app.run.inspector import show_inspector
from app.run.run_view import RunView, latest_view, nearest_stored, page_revision, stored_iterations, view_at
from app.run.stage_content import status_line
from app.run.view_state import current_view_state, open_image, opened_image, remember
from app.text.escaping import plain_text
from app.views.feature_space.choices import choose_reference, choose_run, choose_view
from app.views.feature_space.coverage_table import show_metric_curve, show_metrics
from app.views.feature_space.joint_tsne import JointProjection
from app.views.feature_space.network_training import show_cloud_failure
from app.views.feature_space.projection_client import ProjectionFailed, ProjectionPending
from app.views.feature_space.projection_history import request_history
from app.views.feature_space.projection_requests import request_cloud
from app.views.feature_space.projection_values import ProjectedCloud, RunProjection
from app.views.feature_space.reference_sets import STARTS
from app.views.feature_space.scene import (
    COLOURED,
    JOINT,
    PICKED_CLASSES,
    Scene,
    build_feature_map,
    reference_requests,
    scene_joint_projection,
    scene_projection,
    with_joint_positions,
)
from app.views.feature_space.texts import MEANING, pending_text
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

NUMBERS, CURVES, IMAGE = "numbers", "over time", "image"
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 0.6
"""How long a drawing waits for a placement before it says that one is on its way."""
MAP_HEIGHT = 440


def show_feature_space() -> None:
    """Draw the page."""
    manager = get_manager()
    st.html(WATCH_STYLE)
    runs = [run for run in list_runs(runs_root()) if stored_iterations(run)]
    if not runs:
        st.header("Feature space", anchor=False)
        st.info(
            "Here the synthetic images of a run move as stars through the cloud of the real ones. There is "
            "no run with images yet: start one on the Watch page."
        )
        if st.button("Go to Watch", key="go_to_watch", type="primary"):
            st.switch_page(WATCH_PAGE)
        return
    with st.container(key="feature_choices", horizontal=True, vertical_alignment="bottom", gap="small"):
        run = choose_run(manager, runs)
        asked = choose_view() if run is not None else None
        beside = choose_reference(run, runs) if run is not None else None
    if run is None or asked is None or beside is None:
        return
    if asked[1] == JOINT and current_view_state().at is None:
        remember("at", stored_iterations(run)[-1])  # one moment's map: it must not slip to the next meanwhile
    try:
        view = latest_view(manager, run)
        scene = Scene.of(run, *asked, beside[0], nearest_stored(run, current_view_state().at), beside[1])
    except (ValueError, OSError) as trouble:
        st.warning(plain_text(sentence(str(trouble))))
        return
    show_live_line(
        "watch_status",
        status_line(view, page_revision(manager, run, view), scene.at, calm=True),
        source=run_address(run.id, "status", calm=1, **({} if scene.at is None else {"at": scene.at})),
        subject=run.id,
    )
    _show_scene(manager, run, view, scene)


def _show_scene(manager: JobManager, run: RunFolder, view: RunView, scene: Scene) -> None:
    found = _picture(scene, run, manager, PATIENCE_SECONDS)
    if isinstance(found, ProjectionFailed):
        show_cloud_failure(manager, scene.choice, found)
        return
    if not isinstance(found, _Picture):
        _wait(scene, run, manager)
        return
    placement = found.placement
    shown = view
    if scene.at is not None:
        try:
            shown = view_at(run, view, scene.at)
        except ValueError as damage:
            st.warning(plain_text(sentence(str(damage))))
    lacking = request_history(scene.choice, run, manager)
    with st.container(key="watch_row"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        _show_map(run, shown, scene, found)
        _show_time(run, view, scene)
        st.caption(MEANING[JOINT if scene.joint else scene.choice.map])
    with right:
        _show_side(manager, run, shown, scene, placement, lacking)
    _draw_again_with(
        scene, run, placement
    )  # last: a fragment is a block, and what follows one that goes is new


class _Picture(NamedTuple):
    """All that the map needs."""

    cloud: ProjectedCloud
    placement: RunProjection
    joint: JointProjection | None


def _picture(scene: Scene, run: RunFolder, manager: JobManager, patience: float = 0.0) -> object:
    """A `_Picture`; else what it waits for, or why there is none: `ProjectionPending`, `ProjectionFailed`, or None."""
    cloud = request_cloud(scene.choice)
    if not isinstance(cloud, ProjectedCloud):
        return cloud
    placement = scene_projection(scene, run, manager, patience)
    if not isinstance(placement, RunProjection) or not scene.joint:
        return _Picture(cloud, placement, None) if isinstance(placement, RunProjection) else placement
    joint = scene_joint_projection(scene, run, placement)
    if not isinstance(joint, JointProjection):
        return joint
    return _Picture(*with_joint_positions(run, cloud, placement, joint), joint)


def _show_map(run: RunFolder, view: RunView, scene: Scene, found: _Picture) -> None:
    picked = opened_image()
    shown = build_feature_map(
        scene,
        run,
        view,
        found.cloud,
        found.placement,
        coloured=_coloured(run),
        picked=None if picked is None else (picked.lane, picked.label, picked.image),
        starts=scene.beside == STARTS and found.joint is None,
        trails=8,
        height=MAP_HEIGHT,
        joint=found.joint,
    )

    def pick(star: StarPick) -> None:
        if star.panel in run.set_names:
            open_image(Pick(star.panel, star.label, star.image))
            st.session_state["map_side"] = IMAGE

    show_feature_map("build_feature_map", shown, on_pick=pick)


def _coloured(run: RunFolder) -> list[int]:
    """The classes in colour: all up to ten, else those that are picked."""
    names = run.class_names
    if len(names) <= COLOURED:
        return list(range(len(names)))
    chosen = st.multiselect(
        "Classes in colour",
        range(len(names)),
        default=list(range(PICKED_CLASSES)),
        format_func=names.__getitem__,
        max_selections=PICKED_CLASSES,
        key="coloured_classes",
        help="The others are grey; numbers are always of all classes.",
    )
    return list(chosen)


def _show_time(run: RunFolder, view: RunView, scene: Scene) -> None:
    show_timeline(
        "feature_timeline",
        Timeline(
            stops=stored_iterations(run),
            newest=view.iteration,
            at=scene.at,
            moving=view.status in ("running", "paused", "stopping"),
            subject=run.id,
            film="",
            eager=False,
            note="click a star to see its image",
            source=run_address(run.id, "stops"),
        ),
        on_release=lambda at: remember("at", at),
    )


def _show_side(
    manager: JobManager, run: RunFolder, view: RunView, scene: Scene, placement: RunProjection, lacking: int
) -> None:
    chosen = st.segmented_control(
        "Beside the map",
        (NUMBERS, CURVES, IMAGE),
        default=NUMBERS,
        required=True,
        key="map_side",
        bind="query-params",
        label_visibility="collapsed",
        help="How well the stars cover the cloud; the same over the iterations; or the star you click.",
    )
    if chosen == IMAGE:
        pick = opened_image()
        if pick is None:
            st.info("Click a star to see its image, where it started and which real images are nearest.")
        else:
            show_inspector(run, view, pick, lambda: open_image(None), following=scene.at is None)
    elif chosen == CURVES:
        show_metric_curve(run, scene, lacking, busy=manager.busy)
    else:
        show_metrics(run, scene, placement)


def _draw_again_with(scene: Scene, run: RunFolder, placement: RunProjection) -> None:
    """What stands beside comes a moment later: then the page is drawn once more."""
    lacks = [one for one in reference_requests(scene, run, placement) if isinstance(one(), ProjectionPending)]
    if not lacks:
        return

    def look() -> None:
        if not any(isinstance(one(), ProjectionPending) for one in lacks):
            st.rerun()

    st.fragment(run_every=LOOK_SECONDS)(look)()


def _wait(scene: Scene, run: RunFolder, manager: JobManager) -> None:
    """Say what is being made until it is there; then the page is drawn again."""

    def look() -> None:
        found = _picture(scene, run, manager)
        if isinstance(found, _Picture | ProjectionFailed):
            st.rerun()
        said = pending_text(found)
        done = getattr(found, "done", 0.0)
        st.progress(min(1.0, done), text=plain_text(said))
        st.skeleton(height=MAP_HEIGHT)

    st.fragment(run_every=LOOK_SECONDS)(look)()
