"""Presenter mode on the Watch page: what its keys do there, and the sentence that names them."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from app.components.page_links import WATCH_PAGE
from app.components.shortcuts import listen_for_shortcuts
from app.jobs.manager import JobManager
from app.run.presenter import SHORTCUTS_SENTENCE, page_turns, presenting
from app.run.view_state import LAYERS, LOSS, opened_image
from app.views.watch.side_panel import IMAGE, PANELS
from dmcore.config.formatting import capitalised

_IMAGES_ONLY = "watch_images_only"
_FILLED = [panel for panel in PANELS if panel != IMAGE]
"""Panels that show something also where no image is picked."""


def images_only(sets: int) -> bool:
    """Whether, while presenting, the images have the whole width, and no chart stands beside them.

    At first those of several sets have it, unless a panel was chosen: they are many, and small beside one.
    """
    panel = st.session_state.get("beside") or st.query_params.get("beside")
    return presenting() and bool(st.session_state.get(_IMAGES_ONLY, sets > 1 and panel in (None, LOSS)))


def show_presenter_keys() -> None:
    """While presenting: what each key does."""
    if presenting():
        st.caption(capitalised(SHORTCUTS_SENTENCE))


def listen_for_presenter_keys(manager: JobManager, start: Callable[[], object] | None, *, sets: int) -> None:
    """Listen, while presenting, for start, pause, one iteration, layer and side panel; else for nothing.

    Args:
        manager: of the job that is paused and stepped.
        start: starts the set-up on the page; None where it cannot be started.
        sets: of the run on the page; without a run, 0, only start and pause have a key.
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
        _open_panel(PANELS[(PANELS.index(_panel()) + 1) % len(PANELS)])

    def fill_width() -> None:
        state[_IMAGES_ONLY] = not images_only(sets)

    if not presenting():  # keys keep their usual meaning, and the next presentation begins anew
        state.pop(_IMAGES_ONLY, None)
        return
    actions: dict[str, Callable[[], object]] = {}
    if sets:
        actions |= {"n": step, "l": next_layer, "c": next_panel, "f": fill_width}
    if sets or manager.busy:
        actions[" "] = pause_or_resume
    if start is not None:
        actions["s"] = start
    listen_for_shortcuts("watch_presenter_keys", actions)


def listen_for_page_keys(*, sets: int) -> None:
    """Listen, while presenting, for the page keys of a remote: the chart before and after, then another page.

    The parts of a step are gone through before the page turns.

    Args:
        sets: of the run on the page; without a run, 0, there are no charts.
    """
    if not presenting():
        return
    actions: dict[str, Callable[[], object]] = {**page_turns(WATCH_PAGE.stem)}
    if sets and images_only(sets):
        actions["PageDown"] = partial(_open_panel, _panel())
    elif sets:
        panels = [each for each in PANELS if each in (_panel(), *_FILLED) or opened_image()]
        at = panels.index(_panel())
        if at + 1 < len(panels):
            actions["PageDown"] = partial(_open_panel, panels[at + 1])
        if at:
            actions["PageUp"] = partial(_open_panel, panels[at - 1])
    listen_for_shortcuts("watch_page_keys", actions)


def _panel() -> str:
    """The panel that is chosen."""
    return st.session_state.get("beside") or PANELS[0]


def _open_panel(panel: str) -> None:
    st.session_state["beside"] = panel
    st.session_state[_IMAGES_ONLY] = False
