"""Keyboard shortcuts of the whole page: a teacher at a projector presses a key instead of finding a button.

They are ignored while somebody types, and where a key already means something, such as on a button.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from app.components.scripts import declare_component

_KEYS = declare_component("dm_keys", __file__, ("keyboard", "shortcuts"))


def listen_for_shortcuts(
    key: str,
    actions: Mapping[str, Callable[[], object]],
    *,
    scrolls: bool = False,
) -> None:
    """Listen for keyboard shortcuts while the page is drawn with this.

    Args:
        key: widget key.
        actions: what each key does, by the name browsers give it (`s`, ` `); called as Streamlit callbacks.
        scrolls: whether Page Down and Page Up show the rest of the page first, and act at its end.
    """

    def report() -> None:
        pressed = st.session_state[key].get("pressed")
        action = actions.get(str(pressed.get("key"))) if isinstance(pressed, Mapping) else None
        if action is not None:
            action()

    data = {"keys": list(actions), "scrolls": scrolls}
    _KEYS(key=key, data=data, on_pressed_change=report)
