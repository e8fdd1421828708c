"""View state of a run on a page: layer, iteration, first image shown, and the image in the inspector.

It is stored in the URL, so that a link shows the same, and in the session, so that leaving the page loses
nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from app.components.image_grid import Pick
from app.components.query_params import set_bound_widget, write_param

IMAGES, MOMENTUM = "images", "momentum"
CHANGES = {"change ×1": 1, "change ×4": 4, "change ×16": 16, "change ×64": 64}
"""Layers that amplify the change since the start, and by how much."""
LAYERS = (IMAGES, *CHANGES, MOMENTUM)
LOSS = "loss"
"""Side panel of the Watch page (`beside`) that a run comes on screen with."""
SESSION_PARTS = ("at", "first", "first_class", "image")
"""Parts without a widget of their own on the page: stored in the session, and written to the URL."""


@dataclass(frozen=True)
class ViewState:
    """Layer, iteration and images that the stage shows of a run."""

    layer: str = IMAGES
    """One of `LAYERS`."""
    at: int | None = None
    """Past iteration on screen; None: the newest."""
    first: int = 0
    """Position in its class of the first image shown, where there are more than the stage holds."""

    @classmethod
    def of_query(cls, query: Mapping[str, str]) -> "ViewState":
        """Parse URL query parameters; invalid ones get their default."""
        layer = query.get("layer", IMAGES)
        return cls(
            layer if layer in LAYERS else IMAGES,
            _whole_number(query.get("at")),
            _whole_number(query.get("first")) or 0,
        )

    def as_query(self) -> dict[str, object]:
        """URL query parameters; defaults are left out."""
        default = ViewState()
        values = {"layer": self.layer, "at": self.at, "first": self.first}
        return {name: value for name, value in values.items() if value != getattr(default, name)}


def current_view_state() -> ViewState:
    """View state of this session; at its beginning, of the URL."""
    state = st.session_state
    query = {name: str(value) for name in SESSION_PARTS if (value := recall(name)) is not None}
    query["layer"] = str(state.get("layer") or st.query_params.get("layer", IMAGES))
    return ViewState.of_query(query)


def recall(name: str) -> object:
    """One of the `SESSION_PARTS` parts; the session's own wins over the address, which only begins it."""
    state = st.session_state
    if f"look_{name}" not in state:
        state[f"look_{name}"] = st.query_params.get(name)
    remember(name, state[f"look_{name}"])  # the URL loses it when the page is left
    return state[f"look_{name}"]


def remember(name: str, value: object) -> None:
    """Change one of the `SESSION_PARTS` parts, in the address too; None takes it back."""
    st.session_state[f"look_{name}"] = value
    write_param(name, value)


def reset_view_state() -> None:
    """Reset to the newest iteration, the images themselves and the loss, for another run on screen."""
    for name in SESSION_PARTS:
        remember(name, None)
    set_bound_widget("beside", LOSS)
    set_bound_widget("layer", IMAGES)


def first_class() -> int:
    """Position of a class on the page of classes that is shown; without one, that of the opened image."""
    turned_to, pick = recall("first_class"), opened_image()
    if turned_to is None and pick is not None:
        return pick.label
    return _whole_number(str(turned_to)) or 0


def opened_image() -> Pick | None:
    """The image in the inspector, as the session or the URL names it: SET.CLASS.IMAGE."""
    lane, *numbers = str(recall("image") or "").rsplit(".", 2)
    label, image = map(_whole_number, numbers) if len(numbers) == 2 else (None, None)
    return None if label is None or image is None else Pick(lane, label, image)


def open_image(pick: Pick | None) -> None:
    """Open an image in the inspector, or close it."""
    remember("image", None if pick is None else f"{pick.lane}.{pick.label}.{pick.image}")


def layer_control() -> None:
    """Draw the control that chooses the stage's layer."""
    st.segmented_control(
        "Layer of the images",
        LAYERS,
        default=IMAGES,
        required=True,
        key="layer",
        label_visibility="collapsed",
        wrap=True,
        bind="query-params",
        help="Change ×k shows k · (now − start): what was learned, amplified k times. "
        "Momentum shows where the images are moving. Blue is darker, orange lighter.",
    )


def _whole_number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() and len(text) < 12 else None
