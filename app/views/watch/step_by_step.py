"""One iteration of a run step by step: the pull, for one of its sets and classes.

The iteration is recomputed from what the run stores; the phases of it are the browser's.
"""

import streamlit as st

from app.components.image_grid import Pick
from app.components.pull.component import pull_of, show_pull
from app.components.pull.state import PullState
from app.components.states import loading, show_failure
from app.components.styles import page_style
from app.jobs.page_answers import get_page_answers
from app.run.stage_content import FIGURE_HEIGHT
from app.run.view_state import opened_image
from app.views.watch.update_question import update_question
from dmcore.config.formatting import grouped
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder

CHOICES_WIDTH = 620
"""CSS pixels for choosing set and class."""
PATIENCE_SECONDS = 0.2
"""How long to wait before the frame of what comes is drawn."""
BELOW = 8.0
"""Rem that the timeline takes below the scene."""
_STATE = "watch_step_state"


def show_step_by_step(run: RunFolder, iteration: int) -> None:
    """The phases from a stored iteration to the next; a choice redraws nothing else on the page.

    What cannot be computed is a sentence.
    """
    st.html(page_style("step_by_step"))
    with st.container(key="watch_step_scene"):
        st.fragment(_show)(run, iteration, opened_image())


def _show(run: RunFolder, iteration: int, picked: Pick | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width=CHOICES_WIDTH):
        st.markdown(f"**Iteration {grouped(iteration)} → {grouped(iteration + 1)}**", width="content")
        name = _choose_set(run, picked)
        label = _choose_class(run, picked)
    question, answers = update_question(run, iteration, label), get_page_answers()
    look = answers.ask(question, PATIENCE_SECONDS)
    if look.pending:
        with loading("watch_step", "Recomputing this iteration …", FIGURE_HEIGHT):
            look = answers.ask(question, patience=None)
    if look.failure is not None:
        show_failure("watch_step_trouble", look.failure.sentence)
    if look.value is None:
        return
    scene, config = look.value[name], run.config
    assert config is not None, "an import was refused above"
    if scene.recorded is None:
        st.caption(
            f"The run stands at iteration {grouped(iteration)}: "
            "this is the update that comes next if it goes on."
        )
    show_pull(
        "watch_step_pull",
        pull_of([scene], config, [run.class_names[label]], 0, detailed=True),
        st.session_state.get(_STATE, PullState(phase=1)),
        lambda state: st.session_state.update({_STATE: state}),
        below=BELOW,
    )


def _choose_set(run: RunFolder, picked: Pick | None) -> str:
    """The set to look at, at first that of the picked image."""
    if len(run.sets) == 1:
        return run.set_names[0]
    titles = {description.name: set_title(run, description) for description in run.sets}
    return st.selectbox(
        "Synthetic set",
        list(titles),
        index=run.set_names.index(picked.lane) if picked is not None and picked.lane in titles else 0,
        format_func=titles.__getitem__,
        key=f"watch_step_set_{run.id}{_suffix(picked)}",
        label_visibility="collapsed",
        help="All sets of a run see the same network, the same real images and the same augmentation.",
    )


def _choose_class(run: RunFolder, picked: Pick | None) -> int:
    """The class to look at, at first that of the picked image."""
    return st.selectbox(
        "Class",
        range(len(run.class_names)),
        index=picked.label if picked is not None and picked.label < len(run.class_names) else 0,
        format_func=run.class_names.__getitem__,
        key=f"watch_step_class_{run.id}{_suffix(picked)}",
        label_visibility="collapsed",
        help="Each class has its own real batch, its own augmentation and its own term of the loss.",
    )


def _suffix(picked: Pick | None) -> str:
    """End of a widget's key: with each picked image the choice begins anew."""
    return "" if picked is None else f"_{picked.lane}_{picked.label}"
