"""One iteration of a run step by step: the pull, for one of its sets and classes.

The iteration is recomputed from what the run stores; the phases of it are the browser's. Of a run that goes
on, the iteration that the scene was opened with stands until the newest is asked for. Of gradient matching
one matching step of an iteration is shown.
"""

from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.answers.question import Look, Question
from app.components.image_grid import Pick
from app.components.pull.component import pull_of, show_pull
from app.components.pull.state import PullState
from app.components.states import loading, show_failure
from app.components.styles import page_style
from app.jobs.page_answers import get_page_answers
from app.run.presenter import presenting
from app.run.stage_content import FIGURE_HEIGHT
from app.run.view_state import opened_image
from app.views.watch.matching_question import matching_question
from app.views.watch.matching_steps import choose_matching_step, show_matching_step
from app.views.watch.update_question import update_question
from dmcore.config import CondenseConfig, GradientMatchingConfig
from dmcore.config.formatting import grouped
from dmcore.runs.description import Status
from dmcore.runs.display.titles import set_title
from dmcore.runs.folder import RunFolder

CHOICES_WIDTH = 760
"""CSS pixels for choosing set, class and the newest iteration."""
PATIENCE_SECONDS = 0.2
"""How long to wait before it is said that something is waited for."""
BELOW, BELOW_PRESENTING = 8.0, 4.0
"""Rem that the timeline takes below the scene; while presenting it says less."""
_STATE, _SCENE, _HELD = "watch_step_state", "watch_step_pull", "watch_step_held"
_MATCHING = "watch_step_matching"
Value = TypeVar("Value")


def show_step_by_step(run: RunFolder, at: int | None) -> None:
    """The phases from a stored iteration to the next; a choice redraws nothing else on the page.

    What cannot be computed is a sentence.

    Args:
        run: a run with stored images.
        at: a stored iteration; None: the newest one of when the scene was opened.
    """
    st.html(page_style("step_by_step"))
    with st.container(key="watch_step_scene"):
        st.fragment(_show)(run, at, opened_image())


def _show(run: RunFolder, at: int | None, picked: Pick | None) -> None:
    matches_gradients = isinstance(run.config, GradientMatchingConfig)
    drawn = (_MATCHING if matches_gradients else _SCENE) in st.session_state  # before, and still on the page
    iteration = _held_iteration(run, drawn) if at is None else at
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width=CHOICES_WIDTH):
        st.markdown(f"**Iteration {grouped(iteration)} → {grouped(iteration + 1)}**", width="content")
        name = _choose_set(run, picked)
        outer = choose_matching_step(run) if matches_gradients else 0
        label = _choose_class(run, picked)
        if at is None and _has_newer(run, iteration):
            st.button("Newest iteration", key="watch_step_newest", on_click=_let_go)
        line = st.empty()
    above = st.empty()
    below = BELOW_PRESENTING if presenting() else BELOW
    if matches_gradients:
        of_classes = _answer(matching_question(run, iteration, outer), drawn, line, above)
        if of_classes is not None:
            if iteration >= run.iteration() and run.status() not in (Status.RUNNING, Status.PAUSED):
                _say_that_it_comes_next(above, iteration)
            show_matching_step(_MATCHING, of_classes[label], run, label, remote=presenting(), below=below)
        return
    scenes = _answer(update_question(run, iteration, label), drawn, line, above)
    if scenes is None:
        return
    scene, config = scenes[name], run.config
    assert isinstance(config, CondenseConfig), "another run was refused above"
    if scene.recorded is None:
        _say_that_it_comes_next(above, iteration)
    show_pull(
        _SCENE,
        pull_of([scene], config, [run.class_names[label]], 0, detailed=True),
        st.session_state.get(_STATE, PullState(phase=1)),
        lambda state: st.session_state.update({_STATE: state}),
        remote=presenting(),
        below=below,
    )


def _answer(
    question: Question[Value], drawn: bool, line: DeltaGenerator, above: DeltaGenerator
) -> Value | None:
    """The answer once it is there; None where it failed, which is said.

    Args:
        question: what to compute.
        drawn: whether a scene is on the page, which stays meanwhile.
        line: where it is said then that something is waited for.
        above: where it is said else, and why it failed.
    """
    answers = get_page_answers()
    look = answers.ask(question, PATIENCE_SECONDS)
    if look.pending and not drawn:
        with above, loading("watch_step", "Recomputing this iteration …", FIGURE_HEIGHT):
            look = _awaited(question, line)
    elif look.pending:
        look = _awaited(question, line)
    line.empty()
    if look.failure is not None:
        with above:
            show_failure("watch_step_trouble", look.failure.sentence)
    return look.value


def _awaited(question: Question[Value], line: DeltaGenerator) -> Look[Value]:
    """The answer, with how far it is in `line`, at which a click elsewhere ends the waiting."""
    answers = get_page_answers()
    look = answers.ask(question, PATIENCE_SECONDS)
    while look.pending:
        done = 0.0 if look.progress is None else look.progress.done
        line.caption(f"recomputing … {100 * done:.0f} %" if done else "recomputing …")
        look = answers.look(question)  # a failure that has just come is told, not asked again
        if look.pending:
            look = answers.ask(question, PATIENCE_SECONDS)
    return look


def _say_that_it_comes_next(above: DeltaGenerator, iteration: int) -> None:
    """Say that the run has not made this update yet."""
    above.caption(
        f"The run stands at iteration {grouped(iteration)}: this is the update that comes next if it goes on."
    )


def _held_iteration(run: RunFolder, drawn: bool) -> int:
    """The newest stored iteration when the scene was opened, or since that was asked for."""
    held, stored = st.session_state.get(_HELD), run.snapshots()
    iteration = held[1] if drawn and held and held[0] == run.id and held[1] in stored else stored[-1]
    st.session_state[_HELD] = run.id, iteration
    return iteration


def _let_go() -> None:
    """Show the newest iteration."""
    st.session_state.pop(_HELD, None)


def _has_newer(run: RunFolder, iteration: int) -> bool:
    """Whether there is a later iteration, or is to be in a moment."""
    return run.snapshots()[-1] > iteration or run.status() in (Status.RUNNING, Status.PAUSED)


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
