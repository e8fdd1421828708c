"""The same images on both sides, augmented alike or each side for itself, and how far their means lie apart.

Everything is computed and drawn in the browser; the script is told what a reader has chosen, for the address.
"""

from collections.abc import Callable, Mapping

import streamlit as st

from app.components.augmentation.state import AugmentationState
from app.components.packed_frame import pack_frame
from app.components.random_network.sheet import image_sheet
from app.components.scripts import declare_component

_PARTS = (
    *("../packed_frame", "../random_numbers", "../reported_state", "../keyboard", "../room"),
    *("../random_network/convnet", "../random_network/pictures"),
    *("operations", "trials", "drawing", "clock", "controls", "mount"),
)
_AUGMENTATION = declare_component("dm_augmentation", __file__, _PARTS)


def show_augmentation(
    key: str, state: AugmentationState, on_change: Callable[[AugmentationState], None], *, revealed: bool
) -> None:
    """Draw the operations, both ways of augmenting, and the distances of the means over many draws.

    Args:
        key: widget key.
        state: what is shown.
        on_change: called, as a Streamlit callback, with what the reader has chosen.
        revealed: whether the distances are shown; else the images alone.
    """

    def report() -> None:
        reported = st.session_state[key].get("state")
        if isinstance(reported, Mapping):
            on_change(AugmentationState.of_report(reported))

    _AUGMENTATION(
        key=key,
        data=pack_frame({"sheet": image_sheet(), "state": state, "revealed": revealed}),
        on_state_change=report,
    )
