"""Sections of the Feature space page: status, map, timeline and side panel of the scene on screen.

The address holds the choices; run, iteration and opened image are those of the Watch page. The map follows a
run by itself; the script draws a single iteration.
"""

from contextlib import suppress
from functools import partial
from typing import NamedTuple

import streamlit as st

from app.answers.question import Look
from app.components.image_grid import Pick, show_image_grid
from app.components.live_line import show_live_line
from app.components.page_links import WATCH_PAGE, open_page
from app.components.star_map.component import show_feature_map
from app.components.states import show_empty
from app.components.timeline import Timeline, show_timeline
from app.data.folders import find_run, runs_root
from app.data.recorded import recorded_runs
from app.jobs.run_view import RunView
from app.run import live
from app.run.damage import show_damage
from app.run.images.inspector import show_inspector
from app.run.live import RunState, observe_run
from app.run.on_screen import run_on_screen
from app.run.provenance import show_hidden_line, show_run_provenance
from app.run.run_view import nearest_stored, page_revision, view_at
from app.run.stage_content import image_grid, status_line
from app.run.view_state import ViewState, current_view_state, open_image, opened_image, remember
from app.text.escaping import plain_text
from app.views.feature_space.choices import MapChoices
from app.views.feature_space.coverage_table import show_metrics
from app.views.feature_space.metric_curve import show_metric_curve
from app.views.feature_space.pending import POLL_SECONDS, show_cloud_failure, show_pending
from app.views.feature_space.projection_values import CloudProjection, JointProjection, RunProjection
from app.views.feature_space.projections import cloud_projection
from app.views.feature_space.reference_sets import STARTS
from app.views.feature_space.scene import (
    COLOURED,
    JOINT,
    PICKED_CLASSES,
    Scene,
    build_feature_map,
    references_pending,
    scene_joint_projection,
    scene_projection,
    with_joint_positions,
)
from app.views.feature_space.texts import MEANING
from dmcore.config.formatting import sentence
from dmcore.experiments.gallery.recorded import is_recorded
from dmcore.runs.folder import RunFolder
from dmcore.runs.runs_root import list_runs

METRICS_SECTION, CURVES_SECTION, IMAGE_SECTION = "numbers", "over time", "image"
PATIENCE_SECONDS = 0.6
"""How long a rerun waits for a projection before it shows progress."""
MAP_HEIGHT = 440


class ProjectedScene(NamedTuple):
    """Projections of a scene: all that its map needs."""

    cloud: CloudProjection
    projection: RunProjection
    joint: JointProjection | None


def runs_with_images() -> list[RunFolder]:
    """All runs that have stored images, the newest first, then the recorded ones.

    A link also opens a recorded run of a table, and one that is hidden.
    """
    runs = [*list_runs(runs_root()), *recorded_runs()]
    linked = run_on_screen()
    if linked is not None and linked not in (run.id for run in runs):
        with suppress(ValueError):  # `choose_run` says it
            found = find_run(linked, runs_root())
            runs += [found] if is_recorded(found) else []
    return [run for run in runs if run.snapshots()]


def show_no_runs() -> None:
    """What will stand here once there is a run, and the way to the first one."""
    text = (
        "Here the learned images of a run move as stars through the cloud of the real ones. There is "
        "no run with images yet: start one on the Watch page."
    )
    show_hidden_line("feature")
    if show_empty("feature_runs", text, "Go to Watch"):
        open_page(WATCH_PAGE)


def find_scene(run: RunFolder | None, choices: MapChoices | None) -> tuple[RunState, Scene] | None:
    """Run and scene of the choices; None without a run, and with a warning where the run has no cloud."""
    if run is None or choices is None:
        return None
    if choices.map == JOINT and current_view_state().at is None:
        remember("at", run.snapshots()[-1])  # one iteration's map: it must not move on meanwhile
    try:
        at = nearest_stored(run, current_view_state().at)
        scene = Scene.of(run, choices.features, choices.map, choices.reference, at, choices.other)
        return observe_run(run.id), scene
    except (ValueError, OSError) as trouble:
        st.warning(plain_text(sentence(str(trouble))))
        return None


def show_status(state: RunState, scene: Scene) -> None:
    """Live status line of the run, or provenance of a recorded one; and which of its files are damaged."""
    run, view = state.run, state.view
    if is_recorded(run):
        show_run_provenance(run, "feature", "primary")
        show_damage(run, view.damaged)
        return
    show_live_line(
        "watch_status",
        status_line(view, page_revision(state.manager, run, view), scene.at, calm=True),
        source=live.status.address(run=run.id, calm=1, at=scene.at),
        subject=run.id,
    )
    show_damage(run, view.damaged)


def project_scene(state: RunState, scene: Scene) -> ProjectedScene | None:
    """Projections of the scene; None while they are computed or where that failed, which is then shown."""
    look = _projected_scene(state.run, scene, PATIENCE_SECONDS)
    if look.failure is not None:
        show_cloud_failure(state.manager, scene.choice, look.failure)
    elif look.value is None:
        _show_waiting(state, scene)
    return look.value


