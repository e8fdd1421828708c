"""Planes beside each other: one cloud, the same stars, and one, four, sixteen or ever new random networks.

Everything is computed and drawn in the browser; the script is told what a reader has chosen, for the address.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

import streamlit as st

from app.components.plane.state import PlaneState
from app.components.scripts import declare_component

_PARTS = (
    *("../random_numbers", "../reported_state", "../keyboard", "../room", "physics", "drawing", "editing"),
    *("controls", "clock", "mount"),
)
_PLANES = declare_component("dm_planes", __file__, _PARTS)


def show_planes(
    key: str,
    state: PlaneState,
    on_change: Callable[[PlaneState], None],
    *,
    revealed: bool,
    guessed: Sequence[str] = (),
) -> None:
    """Draw the planes.

    Args:
        key: widget key.
        state: what they show.
        on_change: called, as a Streamlit callback, with what the reader has chosen.
        revealed: whether it is shown how it ends; else the first steps only.
        guessed: the planes, by their networks, that a prediction named.
    """

    def report() -> None:
        reported = st.session_state[key].get("state")
        if isinstance(reported, Mapping):
            on_change(PlaneState.of_report(reported))

    _PLANES(
        key=key,
        data=asdict(state) | {"revealed": revealed, "guessed": list(guessed)},
        on_state_change=report,
    )
