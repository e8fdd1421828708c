"""Compact feature map in the side panel of the Watch page: a panel for each set, at the iteration looked at.

Everything else about the map is on the Feature space page.
"""

from collections.abc import Callable

import streamlit as st

from app.components.image_grid import Pick
from app.components.page_links import FEATURE_PAGE
from app.components.star_map.component import show_feature_map
from app.components.star_map.values import StarPick
from app.jobs.manager import get_manager
from app.run.run_view import RunView
from app.run.view_state import opened_image
from app.text.escaping import plain_text
from app.views.feature_space.projection_client import ProjectionFailed
from app.views.feature_space.projection_history import request_history
from app.views.feature_space.projection_requests import request_cloud
from app.views.feature_space.projection_values import CloudProjection, RunProjection
from app.views.feature_space.reference_sets import ALONE
from app.views.feature_space.scene import COLOURED, Scene, build_feature_map, scene_projection
from app.views.feature_space.texts import pending_text, worst_covered
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

HEIGHT = 330
POLL_SECONDS = 0.5
PATIENCE_SECONDS = 0.4


def show_compact_map(
    run: RunFolder, shown: RunView, at: int | None, on_pick_image: Callable[[Pick], None]
) -> None:
    """Feature map of the synthetic images among the real ones; progress while it is computed.

    Args:
        run: the run on screen.
        shown: the state looked at.
        at: its iteration; None where it is the newest.
        on_pick_image: called with the `Pick` of a marker that was clicked.
    """
    manager = get_manager()
    try:
        scene = Scene.of(run, "random", "tsne", ALONE, at)
    except ValueError as missing:
        st.info(plain_text(sentence(str(missing))))
        return
    cloud = request_cloud(scene.choice)
    projection = (
        scene_projection(scene, run, manager, PATIENCE_SECONDS)
        if isinstance(cloud, CloudProjection)
        else cloud
    )
    if not isinstance(cloud, CloudProjection) or not isinstance(projection, RunProjection):
        _wait(scene, run)
        return
    request_history(scene.choice, run, manager)
    picked = opened_image()

    def pick(star: StarPick) -> None:
        on_pick_image(Pick(star.panel, star.label, star.image))

    feature_map = build_feature_map(
        scene,
        run,
        shown,
        cloud,
        projection,
        coloured=range(min(COLOURED, len(run.class_names))),
        picked=None if picked is None else (picked.lane, picked.label, picked.image),
        starts=False,
        trails=8,
        height=HEIGHT,
    )
    show_feature_map("watch_compact_map", feature_map, on_pick=pick)
    st.caption(plain_text(worst_covered(run, projection)))
    st.page_link(FEATURE_PAGE, label="Numbers, other features and comparisons: Feature space")


def _wait(scene: Scene, run: RunFolder) -> None:
    def look() -> None:
        cloud = request_cloud(scene.choice)
        projection = (
            scene_projection(scene, run, get_manager()) if isinstance(cloud, CloudProjection) else cloud
        )
        if isinstance(projection, RunProjection):
            st.rerun()
        if isinstance(projection, ProjectionFailed):
            st.warning(plain_text(projection.sentence))
            return
        st.progress(min(1.0, getattr(projection, "done", 0.0)), text=plain_text(pending_text(projection)))
        st.skeleton(height=HEIGHT)

    st.fragment(run_every=POLL_SECONDS)(look)()
