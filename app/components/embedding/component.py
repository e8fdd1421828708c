"""An image goes through a random network, block by block, and becomes a point; its class a cloud with a mean.

Everything is computed and drawn in the browser; the script is told what a reader has chosen, for the address.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from app.components.embedding.state import EmbeddingState
from app.components.packed_frame import pack_frame
from app.components.random_network.sheet import image_sheet
from app.components.scripts import declare_component

_PARTS = (
    *(
        "../packed_frame",
        "../random_numbers",
        "../reported_state",
        "../keyboard",
        "../room",
        "../random_network/convnet",
        "../random_network/pictures",
    ),
    *("clouds", "beats", "drawing", "pixel_editing", "controls", "mount"),
)
_EMBEDDING = declare_component("dm_embedding", __file__, _PARTS)


def show_embedding(
    key: str, state: EmbeddingState, on_change: Callable[[EmbeddingState], None], *, revealed: bool
) -> None:
    """Draw the image, the network, the features, and the classes as points.

    Args:
        key: widget key.
        state: what is shown.
        on_change: called, as a Streamlit callback, with what the reader has chosen.
        revealed: whether the other class and the measured shares are shown; else the image's own class only.
    """

    def report() -> None:
        reported = st.session_state[key].get("state")
        if isinstance(reported, Mapping):
            on_change(EmbeddingState.of_report(reported))

    _EMBEDDING(
        key=key,
        data=pack_frame({"sheet": image_sheet(), "state": state, "revealed": revealed}),
        on_state_change=report,
    )
