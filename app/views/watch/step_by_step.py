"""One iteration step by step: the lines of Algorithm 1 for one set and class of a run.

The iteration is recomputed from what the run stores, once; stepping, and mostly another set or class, shows
what is computed already.
"""

import streamlit as st

from app.jobs.page_answers import get_page_answers
from app.text.escaping import plain_text
from app.views.watch.step_scene import StepScene
from app.views.watch.steps import STEPS
from app.views.watch.update_question import update_question
from dmcore.config.formatting import grouped
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder

CHOICES_WIDTH = 620
"""CSS pixels for choosing set and class."""


def show_step_by_step(run: RunFolder, iteration: int) -> None:
    """The steps from a stored iteration to the next; stepping redraws nothing else on the page.

    The page has to bring plotly (`live_figure.mount_plotly`). What cannot be computed is a sentence.
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
    recomputed = look.value
    step = _pick_step()
    if recomputed.sets[name].recorded is None:
        st.caption(
            f"The run stands at iteration {grouped(iteration)}: "
            "this is the update that comes next if it goes on."
        )
    with st.container(key="watch_step_body", gap="small"):
        STEPS[step].show(StepScene(run, recomputed, name, label))


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


def _pick_step() -> int:
    """Index of the step on screen, chosen by name or with Back and Next."""
    state = st.session_state

    def move(by: int) -> None:
        state["watch_step"] = min(max(state.get("watch_step", 0) + by, 0), len(STEPS) - 1)

    step: int = st.segmented_control(
        "Step of Algorithm 1",
        range(len(STEPS)),
        format_func=lambda index: f"{index + 1} {STEPS[index].name}",
        default=0,
        required=True,
        key="watch_step",
        help="The lines of the paper's Algorithm 1, in their order; every iteration makes all of them once.",
    )
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("Back", key="watch_step_back", on_click=move, args=(-1,), disabled=step == 0)
        last = step == len(STEPS) - 1
        st.button("Next", key="watch_step_next", type="primary", on_click=move, args=(1,), disabled=last)
        st.markdown(f"**Step {step + 1} of {len(STEPS)}: {STEPS[step].title}**", width="stretch")
    return step
