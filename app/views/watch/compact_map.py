"""Compact feature map in the side panel of the Watch page: a panel for each set, at the iteration looked at.

Everything else about the map is on the Feature space page.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from app.answers.question import Look
from app.components.image_grid import Pick
from app.components.page_links import FEATURE_PAGE
from app.components.star_map.component import show_feature_map
from app.components.star_map.values import FeatureMap
from app.components.states import show_empty
from app.jobs.run_view import RunView
from app.run.live import RUN
from app.run.stage_content import SIDE
from app.run.view_state import opened_image
from app.text.escaping import plain_text
from app.views.feature_space.pending import show_map_failure, show_pending
from app.views.feature_space.projections import cloud_projection, missing_projections
from app.views.feature_space.quick_map import quick_map
from app.views.feature_space.reference_sets import ALONE
from app.views.feature_space.scene import COLOURED, Scene, build_feature_map, scene_projection
from app.views.feature_space.texts import worst_covered
from dmcore.config.formatting import sentence
from dmcore.runs.folder import RunFolder

HEIGHT = 230
PATIENCE_SECONDS = 1.0


def show_compact_map(
    run: RunFolder, shown: RunView, at: int | None, on_pick_image: Callable[[Pick], None]
) -> None:
    """Feature map of the synthetic images among the real ones; the quick map while it is computed.

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

    def show(key: str, feature_map: FeatureMap) -> None:
        show_feature_map(key, replace(feature_map, within=SIDE), on_pick=on_pick_image)

    build = partial(
        build_feature_map,
        coloured=range(min(COLOURED, len(run.class_names))),
        picked=opened_image(),
        starts=False,
        height=HEIGHT,
    )
    cloud = cloud_projection(scene.choice).value
    projection = scene_projection(scene, run).value
    if cloud is not None and projection is not None:
        missing_projections(scene.choice, run)
        show("watch_compact_map", build(scene, run, shown, cloud, projection))
        st.caption(plain_text(worst_covered(run, projection)))
    else:
        quick = quick_map(run, at, PATIENCE_SECONDS).value
        show_pending(
            partial(_first_look, scene, run, with_quick=quick is None),
            HEIGHT,
            partial(show_map_failure, scene.choice),
            "A quick map (PCA) for now. The t-SNE map comes by itself" if quick is not None else "",
        )
        if quick is not None:
            quick_scene = build(scene, run, shown, *quick)
            source = quick_scene.source and RUN.address("quick", run=run.id, on=quick_scene.key)
            show("watch_quick_map", replace(quick_scene, source=source, film="", thumbs=""))
    st.page_link(FEATURE_PAGE, label="Numbers, other features and comparisons: Feature space")


def _first_look(scene: Scene, run: RunFolder, with_quick: bool) -> Look[object]:
    """The map of the scene, or the quick one where that is there first."""
    look: Look[object] = scene_projection(scene, run)
    if with_quick and look.pending and (quick := quick_map(run, scene.at)).value is not None:
        return quick
    return look
