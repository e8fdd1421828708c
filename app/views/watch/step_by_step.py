"""One iteration of a run step by step: the pull, for one of its sets and classes.

The iteration is recomputed from what the run stores; the phases of it are the browser's.
"""

import streamlit as st

from app.components.pull.component import pull_of, show_pull
from app.components.pull.state import PullState
from app.jobs.page_answers import get_page_answers
from app.text.escaping import plain_text
from app.views.watch.update_question import update_question
from dmcore.config.formatting import grouped
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder

CHOICES_WIDTH = 620
"""CSS pixels for choosing set and class."""
_STATE = "watch_step_state"


def show_step_by_step(run: RunFolder, iteration: int) -> None:
    """The phases from a stored iteration to the next; a choice redraws nothing else on the page.

    What cannot be computed is a sentence.
    """
    st.fragment(_show)(run, iteration)


def _show(run: RunFolder, iteration: int) -> None:
    st.subheader(f"Iteration {grouped(iteration)} → {grouped(iteration + 1)}, step by step", anchor=False)
    with st.container(horizontal=True, gap="small", width=CHOICES_WIDTH):
        name = _pick_set(run)
        label = _pick_class(run)
    with st.spinner("Recomputing this iteration …"):
        look = get_page_answers().ask(update_question(run, iteration, label), patience=None)
    if look.failure is not None:
        st.warning(plain_text(look.failure.sentence))
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
    )


def _pick_set(run: RunFolder) -> str:
    if len(run.sets) == 1:
        return run.set_names[0]
    titles = {description.name: set_title(run, description) for description in run.sets}
    return st.selectbox(
        "Synthetic set",
        list(titles),
        format_func=titles.__getitem__,
        key=f"watch_step_set_{run.id}",
        help="All sets of a run see the same network, the same real images and the same augmentation.",
    )


def _pick_class(run: RunFolder) -> int:
    return st.selectbox(
        "Class",
        range(len(run.class_names)),
        format_func=run.class_names.__getitem__,
        key=f"watch_step_class_{run.id}",
        help="Each class has its own real batch, its own augmentation and its own term of the loss.",
    )
