"""How a person looks at a run: which layer, which moment, which of many images, which one opened.

All of it stands in the address, so that a link shows the same, and in the session, so that leaving the page
loses nothing. Must not import torch.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st
from streamlit.errors import StreamlitAPIException

from app.components.image_grid import Pick

IMAGES, MOMENTUM = "images", "momentum"
CHANGES = {"change ×4": 4, "change ×16": 16, "change ×64": 64}
"""Layers that amplify the change since the start, and by how much."""
LAYERS = (IMAGES, *CHANGES, MOMENTUM)
KEPT = ("at", "first", "image")
"""Parts without a field of their own on the page: kept in the session, and written to the address."""


@dataclass(frozen=True)
class Look:
    """What the stage shows of a run."""

    layer: str = IMAGES
    """One of `LAYERS`."""
    at: int | None = None
    """Iteration looked back at; None: the newest moment."""
    first: int = 0
    """Position in its class of the first image shown, where there are more than the stage holds."""

    @classmethod
    def of_query(cls, asked: Mapping[str, str]) -> "Look":
        """What an address asks for; what it says wrong is left at its usual value."""
        layer = asked.get("layer", IMAGES)
        return cls(
            layer if layer in LAYERS else IMAGES,
            _whole(asked.get("at")),
            _whole(asked.get("first")) or 0,
        )

    def as_query(self) -> dict[str, object]:
        """The same for an address; what is usual is left out."""
        usual = Look()
        values = {"layer": self.layer, "at": self.at, "first": self.first}
        return {name: value for name, value in values.items() if value != getattr(usual, name)}


def current_look() -> Look:
    """What this session's stage shows: of the session, at its beginning of the address."""
    state = st.session_state
    asked = {name: str(value) for name in KEPT if (value := recall(name)) is not None}
    asked["layer"] = str(state.get("layer") or st.query_params.get("layer", IMAGES))
    return Look.of_query(asked)


def recall(name: str) -> object:
    """One of the `KEPT` parts; the session's own wins over the address, which only begins it."""
    state = st.session_state
    if f"look_{name}" not in state:
        state[f"look_{name}"] = st.query_params.get(name)
    remember(name, state[f"look_{name}"])  # the address loses it when the page is left
    return state[f"look_{name}"]


def remember(name: str, value: object) -> None:
    """Change one of the `KEPT` parts, in the address too; None takes it back."""
    st.session_state[f"look_{name}"] = value
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != str(value):
        st.query_params[name] = str(value)


def forget_look() -> None:
    """Look at the newest moment of the first images, and at the loss: another run comes on screen."""
    for name in KEPT:
        remember(name, None)
    st.session_state.pop("beside", None)
    with suppress(StreamlitAPIException):  # where its control is on the page, that alone may change it
        st.query_params.pop("beside", None)


def opened_image() -> Pick | None:
    """The image that the inspector shows, as the session or the address names it: LANE.CLASS.IMAGE."""
    lane, *numbers = str(recall("image") or "").rsplit(".", 2)
    label, image = (_whole(one) for one in numbers) if len(numbers) == 2 else (None, None)
    return None if label is None or image is None else Pick(lane, label, image)


def open_image(pick: Pick | None) -> None:
    """Open an image in the inspector, or close it."""
    remember("image", None if pick is None else f"{pick.lane}.{pick.label}.{pick.image}")


def layer_control() -> None:
    """Choose what the stage shows."""
    st.segmented_control(
        "Layer of the images",
        LAYERS,
        default=IMAGES,
        required=True,
        key="layer",
        label_visibility="collapsed",
        wrap=True,
        bind="query-params",
        help="Change ×k shows start + k · (now − start): what was learned, amplified k times. "
        "Momentum shows where the images are moving: brighter than grey grows brighter.",
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 12 else None
