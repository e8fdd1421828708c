"""Presenter mode: large type, no controls, the stage over the full width, and keys instead of buttons."""

from collections.abc import Callable

import streamlit as st

from app.components.shortcuts import listen_for_shortcuts
from app.components.styles import page_style
from app.jobs.manager import JobManager
from app.run.view_state import LAYERS
from app.views.watch.side_panel import PANELS
from dmcore.config.formatting import capitalised

SHORTCUTS_SENTENCE = (
    "keys: S start, space pause and go on, N next iteration, L layer, C next chart, P presenter on and off."
)


def presenting() -> bool:
    """Whether presenter mode is on: by the switch, else by the address."""
    switched = st.session_state.get("presenter")
    return st.query_params.get("presenter") == "true" if switched is None else bool(switched)


def presenter_switch() -> None:
    """Switch of presenter mode; drawn while presenting too, so that the key finds it."""
    st.toggle(
        "Presenter",
        key="presenter",
        bind="query-params",
        help=f"Large type and nothing but the images, for a projector. There: {SHORTCUTS_SENTENCE}",
    )


def show_presenter_frame() -> None:
    """While presenting: style of the page, and the button that ends it, in the corner."""
    if not presenting():
        return
    st.html(page_style("presenter"))

    def leave() -> None:
        st.session_state["presenter"] = False

    st.button("Leave (P)", key="watch_presenter_leave", on_click=leave)


def show_presenter_keys() -> None:
    """While presenting: what each key does."""
    if presenting():
        st.caption(capitalised(SHORTCUTS_SENTENCE))


def listen_for_presenter_keys(manager: JobManager, start: Callable[[], object] | None) -> None:
    """Keyboard shortcuts: start, pause, one iteration, layer, side panel and presenter mode.

    Args:
        manager: of the job that is paused and stepped.
        start: starts the set-up on the page; None where it cannot be started.
    """
    state = st.session_state

    def pause_or_resume() -> None:
        job = manager.current
        if job is None or not job.active:
            return
        if job.held:
            job.throttle.unpause()
        else:
            job.throttle.pause()

    def step() -> None:
        manager.throttle.pause()
        manager.throttle.step()

    def next_layer() -> None:
        layer = state.get("layer") or LAYERS[0]
        state["layer"] = LAYERS[(LAYERS.index(layer) + 1) % len(LAYERS)]

    def next_panel() -> None:
        panel = state.get("beside") or PANELS[0]
        state["beside"] = PANELS[(PANELS.index(panel) + 1) % len(PANELS)]

    def toggle_presenter() -> None:
        state["presenter"] = not presenting()

    actions: dict[str, Callable[[], object]] = {"p": toggle_presenter}
    if presenting():  # otherwise keys keep their usual meaning
        actions |= {" ": pause_or_resume, "n": step, "l": next_layer, "c": next_panel}
    if start is not None and presenting():
        actions["s"] = start
    listen_for_shortcuts("watch_presenter_keys", actions)
