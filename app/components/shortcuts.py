"""Keyboard shortcuts of the whole page: a teacher at a projector presses a key instead of finding a button.

They are ignored while somebody types, and where a key already means something, such as on a button.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from app.components.scripts import declare_component

_KEYS = declare_component("dm_keys", __file__, ("keyboard", "shortcuts"))


def listen_for_shortcuts(key: str, actions: Mapping[str, Callable[[], object]]) -> None:
    """Listen for keyboard shortcuts while the page is drawn with this.

    Args:
        key: widget key.
        actions: what each key does, by the name browsers give it (`s`, ` `); called as Streamlit callbacks.
    """

    def report() -> None:
        pressed = st.session_state[key].get("pressed")
        action = actions.get(str(pressed.get("key"))) if isinstance(pressed, Mapping) else None
        if action is not None:
            action()

    _KEYS(key=key, data={"keys": list(actions)}, on_pressed_change=report)
