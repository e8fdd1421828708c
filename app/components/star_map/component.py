"""Star map, the paper's figure 3: scatter plot of real images as a still cloud, of synthetic ones as stars.

One to four linked panels show one map. It has a canvas of its own instead of plotly, because there 100 stars
glide over 2,000 still points at no cost: the points are drawn once into a bitmap, and a frame only copies it
and the stars. Names reach the page as text. The values drawn are in app/components/star_map/values.py.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from app.components.scripts import join_scripts
from app.components.star_map.values import FeatureMap, StarPick, read_pick
from app.components.styles import component_css

_HTML = """
<div class="map">
<div class="bar"><div class="shapes"></div><div class="zoom" role="group" aria-label="Zoom">
<button type="button" data-by="1.6" aria-label="Zoom in" title="Zoom in">+</button>
<button type="button" data-by="0.625" aria-label="Zoom out" title="Zoom out">−</button>
<button type="button" data-by="0">Whole map</button>
</div></div>
<div class="classes" role="group" aria-label="Classes shown"></div>
<div class="panels"></div>
<div class="caption"></div>
<p role="status"></p>
<div class="tip" popover="manual"><canvas></canvas><div></div></div>
</div>
"""
_PARTS = (
    *("../packed_frame", "../newest_state", "geometry", "legend", "stars", "drawing"),
    *("hit_testing", "tooltip"),
    *("panel", "projection", "live_updates", "mount"),
)
_SCRIPT = join_scripts(Path(__file__).parent, _PARTS)
_MAP = st.components.v2.component("dm_feature_map", html=_HTML, css=component_css(__file__), js=_SCRIPT)


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
