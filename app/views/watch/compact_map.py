"""Compact feature map in the side panel of the Watch page: a panel for each set, at the iteration looked at.

Everything else about the map is on the Feature space page.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.components.image_grid import Pick
from app.components.page_links import FEATURE_PAGE
from app.components.star_map.component import show_feature_map
from app.components.states import show_empty
from app.jobs.run_view import RunView
from app.run.view_state import opened_image
from app.text.escaping import plain_text
from app.views.feature_space.pending import show_map_failure, show_pending
from app.views.feature_space.projections import cloud_projection, missing_projections
from app.views.feature_space.reference_sets import ALONE
from app.views.feature_space.scene import COLOURED, Scene, build_feature_map, scene_projection
from app.views.feature_space.texts import worst_covered
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

HEIGHT = 230
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
    try:
        scene = Scene.of(run, "random", "tsne", ALONE, at)
    except ValueError as missing:
        show_empty("watch_map", plain_text(sentence(str(missing))), height=HEIGHT)
        return
    cloud = cloud_projection(scene.choice).value
    projection = scene_projection(scene, run, PATIENCE_SECONDS).value
    if cloud is None or projection is None:
        show_pending(
            partial(scene_projection, scene, run),
            HEIGHT,
            on_failure=partial(show_map_failure, scene.choice),
        )
        return
    missing_projections(scene.choice, run)

    feature_map = build_feature_map(
        scene,
        run,
        shown,
        cloud,
        projection,
        coloured=range(min(COLOURED, len(run.class_names))),
        picked=opened_image(),
        starts=False,
        height=HEIGHT,
    )
    show_feature_map("watch_compact_map", feature_map, on_pick=on_pick_image)
    st.caption(plain_text(worst_covered(run, projection)))
    st.page_link(FEATURE_PAGE, label="Numbers, other features and comparisons: Feature space")
