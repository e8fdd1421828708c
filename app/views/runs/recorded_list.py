"""Section of the Runs page: recorded runs, which come with the program; or what shows them again."""

import streamlit as st

from app.components.page_links import COMPARE_PAGE, FEATURE_PAGE, open_page
from app.data.recorded import (
    gallery_problem,
    recorded_entry_of,
    recorded_hidden,
    recorded_runs,
    title_of,
)
from app.run.actions import clone_run, show_on_watch_page
from app.run.damage import show_damage
from app.run.download_menu import show_download_menu
from app.run.provenance import RUN_HERE_HELP, show_hidden_line, show_hide_button
from app.text.escaping import message_text, plain_text
from app.text.provenance import provenance_text
from app.views.runs.card import show_results, show_thumbnail
from dmcore.config.formatting import sentence
from dmcore.runs.display.titles import run_summary
from dmcore.runs.folder import RunFolder


def show_recorded_runs() -> None:
    """Heading, a card for each recorded run, and what of the recorded results cannot be read."""
    hidden, runs = recorded_hidden(), recorded_runs()
    problem = gallery_problem()
    if not (hidden or runs or problem):
        return
    if hidden or runs:
        _show_head(hidden)
    for run in runs:
        _show_card(run)
    if problem:
        st.caption(message_text(problem))


def _show_head(hidden: bool) -> None:
    with st.container(key="runs_recorded_head", horizontal=True, vertical_alignment="center", gap="small"):
        if hidden:
            show_hidden_line("runs", "The front page and How it works go on showing theirs.")
        else:
            st.subheader("Recorded, come with the program", anchor=False, width="content")
            show_hide_button("runs")


def _show_card(run: RunFolder) -> None:
    """Card of a recorded run; what writes into a run is not offered."""
    entry = recorded_entry_of(run)
    with st.container(border=True, key=f"runs_recorded_{run.id}"):
        left, right = st.columns([3, 9], gap="medium")
        try:
            with right, st.container(gap="xsmall"):
                st.markdown(f"**{plain_text(title_of(run))}**")
                st.markdown(plain_text(run_summary(run)))
                show_results(run)
                if entry is not None:
                    st.caption(plain_text(f"{provenance_text(entry.provenance)}."))
            with left:
                show_thumbnail(run)
        except (ValueError, OSError) as damage:
            right.warning(plain_text(sentence(str(damage))))
        with right:
            show_damage(run)
            _show_actions(run)


def _show_actions(run: RunFolder) -> None:
    with st.container(horizontal=True, gap="small", key=f"runs_recorded_actions_{run.id}"):
        if st.button("Open", key=f"open_{run.id}", help="Shows it on the Watch page."):
            show_on_watch_page(run.id)
        if st.button("Feature space", key=f"runs_recorded_map_{run.id}", help="Shows it on the map."):
            open_page(FEATURE_PAGE, {"run": run.id})
        if st.button("Compare", key=f"run_compare_{run.id}", help="Shows it side by side with another run."):
            open_page(COMPARE_PAGE, {"a": run.id})
        if run.config is not None and st.button(
            "Run it here", key=f"runs_recorded_run_{run.id}", help=RUN_HERE_HELP
        ):
            clone_run(run)
        show_download_menu(run, f"runs_{run.id}")
