"""Watch: condense a data set and see its images change."""

import streamlit as st

from app.components.styles import PAGE_STYLE
from app.jobs.manager import get_manager
from app.jobs.run_presets import FROM_NOISE
from app.run.controls import show_refusal
from app.views.watch import presenter, run_sections
from app.views.watch.image_frames import show_starting
from app.views.watch.new_run import rerun_with_first_images, show_setup_and_images, show_why_no_run
from app.views.watch.run_failure import show_run_failure
from app.views.watch.screen import fill_setup_from, find_screen, snapshot_on_screen
from app.views.watch.side_panel import show_side_panel
from app.views.watch.stage import show_stage, show_stage_timeline, show_tools
from app.views.watch.start import start_callback
from app.views.watch.verdict import show_verdict
from dmcore.config import MethodConfig

manager = get_manager()
revision = manager.revision
st.html(PAGE_STYLE)
show_refusal()
screen = find_screen(manager)

if screen.run is None or screen.view is None:
    config: MethodConfig | None = FROM_NOISE.config
    show_why_no_run(screen)
    rerun_with_first_images(manager, screen.job, revision)
    if screen.starting:
        show_starting(screen.starting)
    else:
        config = show_setup_and_images(manager)
else:
    run, view = screen.run, screen.view
    fill_setup_from(run)
    shown, at = snapshot_on_screen(run, view)
    above = st.container()  # the set-up opens below its button, and covers nothing there
    config = run_sections.show_head(manager, screen, run, view)
    with above:
        run_sections.show_setup_difference(manager, screen, run, config)
    show_run_failure(run, view)
    run_sections.show_status(manager, run, view, at)
    show_verdict(run, view, at)
    stage, side = run_sections.stage_and_side(len(run.sets))
    with stage:
        show_stage(run, shown, at)
    with side:
        show_side_panel(run, view, shown, at)
    show_stage_timeline(run, view, at)
    show_tools(manager, run, at)
    presenter.show_presenter_keys()
    run_sections.show_results(manager, run, at)
    run_sections.show_evaluation_offers(manager, run, view)
    run_sections.show_facts(run)

shown_sets = 0 if screen.run is None or screen.view is None else len(screen.run.sets)
presenter.listen_for_presenter_keys(manager, start_callback(manager, config), sets=shown_sets)
presenter.listen_for_page_keys(sets=shown_sets)
