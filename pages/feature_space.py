"""Feature space: synthetic images as stars moving through the fixed cloud of the real ones (figure 3)."""

import streamlit as st

from app.components.page_head import page_head
from app.components.styles import PAGE_STYLE
from app.jobs.manager import get_manager
from app.views.feature_space.choices import choose_map, choose_run
from app.views.feature_space.projections import missing_projections
from app.views.feature_space.sections import (
    find_scene,
    project_scene,
    rerun_with_references,
    runs_with_images,
    show_iterations,
    show_map,
    show_meaning,
    show_no_runs,
    show_side_panel,
    show_status,
    view_on_screen,
)

manager = get_manager()
st.html(PAGE_STYLE)
page_head(
    "Where do the learned images go?",
    "A map of what a network sees: real images are the cloud, learned ones the stars that move through it.",
)
runs = runs_with_images()
if not runs:
    show_no_runs()
else:
    with st.container(key="feature_choices", horizontal=True, vertical_alignment="bottom", gap="small"):
        run = choose_run(manager, runs)
        choices = choose_map(run, runs)
    screen = find_scene(run, choices)
    if screen is not None:
        state, scene = screen
        show_status(state, scene)
        projected = project_scene(state, scene)
        if projected is not None:
            shown, missing = view_on_screen(state, scene), missing_projections(scene.choice, state.run)
            with st.container(key="watch_row"):
                left, right = st.columns([3, 2], gap="medium")
            with left:
                show_map(state.run, scene, shown, projected)
                show_iterations(state, scene)
                show_meaning(scene)
            with right:
                show_side_panel(state, scene, shown, projected.projection, missing)
            # last: a fragment is a block that goes again
            rerun_with_references(state.run, scene, projected.projection)
