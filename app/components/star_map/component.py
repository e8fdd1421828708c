"""Star map, the paper's figure 3: scatter plot of real images as a still cloud, of synthetic ones as stars.

One to four linked panels show one map. It has a canvas of its own instead of plotly, because there 100 stars
glide over 2,000 still points at no cost: the points are drawn once into a bitmap, and a frame only copies it
and the stars. Names reach the page as text. The values drawn are in app/components/star_map/values.py.
"""

from collections.abc import Callable
from functools import partial

from app.components.packed_frame import Pick, report_pick
from app.components.scripts import declare_component
from app.components.star_map.values import FeatureMap

_PARTS = (
    *("../packed_frame", "../newest_state", "geometry", "legend", "stars", "drawing"),
    *("hit_testing", "tooltip"),
    *("panel", "projection", "live_updates", "mount"),
)
_MAP = declare_component("dm_feature_map", __file__, _PARTS)


def show_feature_map(key: str, shown: FeatureMap, on_pick: Callable[[Pick], None] | None = None) -> None:
    """Draw the map, or update an already drawn one in place.

    Args:
        key: widget key; identifies the map over updates and reruns.
        shown: what to draw.
        on_pick: called, as a Streamlit callback, when a star is clicked or chosen with Enter; left open,
            nothing can be picked.
    """
    data = shown.packed(on_pick is not None)
    _MAP(key=key, data=data, on_pick_change=partial(report_pick, key, shown.panels, on_pick))