def view_on_screen(state: RunState, scene: Scene) -> RunView:
    """State of the run at the iteration on screen; the newest, with a warning, where that is damaged."""
    if scene.at is not None:
        try:
            return view_at(state.run, state.view, scene.at)
        except ValueError as damage:
            st.warning(plain_text(sentence(str(damage))))
    return state.view


def show_map(run: RunFolder, scene: Scene, shown: RunView, projected: ProjectedScene) -> None:
    """Map of real and synthetic images; a click on a star opens its image in the side panel."""
    feature_map = build_feature_map(
        scene,
        run,
        shown,
        projected.cloud,
        projected.projection,
        coloured=_coloured(run),
        picked=opened_image(),
        starts=scene.reference == STARTS and projected.joint is None,
        height=MAP_HEIGHT,
        joint=projected.joint,
    )

    def pick(star: Pick) -> None:
        if star.lane in run.set_names:
            open_image(star)
            st.session_state["map_side"] = IMAGE_SECTION

    show_feature_map("feature_map", feature_map, on_pick=pick)


def show_iterations(state: RunState, scene: Scene) -> None:
    """Timeline of the stored iterations."""
    run, view = state.run, state.view
    show_timeline(
        "feature_timeline",
        Timeline(
            stops=run.snapshots(),
            newest=view.iteration,
            at=scene.at,
            moving=view.status.in_progress,
            subject=run.id,
            film="",
            note="click a star to see its image",
            source=live.stops.address(run=run.id),
        ),
        on_release=lambda at: remember("at", at),
    )


def show_meaning(scene: Scene) -> None:
    """How the kind of map is to be read."""
    st.caption(MEANING[JOINT if scene.joint else scene.choice.map])


def show_side_panel(
    state: RunState, scene: Scene, shown: RunView, projection: RunProjection, missing: int
) -> None:
    """Side panel of the map: metrics, their curves, or the opened image.

    Args:
        state: the run.
        scene: what is on the map.
        shown: state of the run at the iteration on screen.
        projection: projected sets and their metrics.
        missing: stored iterations that are not projected yet.
    """
    run = state.run
    section = st.segmented_control(
        "Side panel",
        (METRICS_SECTION, CURVES_SECTION, IMAGE_SECTION),
        default=METRICS_SECTION,
        required=True,
        key="map_side",
        bind="query-params",
        label_visibility="collapsed",
        help="How well the stars cover the cloud; the same over the iterations; or the star you click.",
    )
    if section == IMAGE_SECTION:
        pick = opened_image()
        if pick is None:
            show_empty(
                "feature_image",
                "Click a star to see its image, where it started and which real images are nearest.",
            )
        else:
            show_inspector(run, shown, pick, lambda: open_image(None), following=scene.at is None)
    elif section == CURVES_SECTION:
        show_metric_curve(run, scene, missing, busy=state.manager.busy)
    else:
        show_metrics(run, scene, projection)


def rerun_with_references(run: RunFolder, scene: Scene, projection: RunProjection) -> None:
    """Rerun the page once the projections of the references arrive, which are asked for after the map."""

    def poll() -> None:
        if not references_pending(scene, run, projection):
            st.rerun()

    if references_pending(scene, run, projection):
        st.fragment(run_every=POLL_SECONDS)(poll)()


def _show_waiting(state: RunState, scene: Scene) -> None:
    """What needs no projection, the images and the timeline, around the frame of the map that is to come."""
    with st.container(key="watch_row"):
        left, right = st.columns([3, 2], gap="medium")
    with left:
        ask = partial(_projected_scene, state.run, scene)
        show_pending(ask, MAP_HEIGHT, on_failure=lambda _: st.rerun())
        show_iterations(state, scene)
    with right:
        grid = image_grid(view_on_screen(state, scene), state.run, ViewState())
        if grid is not None:
            st.caption("These images will be the stars of the map.")
            show_image_grid("feature_images", grid)


def _projected_scene(run: RunFolder, scene: Scene, patience: float = 0.0) -> Look[ProjectedScene]:
    """Projections of the scene; unknown before any images."""

    def joined(cloud: CloudProjection, projection: RunProjection) -> Look[ProjectedScene]:
        if not scene.joint:
            return Look(ProjectedScene(cloud, projection, None))
        return scene_joint_projection(scene, run, projection).then(
            lambda joint: Look(ProjectedScene(*with_joint_positions(run, cloud, projection, joint), joint))
        )

    return cloud_projection(scene.choice).then(
        lambda cloud: scene_projection(scene, run, patience).then(partial(joined, cloud))
    )


def _coloured(run: RunFolder) -> list[int]:
    """Labels of the classes in colour: all up to ten, else those that are chosen."""
    names = run.class_names
    if len(names) <= COLOURED:
        return list(range(len(names)))
    labels = st.multiselect(
        "Classes in colour",
        range(len(names)),
        default=list(range(PICKED_CLASSES)),
        format_func=names.__getitem__,
        max_selections=PICKED_CLASSES,
        key="feature_coloured_classes",
        help="The others are grey; metrics are always of all classes.",
    )
    return list(labels)
