"""Star map, the paper's figure 3: scatter plot of real images as a still cloud, of synthetic ones as stars.

One to four linked panels show one map. It has a canvas of its own instead of plotly, because there 100 stars
glide over 2,000 still points at no cost: the points are drawn once into a bitmap, and a frame only copies it
and the stars. Names reach the page as text. The values drawn are in app/components/star_map/values.py.
"""

from collections.abc import Callable

import streamlit as st

from app.components.scripts import declare_component
from app.components.star_map.values import FeatureMap, StarPick, read_pick

_PARTS = (
    *("../packed_frame", "../newest_state", "geometry", "legend", "stars", "drawing"),
    *("hit_testing", "tooltip"),
    *("panel", "projection", "live_updates", "mount"),
)
_MAP = declare_component("dm_feature_map", __file__, _PARTS)


def show_feature_map(key: str, shown: FeatureMap, on_pick: Callable[[StarPick], None] | None = None) -> None:
    """Draw the map, or update an already drawn one in place.

    Args:
        key: widget key; identifies the map over updates and reruns.
        shown: what to draw.
        on_pick: called, as a Streamlit callback, when a star is clicked or chosen with Enter; left open,
            nothing can be picked.
    """

    def report() -> None:
        pick = read_pick(st.session_state[key].get("pick"), shown.panels)
        if pick is not None and on_pick is not None:
            on_pick(pick)

    _MAP(key=key, data=shown.packed(on_pick is not None), on_pick_change=report)
