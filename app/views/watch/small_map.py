"""The feature map in small, beside the stage of the Watch page: a panel a set, at the moment looked at.

Everything else about it is on the Feature space page. Must not import torch.
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
from app.views.feature_space.projection_values import ProjectedCloud, RunProjection
from app.views.feature_space.reference_sets import ALONE
from app.views.feature_space.scene import COLOURED, Scene, build_feature_map, scene_projection
from app.views.feature_space.texts import pending_text, worst_covered
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

HEIGHT = 330
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 0.4


def show_compact_map(
    run: RunFolder, shown: RunView, at: int | None, on_pick_image: Callable[[Pick], None]
) -> None:
    """Draw the map, or say what is being made for it.

    Args:
        run: the run on screen.
        shown: the moment looked at.
        at: its iteration; None where it is the newest.
        on_pick_image: called with the `Pick` of a star that was clicked.
    """
    manager = get_manager()
    try:
        scene = Scene.of(run, "random", "tsne", ALONE, at)
    except ValueError as lacking:
        st.info(plain_text(sentence(str(lacking))))
        return
    cloud = request_cloud(scene.choice)
    projection = (
        scene_projection(scene, run, manager, PATIENCE_SECONDS)
        if isinstance(cloud, ProjectedCloud)
        else cloud
    )
    if not isinstance(cloud, ProjectedCloud) or not isinstance(projection, RunProjection):
        _wait(scene, run)
        return
    request_history(scene.choice, run, manager)
    picked = opened_image()

    def pick(star: StarPick) -> None:
        on_pick_image(Pick(star.panel, star.label, star.image))

    small = build_feature_map(
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
    show_feature_map("compact_map", small, on_pick=pick)
    st.caption(plain_text(worst_covered(run, projection)))
    st.page_link(FEATURE_PAGE, label="Numbers, other features and comparisons: Feature space")


def _wait(scene: Scene, run: RunFolder) -> None:
    def look() -> None:
        cloud = request_cloud(scene.choice)
        found = scene_projection(scene, run, get_manager()) if isinstance(cloud, ProjectedCloud) else cloud
        if isinstance(found, RunProjection):
            st.rerun()
        if isinstance(found, ProjectionFailed):
            st.warning(plain_text(found.sentence))
            return
        st.progress(min(1.0, getattr(found, "done", 0.0)), text=plain_text(pending_text(found)))
        st.skeleton(height=HEIGHT)

    st.fragment(run_every=LOOK_SECONDS)(look)()
