"""Drawing pad for mouse, finger, pen or keys; after each stroke the drawing is sent to Python.

What the browser reports is validated here: anything but a drawing of the right size counts as none.
"""

import base64
import binascii
from pathlib import Path

import numpy as np
import streamlit as st

from app.components.drawing import DRAWING_SIDE, Framing, Grey

_HTML = """
<div class="pad">
<div class="sheet"><canvas tabindex="0" role="application" aria-roledescription="drawing pad"
aria-describedby="dm-pad-hint"></canvas><span class="brush" hidden></span></div>
<button type="button">Clear</button>
<p id="dm-pad-hint">Draw with mouse, finger or pen. Keyboard: the arrow keys move the brush, space puts it
down and lifts it.</p>
<p role="status"></p>
</div>
"""
_CSS = """
.pad { font-family: var(--st-font); color: var(--st-text-color); font-size: 0.9rem; line-height: 1.4;
       max-width: 280px; }
.sheet { position: relative; overflow: hidden; border-radius: 4px;
         box-shadow: 0 0 0 1px var(--st-border-color); }
canvas { display: block; width: 100%; aspect-ratio: 1; background: black; border-radius: 4px;
         cursor: crosshair; touch-action: none; }
.dark-on-light canvas { filter: invert(1); }
.sheet:has(:focus-visible) { outline: 3px solid var(--st-primary-color); outline-offset: 3px; }
canvas:focus { outline: none; }
.brush { position: absolute; box-sizing: border-box; border-radius: 50%; transform: translate(-50%, -50%);
         pointer-events: none; border: 2px solid var(--st-primary-color); outline: 1px solid white; }
.brush.down { background: var(--st-primary-color); }
[hidden] { display: none; }
button { margin: 10px 0 0; padding: 0.4rem 0.9rem; min-height: 2.5rem; font: inherit; font-size: 1rem;
         cursor: pointer;
         color: var(--st-text-color); background: var(--st-background-color);
         border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius, 0.5rem); }
button:hover { border-color: var(--st-primary-color); }
button:focus-visible { outline: 3px solid var(--st-primary-color); outline-offset: 2px; }
p { margin: 8px 0 0; }
p[role="status"] { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
"""
_PAD = st.components.v2.component(
    "dm_drawing_pad", html=_HTML, css=_CSS, js=Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
)


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
