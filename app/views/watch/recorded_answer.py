"""What the set-up has become before: the recorded run nearest to it, below the real images."""

import streamlit as st

from app.data.recorded import has_recorded_run, nearest_recorded_run, title_of
from app.data.stored_results import evaluation_results
from app.run.actions import show_on_watch_page
from app.run.provenance import show_hidden_line, show_run_provenance
from app.text.escaping import plain_text
from app.views.runs.card import show_thumbnail
from dmcore.config import MethodConfig
from dmcore.config.formatting import sentence
from dmcore.runs.display.titles import run_summary
from dmcore.runs.folder import RunFolder
from dmcore.runs.results.plain_verdict import run_verdict


def show_recorded_answer(config: MethodConfig) -> None:
    """Learned images, accuracy and provenance of that run, and the way to it; nothing where there is none."""
    if has_recorded_run(config.dataset):
        show_hidden_line("watch_answer")
    run = nearest_recorded_run(config)
    if run is None:
        return
    with st.container(key="watch_recorded_answer", gap="xsmall"):
        try:
            _show_answer(config, run)
        except (ValueError, OSError) as damage:
            st.warning(plain_text(sentence(str(damage))))


def _show_answer(config: MethodConfig, run: RunFolder) -> None:
    same = run.config == config.model_copy(update={"seed": run.config.seed if run.config else config.seed})
    head = "Recorded with this set-up" if same else f"Recorded with another set-up: {run_summary(run)}"
    st.markdown(f"**{plain_text(head)}**")
    told = f"Shows “{plain_text(title_of(run))}” from its start to its end."
    images, answer, opening = st.columns([6, 7, 2], gap="small", vertical_alignment="center")
    with images:
        show_thumbnail(run)
    verdict = run_verdict(run, evaluation_results(run))
    answer.markdown("" if verdict is None else plain_text(f"{verdict.sentence} {verdict.scope}"))
    if opening.button("Open", key="watch_recorded_open", help=told):
        show_on_watch_page(run.id)
    show_run_provenance(run, "watch_answer", run_here=None)
