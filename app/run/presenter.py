"""Presenter mode, the same on every page: large type, no controls, and keys instead of buttons.

The session keeps whether it is on, and the address says so. No widget does: the state of a widget ends with
the page that drew it, and a page that is still loading draws none.
"""

from functools import partial

import streamlit as st

from app.components.query_params import write_param
from app.components.shortcuts import listen_for_shortcuts
from app.components.styles import page_style
from app.jobs.manager import JobManager
from app.text.status import Status

_ON, _SWITCH, PARAMETER = "app_presenting", "app_presenter", "presenter"
SHORTCUTS_SENTENCE = (
    "keys: S start, space pause and go on, N next iteration, L layer, C next chart, F images over the whole "
    "width, P presenter on and off. "
    "Page down and page up, as of a remote: next and previous chapter, or part of a step."
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


def show_presenter_frame(manager: JobManager) -> None:
    """The key that turns it on and off; while presenting, the page's style, Pause and Leave in the corner."""
    on = presenting()
    present(on)  # a link to another page has lost it
    listen_for_shortcuts("app_presenter_key", {"p": partial(present, not on)})
    if not on:
        return
    st.html(page_style("presenter"))
    with st.container(key="app_presenter_frame", horizontal=True, gap="small"):
        job = manager.active
        if job is not None and job.state is not Status.STOPPING:
            label, act = ("Go on", job.throttle.unpause) if job.held else ("Pause run", job.throttle.pause)
            st.button(label, key="app_presenter_pause", on_click=act)
        st.button("Leave (P)", key="app_presenter_leave", on_click=present, args=(False,))
