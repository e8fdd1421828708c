"""Presenter mode, the same on every page: large type, no controls, and keys instead of buttons.

The session keeps whether it is on, and the address says so. No widget does: the state of a widget ends with
the page that drew it, and a page that is still loading draws none.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.components.page_links import (
    ACCURACY_PAGE,
    ARCHITECTURES_PAGE,
    COMPARE_PAGE,
    DISTRIBUTION_PAGE,
    FEATURE_PAGE,
    HOW_IT_WORKS_PAGE,
    PAPER_PAGE,
    RACE_PAGE,
    RUNS_PAGE,
    START_PAGE,
    WATCH_PAGE,
    open_page,
)
from app.components.query_params import write_param
from app.components.shortcuts import listen_for_shortcuts
from app.components.styles import page_style
from app.jobs.job import Job
from app.jobs.manager import JobManager
from app.text.status import Status

_ON, _SWITCH, _TURN, PARAMETER = "app_presenting", "app_presenter", "app_presenter_turn", "presenter"
TOUR = (
    *(START_PAGE, HOW_IT_WORKS_PAGE, WATCH_PAGE, PAPER_PAGE, FEATURE_PAGE, ACCURACY_PAGE),
    *(ARCHITECTURES_PAGE, DISTRIBUTION_PAGE, RACE_PAGE, COMPARE_PAGE, RUNS_PAGE),
)
"""Pages in the order that the page keys of a remote lead through them."""
_WITH_PAGE_KEYS = {HOW_IT_WORKS_PAGE.stem, WATCH_PAGE.stem}
"""Pages that take the page keys themselves, and turn only at their ends."""
SHORTCUTS_SENTENCE = (
    "keys: S start, space pause and go on, N next iteration, L layer, C next chart, F images over the whole "
    "width, P presenter on and off. "
    "Page down and page up, as of a remote: next and previous part of a step, chart, chapter or page."
)


def presenting() -> bool:
    """Whether presenter mode is on; at the beginning of a session, by the address."""
    on: bool = st.session_state.setdefault(_ON, st.query_params.get(PARAMETER) == "true")
    return on


def present(on: bool) -> None:
    """Turn presenter mode on or off; the address says so."""
    st.session_state[_ON] = on
    write_param(PARAMETER, "true" if on else None)


def presenter_switch() -> None:
    """Switch of presenter mode, among the controls that it hides."""
    st.session_state[_SWITCH] = presenting()
    st.toggle(
        "Presenter",
        key=_SWITCH,
        on_change=lambda: present(bool(st.session_state[_SWITCH])),
        help=f"Large type and nothing but the images, for a projector. There: {SHORTCUTS_SENTENCE}",
    )


def page_turns(name: str) -> dict[str, Callable[[], None]]:
    """What the page keys of a remote do at the end and the beginning of a page: they lead to its neighbours.

    Args:
        name: of a page of `TOUR`, as its script is called.
    """
    names = [page.stem for page in TOUR]
    at = names.index(name)

    def turn(to: int) -> None:
        st.session_state[_TURN] = to % len(TOUR)

    turns: dict[str, Callable[[], None]] = {"PageDown": partial(turn, at + 1)}
    if at:
        turns["PageUp"] = partial(turn, at - 1)
    return turns


def _take_turn(name: str) -> None:
    """Open the page that a key has asked for; the wish stays until that page has come."""
    to = st.session_state.get(_TURN)
    if to is not None and TOUR[to].stem != name:
        open_page(TOUR[to])
    st.session_state.pop(_TURN, None)


def show_presenter_frame(manager: JobManager, name: str) -> None:
    """Draw what is on every page for a presenter: keys, and while presenting the style and corner buttons.

    Args:
        manager: of the job that can be paused.
        name: of the page on screen, as its script is called.
    """
    _take_turn(name)
    on = presenting()
    present(on)  # a link to another page has lost it
    keys: dict[str, Callable[[], None]] = {"p": partial(present, not on)}
    if on and name not in _WITH_PAGE_KEYS:
        keys |= page_turns(name)
    listen_for_shortcuts("app_presenter_key", keys, scrolls=True)
    if not on:
        return
    st.html(page_style("presenter"))
    with st.container(key="app_presenter_frame", horizontal=True, gap="small"):
        job = manager.active
        if job is not None and job.state is not Status.STOPPING:
            label, act = ("Go on", job.throttle.unpause) if job.held else ("Pause run", job.throttle.pause)
            if job.held and name == WATCH_PAGE.stem and _condenses(job):
                st.button("One iteration", key="app_presenter_step", on_click=job.throttle.step)
            st.button(label, key="app_presenter_pause", on_click=act)
        st.button("Leave (P)", key="app_presenter_leave", on_click=present, args=(False,))


def _condenses(job: Job) -> bool:
    """Whether a job is at an iteration of a condensation: its final test has none."""
    testing = job.snapshot is not None and job.snapshot.evaluation is not None
    return job.work.kind == "condense" and not testing
