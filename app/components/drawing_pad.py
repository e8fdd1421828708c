"""Drawing pad for mouse, finger, pen or keys; after each stroke the drawing is sent to Python.

What the browser reports is validated here: anything but a drawing of the right size counts as none.
"""

import base64
import binascii

import numpy as np
import streamlit as st

from app.components.scripts import declare_component
from dmcore.data.drawing import Framing, Grey

DRAWING_SIDE = 56
"""Rows and columns of a drawing."""
_PAD = declare_component("dm_drawing_pad", __file__, ("packed_frame", "drawing_pad"))


def show_drawing_pad(key: str, framing: Framing, label: str) -> Grey | None:
    """Draw the pad and return the drawing on it, ink uint8 [row, column]; None before there is one.

    The session stores the drawing, so that it is still there when the pad has been off the page.

    Args:
        key: widget key.
        framing: how wide the real images' lines are, and whether they are dark on light.
        label: what the pad is for, for readers who do not see it.
    """
    state, stored = st.session_state, f"{key}_stored"

    def store() -> None:
        state[stored] = state[key].get("drawing")

    _PAD(
        key=key,
        data={
            "side": DRAWING_SIDE,
            "brush": framing.brush,
            "darkOnLight": framing.dark_on_light,
            "label": label,
            "drawing": state.get(stored) if read_drawing(state.get(stored)) is not None else "",
        },
        on_drawing_change=store,
    )
    return read_drawing(state.get(stored))


def read_drawing(value: object) -> Grey | None:
    """Parse what the browser reported; None where that is not a drawing."""
    count = DRAWING_SIDE**2
    if not isinstance(value, str) or len(value) != 4 * -(-count // 3):
        return None
    try:
        ink = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
    return np.frombuffer(ink, np.uint8).reshape(DRAWING_SIDE, DRAWING_SIDE) if len(ink) == count else None
